import CobreBase
import CobreCase
import CobreEngine
import Testing

/// A small Novomodelo case with the lower bound that the program itself reached (release 0.19.1).
///
/// Where that program is known to miss the optimum, `optimum` is the true one, from the extensive form by hand.
struct NovomodeloSmallCase: Sendable, CustomTestStringConvertible {
  var name: String
  var optimum: Double
  var draft: CaseDraft

  init(_ name: String, _ optimum: Double, _ base: CaseDraft = .monthly, _ edit: (inout CaseDraft) -> Void = { _ in }) {
    self.name = name
    self.optimum = optimum
    var draft = base
    edit(&draft)
    self.draft = draft
  }

  var testDescription: String { name }

  static let all = monthly + network + cascade + inflow + rows + planes + estimation
}

extension CaseDraft {
  mutating func hydroBounds(_ columns: String, _ rows: [[Double?]]) {
    table("constraints/hydro_bounds", "hydro_id stage_id " + columns, rows)
  }

  mutating func addSource(allowsCurtailment: Bool = true) {
    json(
      "system/non_controllable_sources.json",
      [
        "non_controllable_sources": [
          [
            "id": 5, "name": "WIND", "operational_start_date": "2000-01-01", "bus_id": 1, "max_generation_mw": 30.0,
            "allow_curtailment": .bool(allowsCurtailment),
          ]
        ]
      ])
  }

  mutating func addContract(_ type: String, _ limits: (Double, Double), price: Double) {
    json(
      "system/energy_contracts.json",
      [
        "contracts": [
          [
            "id": 4, "name": "C", "operational_start_date": "2000-01-01", "bus_id": 1, "type": .string(type),
            "price_per_mwh": .double(price), "limits": ["min_mw": .double(limits.0), "max_mw": .double(limits.1)],
          ]
        ]
      ])
  }

  mutating func splitBlocks() {
    for stage in 0...1 {
      set(
        "stages.json", "stages[\(stage)].blocks",
        [["id": 0, "name": "A", "hours": 300.0], ["id": 1, "name": "B", "hours": 430.0]])
    }
  }
}

extension NovomodeloSmallCase {
  private static let monthly: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("N0 base", 3_544_140),
    // Bound of novomodelo-python 0.19.1, also with a volume of 10 hm³, the minimum.
    NovomodeloSmallCase("no start volume", 12_892_680) { $0.set("initial_conditions.json", "storage", []) },
    NovomodeloSmallCase("N1 turbined cost of a constant plant", 3_544_590.408889) {
      $0.set("penalties.json", "hydro.turbined_cost", 0.01)
    },
    NovomodeloSmallCase("N2 discount rate", 3_527_254.150079) {
      $0.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
    },
    NovomodeloSmallCase("N3 rate of a transition", 3_484_467.774195) { addRates(&$0) },
    NovomodeloSmallCase("N4 rate of a stage", 3_544_140) {
      addRates(&$0)
      $0.set("stages.json", "stages[0].annual_discount_rate_override", 0.0)
    },
    NovomodeloSmallCase("N5 withdrawal of both signs", 3_613_800) {
      $0.hydroBounds("water_withdrawal_m3s", [[7, 0, 5], [7, 1, -4]])
    },
    NovomodeloSmallCase("N6 withdrawal beyond the water", 19_707_062.222222) {
      $0.hydroBounds("water_withdrawal_m3s", [[7, 0, 60]])
    },
    NovomodeloSmallCase("N7 minimum of the plant", 6_404_673.333333) {
      $0.hydroBounds("min_turbined_m3s", [[7, 1, 48]])
    },
    // What costs nothing to miss changes nothing; penalties of a plant may be 0.
    NovomodeloSmallCase("N7 with a minimum that costs nothing to miss", 3_544_140) {
      $0.set("system/hydros.json", "hydros[0].penalties", ["turbined_violation_below_cost": 0.0])
      $0.hydroBounds("min_turbined_m3s", [[7, 1, 48]])
    },
    // What the group misses of its 40 counts for the plant's 48: 10 m³/s more at the first stage, nothing at the
    // second.
    NovomodeloSmallCase("N7 with a minimum of the group", 6_404_673.333333 + 10 * 744 * 300) {
      $0.set("system/hydros.json", "hydros[0].unit_groups[0].min_turbined_m3s", 40.0)
      $0.hydroBounds("min_turbined_m3s", [[7, 1, 48]])
    },
    NovomodeloSmallCase("N36 limits by block", 5_910_900) {
      $0.splitBlocks()
      $0.hydroBounds("block_id max_turbined_m3s", [[7, 0, nil, 20], [7, 0, 1, 30]])
    },
    NovomodeloSmallCase("N29 chronological blocks", 4_334_400) { addBlocks(&$0, isChronological: true) },
    NovomodeloSmallCase("N29 parallel blocks", 4_017_600) { addBlocks(&$0, isChronological: false) },
    NovomodeloSmallCase("N25 evaporation", 3_550_567.266187) {
      $0.set(
        "system/hydros.json", "hydros[0].evaporation",
        ["coefficients_mm": .array([120.0, -40.0] + [JSONValue](repeating: 0.0, count: 10))])
      $0.table(
        "system/hydro_geometry", "hydro_id volume_hm3 height_m area_km2",
        [[7, 0, 400, 2], [7, 100, 420, 6], [7, 200, 430, 8]])
    },
    NovomodeloSmallCase("N33 given planes", 3_710_981.470292) {
      givePlanes(&$0)
      $0.table(
        "system/hydro_energy_productivity",
        "hydro_id stage_id equivalent_productivity_mw_per_m3s reference_outflow_m3s "
          + "specific_productivity_mw_per_m3s_per_m integrated_equivalent_productivity_mw_per_m3s",
        [[7, nil, 0.9, nil, nil, nil]])
    },
    // Its equivalent productivity comes from the levels alone, and the bound does not depend on it.
    NovomodeloSmallCase("N33, levels of the reservoir and no tailrace", 3_710_981.470292) {
      $0.addHead()
      $0.set("system/hydros.json", "hydros[0].tailrace", nil)
      givePlanes(&$0)
    },
  ]

  /// Two planes of the plant, in place of its productivity.
  private static func givePlanes(_ draft: inout CaseDraft) {
    draft.set("system/hydros.json", "hydros[0].generation.model", "fpha")
    draft.set(
      "system/hydro_production_models.json", "production_models[0].stage_ranges",
      [["start_stage_id": 0, "end_stage_id": nil, "model": "fpha"]])
    draft.table(
      "system/fpha_hyperplanes", "hydro_id stage_id plane_id gamma_0 gamma_v gamma_q gamma_s kappa",
      [[7, nil, 0, 1, 0.02, 0.8, -0.01, 0.9], [7, nil, 1, 4, 0, 0.85, 0, 1]])
  }

  private static func addRates(_ draft: inout CaseDraft) {
    draft.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
    draft.set(
      "stages.json", "policy_graph.transitions",
      [["source_id": 0, "target_id": 1, "probability": 1.0, "annual_discount_rate_override": 0.5]])
  }

  private static func addBlocks(_ draft: inout CaseDraft, isChronological: Bool) {
    draft.splitBlocks()
    draft.set("system/hydros.json", "hydros[0].reservoir.max_storage_hm3", 62.0)
    draft.json(
      "scenarios/load_factors.json",
      [
        "load_factors": .array(
          (0...1).map {
            [
              "bus_id": 1, "stage_id": .int($0),
              "block_factors": [["block_id": 0, "factor": 1.3], ["block_id": 1, "factor": 0.8]],
            ]
          })
      ])
    guard isChronological else { return }
    for stage in 0...1 { draft.set("stages.json", "stages[\(stage)].block_mode", "chronological") }
  }

  private static let network: [NovomodeloSmallCase] = [
    NovomodeloSmallCase("N8 source without statistics", 357_927.6) { $0.addSource() },
    NovomodeloSmallCase("N9 source that must run", 6929.12) {
      $0.addSource(allowsCurtailment: false)
      $0.loads([[1, 0, 20, 0], [1, 1, 20, 0]])
    },
    // Novomodelo gives −74.4: it keeps the future cost at 0 or above. The source earns 0.005·20·1416 = 141.6. Of the
    // 112.1472 hm³ that come in the reservoir takes 90, and turbining the rest displaces the source, which costs
    // 0.005·0.9·22.1472/0.0036 = 27.684.
    NovomodeloSmallCase("N10 costs below zero", -113.916) {
      $0.addSource()
      $0.loads([[1, 0, 20, 0], [1, 1, 20, 0]])
    },
    NovomodeloSmallCase("N11 source with statistics", 833_159.28) {
      $0.addSource()
      $0.table("scenarios/non_controllable_stats", "ncs_id stage_id mean std", [[5, 0, 0.4, 0], [5, 1, 0.9, 0]])
      $0.json(
        "scenarios/non_controllable_factors.json",
        [
          "non_controllable_factors": [
            ["ncs_id": 5, "stage_id": 1, "block_factors": [["block_id": 0, "factor": 1.5]]]
          ]
        ])
    },
    NovomodeloSmallCase("source with statistics at the first stage alone", 2_707_084.2) {
      $0.addSource()
      $0.table("scenarios/non_controllable_stats", "ncs_id stage_id mean std", [[5, 0, 0.5, 0]])
      $0.table("constraints/ncs_bounds", "ncs_id stage_id available_generation_mw", [[5, 1, 12]])
    },
    NovomodeloSmallCase("N12 import", 3_331_740) { $0.addContract("import", (2, 10), price: 60) },
    NovomodeloSmallCase("N13 export", 3_371_280) { $0.addContract("export", (0, 8), price: -150) },
    NovomodeloSmallCase("N14 line without losses", 4_819_956) { addLine(&$0, direct: 10, reverse: 6) },
    NovomodeloSmallCase("N15 groups on two buses", 2_482_140) { splitPlant(&$0) },
    NovomodeloSmallCase("N16 limit of the plant", 3_132_900) {
      splitPlant(&$0)
      $0.hydroBounds("max_turbined_m3s", [[7, 0, 25], [7, 1, 25]])
    },
    NovomodeloSmallCase("N17 minimum of a group", 3_678_130.8) {
      splitPlant(&$0)
      $0.hydroBounds("max_turbined_m3s", [[7, 0, 25], [7, 1, 25]])
      $0.set("system/hydros.json", "hydros[0].unit_groups[1].min_turbined_m3s", 19.0)
    },
    NovomodeloSmallCase("N18 committed in advance", 2_280_540) { addAnticipated(&$0) },
    NovomodeloSmallCase("N19 committed in advance, discounted", 2_266_934.829492) {
      addAnticipated(&$0)
      $0.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
    },
    // 14 days of 3 MW and 17 of 7 are 161/31 MW, and what January lacks of its 10 MW costs 75 $/MWh over 744 h.
    NovomodeloSmallCase("N18, January in two windows", 2_280_540 + 75 * 744 * (10 - 161.0 / 31)) {
      addAnticipated(&$0)
      $0.commit([("2027-01-01", "2027-01-15", 3), ("2027-01-15", "2027-02-01", 7)])
    },
    // Only half of the first window, which begins before the study, is of January.
    NovomodeloSmallCase("N18, a window from before the study on", 2_280_540 + 75 * 744 * (10 - 161.0 / 31)) {
      addAnticipated(&$0)
      $0.commit([("2026-12-18", "2027-01-15", 3), ("2027-01-15", "2027-02-01", 7)])
    },
    NovomodeloSmallCase("N20 delivered after the study", 2_429_340) { addDelivery(&$0) },
    // 5 MW over 744 h at 40 $/MWh are a month of the last stage's own rate away: −148,800 + 148,800 · 1.3^(−28/365.25).
    NovomodeloSmallCase("N20, the last stage with a rate of its own", 2_426_377.111551) {
      addDelivery(&$0)
      $0.set("stages.json", "stages[1].annual_discount_rate_override", 0.3)
    },
    // The stages are 0 and 1, so that the period after them is 2: N18 where the plant has left by then, also without limits.
    NovomodeloSmallCase("N20, the plant leaves with the study", 2_280_540) {
      addDelivery(&$0)
      $0.set("system/thermals.json", "thermals[1].exit_stage_id", 2)
    },
    NovomodeloSmallCase("N20, the plant leaves and has no limits", 2_280_540) {
      addDelivery(&$0)
      $0.set("system/thermals.json", "thermals[1].exit_stage_id", 2)
      $0.set("post_study_stages.json", "thermal_bounds", .array([]))
    },
    NovomodeloSmallCase("N20, the plant leaves after it", 2_429_340) {
      addDelivery(&$0)
      $0.set("system/thermals.json", "thermals[1].exit_stage_id", 3)
    },
    // With lead 2 the 10 and 30 MW of the study are sunk: N18 without 30·672·40. The first delivery after it costs
    // 5·744·40·1.3^(−28/365.25), as the last stage has that rate; the second one 4·720·50, a month of the global rate
    // later.
    NovomodeloSmallCase("N20 with two deliveries after the study", 1_759_758.810695) {
      addAnticipated(&$0)
      $0.set("system/thermals.json", "thermals[1].anticipated_config", ["lead_stages": 2])
      $0.set(
        "initial_conditions.json", "past_anticipated_commitments[1]",
        ["thermal_id": 8, "start_date": "2027-02-01", "end_date": "2027-03-01", "value_mw": 30.0])
      $0.json(
        "post_study_stages.json",
        [
          "stages": [
            ["start_date": "2027-03-01", "duration_hours": 744.0],
            ["start_date": "2027-04-01", "duration_hours": 720.0],
          ],
          "thermal_bounds": [
            ["thermal_id": 8, "post_study_stage_index": 0, "cost_per_mwh": 40.0, "min_mw": 5.0, "max_mw": 30.0],
            ["thermal_id": 8, "post_study_stage_index": 1, "cost_per_mwh": 50.0, "min_mw": 4.0, "max_mw": 30.0],
          ],
        ])
      $0.set("stages.json", "policy_graph.annual_discount_rate", 0.12)
      $0.set("stages.json", "stages[0].annual_discount_rate_override", 0.0)
      $0.set("stages.json", "stages[1].annual_discount_rate_override", 0.3)
    },
    // Without the plant, 35 of 62 MW: 744 · (35 · 75 + 27 · 900). Then 50 + 53.2224 hm³ at 250 MWh each, and 15,858.4
    // MWh at 75.
    NovomodeloSmallCase("no statistics of the inflow before the service", 744 * (2625 + 24_300) + 15_858.4 * 75) {
      $0.inflows([[7, 1, 22, 0]])
      $0.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
    },
  ]

  private static func addDelivery(_ draft: inout CaseDraft) {
    addAnticipated(&draft)
    draft.json(
      "post_study_stages.json",
      [
        "stages": [["start_date": "2027-03-01", "duration_hours": 744.0]],
        "thermal_bounds": [
          ["thermal_id": 8, "post_study_stage_index": 0, "cost_per_mwh": 40.0, "min_mw": 5.0, "max_mw": 30.0]
        ],
      ])
  }

  private static func addLine(_ draft: inout CaseDraft, direct: Double, reverse: Double) {
    draft.set(
      "system/buses.json", "buses[1]", ["id": 2, "name": "B2", "operational_start_date": "2000-01-01"])
    draft.loads([[1, 0, 40, 0], [1, 1, 40, 0], [2, 0, 12, 0], [2, 1, 12, 0]])
    draft.json(
      "system/lines.json",
      [
        "lines": [
          [
            "id": 0, "name": "L", "operational_start_date": "2000-01-01", "source_bus_id": 1, "target_bus_id": 2,
            "capacity": ["direct_mw": .double(direct), "reverse_mw": .double(reverse)], "losses_percent": 10.0,
          ]
        ]
      ])
  }

  private static func splitPlant(_ draft: inout CaseDraft) {
    addLine(&draft, direct: 0, reverse: 0)
    func group(_ id: Int64, _ flow: Double, _ power: Double, _ bus: Int64) -> JSONValue {
      [
        "id": .int(id), "name": "G", "bus_id": .int(bus), "min_turbined_m3s": 0.0, "max_turbined_m3s": .double(flow),
        "min_generation_mw": 0.0, "max_generation_mw": .double(power),
      ]
    }
    draft.set("system/hydros.json", "hydros[0].unit_groups", [group(0, 30, 27, 1), group(1, 20, 18, 2)])
  }

  private static func addAnticipated(_ draft: inout CaseDraft) {
    draft.set("system/thermals.json", "thermals[1]", CaseDraft.thermal(8, most: 30, price: 40))
    draft.set("system/thermals.json", "thermals[1].anticipated_config", ["lead_stages": 1])
    draft.set(
      "initial_conditions.json", "past_anticipated_commitments",
      [["thermal_id": 8, "start_date": "2027-01-01", "end_date": "2027-02-01", "value_mw": 10.0]])
  }
}

extension CaseDraft {
  /// What thermal 8 delivers by decisions before the study, in MW.
  mutating func commit(_ windows: [(start: String, end: String, power: Double)]) {
    set(
      "initial_conditions.json", "past_anticipated_commitments",
      .array(
        windows.map {
          [
            "thermal_id": 8, "start_date": .string($0.start), "end_date": .string($0.end),
            "value_mw": .double($0.power),
          ]
        }))
  }

  /// Thermal 8, decided so many hours ahead.
  mutating func anticipate(hours: Double) {
    set("system/thermals.json", "thermals[1]", CaseDraft.thermal(8, most: 30, price: 40))
    set("system/thermals.json", "thermals[1].anticipated_config", ["lead_time_hours": .double(hours)])
  }

  /// Periods after the study, from March on; the study decides what thermal 8 delivers in those of `decided`.
  mutating func follow(_ periods: [(start: String, hours: Double)], decided: [Int] = []) {
    json(
      "post_study_stages.json",
      [
        "stages": .array(
          periods.map { ["start_date": .string($0.start), "duration_hours": .double($0.hours)] as JSONValue }),
        "thermal_bounds": .array(
          decided.map {
            [
              "thermal_id": 8, "post_study_stage_index": .int(Int64($0)), "cost_per_mwh": 40.0, "min_mw": 0.0,
              "max_mw": 30.0,
            ] as JSONValue
          }),
      ])
  }
}
