import CobreBase
import CobreCase
import CobreEngine

extension NovomodeloSmallCase {
  static let cascade: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("N21 cascade", 6_231_900, .cascade),
    NovomodeloSmallCase("N22 late plant", 6_834_540, .cascade) {
      $0.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
    },
    NovomodeloSmallCase("N23 plant that leaves", 6_834_540, .cascade) {
      $0.set("system/hydros.json", "hydros[0].exit_stage_id", 2)
    },
    // N22 with 40 of 70 hm³ in the reservoir, and with the 12 m³/s of the late plant in the inflow of the next one.
    NovomodeloSmallCase("storage of a late plant, in a constraint", 6_834_540 + 250 * (70 - 40), .cascade) {
      $0.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
      addFloor(&$0, of: "hydro_storage(7)", at: 70, price: 250, basis: "per_unit")
    },
    NovomodeloSmallCase("inflow past a late plant, in a constraint", 6_834_540 + 0.2 * 744 * (170 - 8 - 12), .cascade) {
      $0.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
      addFloor(&$0, of: "hydro_inflow(9)", at: 170, price: 0.2, basis: "per_hour")
    },
    NovomodeloSmallCase("N24 filling", 13_170_820, .cascade) { addFilling(&$0, start: 1, inflow: 6, seed: nil) },
    NovomodeloSmallCase("N24 filling with little water", 14_188_442.88, .cascade) {
      addFilling(&$0, start: 1, inflow: 3, seed: nil)
    },
    NovomodeloSmallCase("N24 filling from the start", 12_719_500, .cascade) {
      addFilling(&$0, start: 0, inflow: 6, seed: 4)
    },
    NovomodeloSmallCase("N32 diversion outside the outflow", 10_800_778.364444, .cascade) {
      $0.set("system/hydros.json", "hydros[0].outflow", ["min_outflow_m3s": 20.0, "max_outflow_m3s": 25.0])
      $0.set("system/hydros.json", "hydros[0].diversion", ["downstream_id": 9, "max_flow_m3s": 9.0])
      $0.hydroBounds("min_diversion_m3s", [[7, 0, 9]])
    },
    NovomodeloSmallCase("N37 at once", 4_294_800, .cascade) { addRunOfRiver(&$0) },
    NovomodeloSmallCase("N37 travel time", 4_132_800, .cascade) {
      addRunOfRiver(&$0)
      $0.set("system/hydros.json", "hydros[0].travel_time_hours", 300.0)
      $0.set(
        "initial_conditions.json", "past_defluences",
        [["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-01", "value_m3s": 30.0]])
    },
    NovomodeloSmallCase("inflow that has travelled, in a constraint", 4_636_266.666667, .cascade) {
      addRunOfRiver(&$0)
      $0.set("system/hydros.json", "hydros[0].travel_time_hours", 300.0)
      $0.set(
        "initial_conditions.json", "past_defluences",
        [["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-01", "value_m3s": 30.0]])
      $0.json(
        "constraints/generic_constraints.json",
        [
          "constraints": [
            [
              "id": 0, "name": "R", "expression": "hydro_inflow(9)",
              "slack": ["enabled": true, "penalty": 40.0, "penalty_basis": "per_hour"],
            ]
          ]
        ])
      let rows = (0..<3).map { [0, Double($0), 25] as [Double?] }
      $0.table("constraints/generic_constraint_bounds", "constraint_id stage_id bound_upper", rows)
    },
    NovomodeloSmallCase("N38 pump", 3_646_800, .cascade) {
      addRunOfRiver(&$0)
      $0.set("system/hydros.json", "hydros[1].reservoir.max_storage_hm3", 50.0)
      $0.json(
        "system/pumping_stations.json",
        [
          "pumping_stations": [
            [
              "id": 6, "name": "P", "operational_start_date": "2000-01-01", "bus_id": 1, "source_hydro_id": 9,
              "destination_hydro_id": 7, "consumption_mw_per_m3s": 0.5, "flow": ["min_m3s": 2.0, "max_m3s": 10.0],
            ]
          ]
        ])
    },
  ]

  /// A constraint of the first stage alone.
  static func addFloor(
    _ draft: inout CaseDraft, of expression: String, at floor: Double, price: Double, basis: String
  ) {
    draft.json(
      "constraints/generic_constraints.json",
      [
        "constraints": [
          [
            "id": 0, "name": "R", "expression": .string(expression),
            "slack": ["enabled": true, "penalty": .double(price), "penalty_basis": .string(basis)],
          ]
        ]
      ])
    draft.table(
      "constraints/generic_constraint_bounds", "constraint_id stage_id bound_lower", [[0, 0, floor]])
  }

  static func addFilling(_ draft: inout CaseDraft, start: Int64, inflow: Double, seed: Double?) {
    draft.set("stages.json", "stages[3]", CaseDraft.stage(3))
    draft.set("system/hydros.json", "hydros[0].reservoir.min_storage_hm3", 20.0)
    draft.set("system/hydros.json", "hydros[0].entry_stage_id", 3)
    draft.set(
      "system/hydros.json", "hydros[0].filling", ["start_stage_id": .int(start), "filling_min_rate_m3s": 5.0])
    draft.set("initial_conditions.json", "storage", [["hydro_id": 9, "value_hm3": 30.0]])
    if let seed {
      draft.set("initial_conditions.json", "filling_storage", [["hydro_id": 7, "value_hm3": .double(seed)]])
    }
    draft.inflows((0..<4).flatMap { [[7, Double($0), inflow, 0], [9, Double($0), 8, 0]] })
    draft.loads((0..<4).map { [1, Double($0), 80, 0] })
  }

  private static func addRunOfRiver(_ draft: inout CaseDraft) {
    draft.set(
      "system/hydros.json", "hydros[1]",
      CaseDraft.plant(9, storage: (0, 0), maxTurbined: 80, maxGeneration: 70))
    draft.set("initial_conditions.json", "storage", [["hydro_id": 7, "value_hm3": 60.0]])
    draft.inflows((0..<3).flatMap { [[7, Double($0), 22, 0], [9, Double($0), 0, 0]] })
  }

  static let inflow: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("N26 lag with statistics before the study", 5_366_122.5) { addLag(&$0, hasRow: true) },
    NovomodeloSmallCase("N27 lag without statistics", 5_636_460) { addLag(&$0, hasRow: false) },
    NovomodeloSmallCase("N28 annual component", 5_222_827.374380) { addAnnual(&$0) },
    // Bound of novomodelo-python 0.19.1, whose residual of stage 0 is also the closure's.
    NovomodeloSmallCase("residuals of annual components in three months", 6_250_797.863748733) { addAnnualNoise(&$0) },
    // Converged bound of novomodelo-python 0.19.1 on the ten openings that it draws from the seed of the case.
    NovomodeloSmallCase("generated openings", 3_602_085.611303131) {
      $0.inflows([[7, 0, 22, 4], [7, 1, 22, 4]])
      for stage in 0...1 { $0.set("stages.json", "stages[\(stage)].num_openings", 10) }
    },
    NovomodeloSmallCase("N30 openings from a file", 5_171_535) { addOpenings(&$0) },
    NovomodeloSmallCase("N30 openings from a file, CVaR", 7_039_690.2) {
      addOpenings(&$0)
      $0.set("stages.json", "stages[0].risk_measure", ["cvar": ["alpha": 0.5, "lambda": 0.4]])
    },
    NovomodeloSmallCase("N31 truncation", 26_875_800) { addDrought(&$0, "truncation", nil) },
    // N31, where a negative inflow counts as 0.
    NovomodeloSmallCase("truncated inflow in a constraint", 26_875_800 + 744 * 10) {
      addDrought(&$0, "truncation", nil)
      addFloor(&$0, of: "hydro_inflow(7)", at: 10, price: 1, basis: "per_hour")
    },
    NovomodeloSmallCase("N31 truncation with penalty", 27_088_200) {
      addDrought(&$0, "truncation_with_penalty", 50)
    },
    NovomodeloSmallCase("N31 penalty of 50", 4_863_355.555556) { addDrought(&$0, "penalty", 50) },
    NovomodeloSmallCase("N31 penalty of 100", 7_000_911.111111) { addDrought(&$0, "penalty", 100) },
  ]

  private static func addLag(_ draft: inout CaseDraft, hasRow: Bool) {
    draft.set("stages.json", "stages[2]", CaseDraft.stage(2))
    for stage in 0...2 { draft.set("stages.json", "stages[\(stage)].state_variables", ["inflow_lags": true]) }
    let december: [[Double?]] = hasRow ? [[7, -1, 26, 2e-9]] : []
    draft.inflows(december + [[7, 0, 22, 1e-9], [7, 1, 30, 2e-9], [7, 2, 20, 1e-9]])
    draft.loads((0..<3).map { [1, Double($0), 62, 0] })
    draft.table(
      "scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient",
      (0..<3).map { [7, Double($0), 1, 0.5] })
    draft.set(
      "initial_conditions.json", "recent_observations",
      [["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-01", "value_m3s": 36.0]])
  }

  private static func addAnnual(_ draft: inout CaseDraft, declared: Int = 12) {
    addLag(&draft, hasRow: true)
    func first(_ month: Int) -> String { "2026-\(month < 10 ? "0" : "")\(month)-01" }
    draft.set(
      "stages.json", "pre_study_stages",
      .array(
        (1...declared).map { back in
          let month = 13 - back
          return [
            "id": .int(Int64(-back)), "start_date": .string(first(month)),
            "end_date": .string(month == 12 ? "2027-01-01" : first(month + 1)), "season_id": .int(Int64(month - 1)),
          ]
        }))
    draft.inflows(
      (1...12).map { [7, Double(-$0), 26, 2e-9] } + [[7, 0, 22, 1e-9], [7, 1, 30, 2e-9], [7, 2, 20, 1e-9]])
    draft.table(
      "scenarios/inflow_annual_component",
      "hydro_id stage_id annual_coefficient annual_mean_m3s annual_std_m3s",
      (0..<3).map { [7, Double($0), 0.3, 25, 1e-9] })
    draft.set(
      "initial_conditions.json", "recent_observations",
      .array(
        (0...11).map { back in
          let month = 12 - back
          return [
            "hydro_id": 7, "start_date": .string(first(month)),
            "end_date": .string(month == 12 ? "2027-01-01" : first(month + 1)),
            "value_m3s": .double(back == 0 ? 36 : 24 + Double(back) / 2),
          ]
        }))
  }

  /// Seasons outside the study have statistics alone, which the annual terms weigh.
  private static func addAnnualNoise(_ draft: inout CaseDraft) {
    addAnnual(&draft, declared: 9)
    draft.inflows((1...9).map { [7, Double(-$0), 26, 2] } + [[7, 0, 22, 4], [7, 1, 30, 3], [7, 2, 20, 2]])
    draft.table(
      "scenarios/inflow_annual_component",
      "hydro_id stage_id annual_coefficient annual_mean_m3s annual_std_m3s",
      (0..<3).map { [7, Double($0), 0.3, 25, 1.5] })
    for stage in 0...2 { draft.set("stages.json", "stages[\(stage)].num_openings", 2) }
    draft.set("config.json", "training.scenario_source", ["openings": ["source": "file"]])
    draft.table(
      "scenarios/noise_openings", "stage_id opening_index entity_index value",
      (0..<3).flatMap { [[Double($0), 0, 0, -4], [Double($0), 1, 0, 4]] })
  }

  private static func addOpenings(_ draft: inout CaseDraft) {
    draft.inflows([[7, 0, 22, 4], [7, 1, 22, 4]])
    for stage in 0...1 { draft.set("stages.json", "stages[\(stage)].num_openings", 2) }
    draft.set("config.json", "training.scenario_source", ["openings": ["source": "file"]])
    draft.table(
      "scenarios/noise_openings", "stage_id opening_index entity_index value",
      [[0, 0, 0, -2], [0, 1, 0, 2], [1, 0, 0, -2], [1, 1, 0, 2]])
  }

  private static func addDrought(_ draft: inout CaseDraft, _ method: String, _ price: Double?) {
    draft.inflows([[7, 0, -3, 0], [7, 1, -3, 0]])
    draft.set("config.json", "modeling.inflow_non_negativity.method", .string(method))
    if let price { draft.set("penalties.json", "hydro.inflow_nonnegativity_cost", .double(price)) }
  }
}
