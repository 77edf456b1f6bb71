import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  private static func with(_ key: String, _ value: JSONValue) -> @Sendable (inout CaseDraft) -> Void {
    { $0.set(F.hydros, "hydros[0].\(key)", value) }
  }

  static let meaning: [BrokenCase] =
    [
      BrokenCase("plant below itself", 501, F.hydros, "hydros[0].downstream_id", with("downstream_id", 7)),
      BrokenCase("cascade in a circle", 501, F.hydros, base: .valley) {
        $0.set(F.hydros, "hydros[0].downstream_id", 2)
      },
      BrokenCase(
        "minimum storage above maximum", 502, F.hydros, "hydros[0].reservoir.min_storage_hm3",
        with("reservoir.min_storage_hm3", 151)),
      BrokenCase("minimum outflow above maximum", 502, F.hydros, "hydros[0].outflow.min_outflow_m3s") {
        $0.set(F.hydros, "hydros[0].outflow", ["min_outflow_m3s": 5, "max_outflow_m3s": 4])
      },
      BrokenCase("thermal limits crossed", 502, F.thermals, "thermals[0].generation.min_mw") {
        $0.set(F.thermals, "thermals[0].generation.min_mw", 36)
      },
      BrokenCase("limits crossed by a stage row", 502, F.hydroBounds, "row 2, column min_turbined_m3s", base: .valley) {
        $0.write(F.hydroBounds, "hydro_id,stage_id,min_turbined_m3s\n2,1,81\n")
      },
      BrokenCase("thermal limits crossed by a stage row", 502, F.thermalBounds, "row 2, column min_generation_mw") {
        $0.write(F.thermalBounds, "thermal_id,stage_id,min_generation_mw\n3,0,36\n")
      },
      BrokenCase("pump limits crossed by a stage row", 502, F.pumpingBounds, "row 2, column min_m3s", base: .valley) {
        $0.write(F.pumpingBounds, "station_id,stage_id,min_m3s\n6,0,5\n")
      },
      BrokenCase("contract limits crossed by a stage row", 502, F.contractBounds, "row 2, column min_mw", base: .valley)
      {
        $0.write(F.contractBounds, "contract_id,stage_id,max_mw,min_mw\n5,0,1,2\n")
      },
      BrokenCase("exit before entry", 503, F.thermals, "thermals[0].exit_stage_id") {
        $0.set(F.thermals, "thermals[0].entry_stage_id", 1)
        $0.set(F.thermals, "thermals[0].exit_stage_id", 1)
      },
      BrokenCase("start volume above the maximum", 504, F.initial, "storage[0].value_hm3") {
        $0.set(F.initial, "storage[0].value_hm3", 151)
      },
      BrokenCase("deficit costs fall", 505, F.buses, "buses[1].deficit_segments[1].cost", base: .valley) {
        $0.set(F.buses, "buses[1].deficit_segments[1].cost", 600.0)
      },
      BrokenCase("last segment limited", 505, F.penalties, "bus.deficit_segments[0].depth_mw") {
        $0.set(F.penalties, "bus.deficit_segments[0].depth_mw", 10)
      },
      BrokenCase("first segment unlimited", 505, F.buses, "buses[1].deficit_segments[0].depth_mw", base: .valley) {
        $0.set(F.buses, "buses[1].deficit_segments[0].depth_mw", .null)
      },
      BrokenCase("segment of no width", 505, F.buses, "buses[1].deficit_segments[0].depth_mw", base: .valley) {
        $0.set(F.buses, "buses[1].deficit_segments[0].depth_mw", 0)
      },
      BrokenCase(
        "filling without entry", 506, F.hydros, "hydros[0].entry_stage_id",
        with("filling", ["start_stage_id": 0, "filling_inflow_m3s": 1])),
      BrokenCase("filling without inflow", 506, F.hydros, "hydros[0].filling.filling_inflow_m3s") {
        $0.fill(["start_stage_id": 0])
      },
      BrokenCase("filling after entry", 506, F.hydros, "hydros[0].filling.start_stage_id") {
        $0.fill(["start_stage_id": 1, "filling_inflow_m3s": 1])
      },
      BrokenCase("filling too slow", 507, F.hydros, "hydros[0].filling") {
        $0.fill(["start_stage_id": 0, "filling_inflow_m3s": 0.1])
      },
      BrokenCase("level falls", 508, F.geometry) { $0.geometry("7,10,5,1\n7,150,4,2\n") },
      BrokenCase("curve too short", 509, F.geometry) { $0.geometry("7,10,5,1\n7,140,9,2\n") },
      BrokenCase("plane rises with spill", 510, F.planes, "row 2, column gamma_s") {
        $0.write(F.planes, "hydro_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s\n7,0,1,0,0.9,0.1\n")
      },
      BrokenCase("kappa above 1", 510, F.planes, "row 2, column kappa") {
        $0.write(F.planes, "hydro_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s,kappa\n7,0,1,0,0.9,0,1.1\n")
      },
      BrokenCase("planes far above the function", 511, F.models, "production_models[0]") {
        $0.fitPlanes()
        $0.fitCorners()
      },
      BrokenCase("no head to fit", 510, F.models, "production_models[0]") {
        $0.fitPlanes()
        $0.set(F.hydros, "hydros[0].tailrace.coefficients", [200])
      },
      BrokenCase("turbining too cheap", 512, F.penalties, "hydro.fpha_turbined_cost") {
        $0.useFPHA()
        $0.set(F.penalties, "hydro.fpha_turbined_cost", 0.01)
      },
      BrokenCase("net rain", 548, F.hydros, "hydros[0].evaporation.coefficients_mm[2]") {
        $0.evaporate()
        $0.set(F.hydros, "hydros[0].evaporation.coefficients_mm[2]", -5)
      },
      BrokenCase("reference volume outside", 513, F.hydros, "hydros[0].evaporation.reference_volumes_hm3") {
        $0.evaporate()
        $0.set(
          F.hydros, "hydros[0].evaporation.reference_volumes_hm3", [9, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60, 60])
      },
      BrokenCase(
        "tailrace not rising", 514, F.hydros, "hydros[0].tailrace.points[1].outflow_m3s",
        with(
          "tailrace",
          [
            "type": "piecewise", "points": [["outflow_m3s": 5, "height_m": 1], ["outflow_m3s": 5, "height_m": 2]],
          ])),
      BrokenCase("all is lost", 515, F.lines, "lines[0].losses_percent", base: .valley) {
        $0.set(F.lines, "lines[0].losses_percent", 100)
      },
      BrokenCase("angle without a reactance", 558, F.lines, "lines[0].max_angle_degrees", base: .valley) {
        $0.set(F.lines, "lines[0].max_angle_degrees", 30.0)
      },
      BrokenCase("line to itself", 516, F.lines, "lines[0].target_bus_id", base: .valley) {
        $0.set(F.lines, "lines[0].target_bus_id", 1)
      },
      BrokenCase("pump to itself", 516, F.pumps, "pumping_stations[0].destination_hydro_id", base: .valley) {
        $0.set(F.pumps, "pumping_stations[0].destination_hydro_id", 7)
      },
      BrokenCase("export that costs", 516, F.contracts, "contracts[1].price_per_mwh", base: .valley) {
        $0.set(F.contracts, "contracts[1].price_per_mwh", 20)
      },
      BrokenCase("diversion limit without diversion", 517, F.hydroBounds, "row 2, column max_diversion_m3s") {
        $0.write(F.hydroBounds, "hydro_id,stage_id,max_diversion_m3s\n7,0,2\n")
      },
      BrokenCase("thermal limit per block", 517, F.thermalBounds, "row 2, column block_id") {
        $0.write(F.thermalBounds, "thermal_id,stage_id,block_id,max_generation_mw\n3,0,0,20\n")
      },
      BrokenCase(
        "availability above capacity", 518, F.ncsBounds, "row 2, column available_generation_mw", base: .valley
      ) {
        $0.replace(F.ncsBounds, "7.5", "12.5")
      },
      BrokenCase("availability given twice", 518, F.ncsBounds, "row 2", base: .valley) {
        $0.write(F.sourceStats, "ncs_id,stage_id,mean,std\n8,0,0.5,0\n")
      },
      BrokenCase("probabilities of half", 519, F.stages, "policy_graph.transitions") {
        $0.set(F.stages, "policy_graph.transitions", [["source_id": 0, "target_id": 1, "probability": 0.5]])
      },
      BrokenCase("cycle without way back", 520, F.stages, "policy_graph.transitions") {
        $0.set(F.stages, "policy_graph", ["type": "cyclic", "annual_discount_rate": 0.1])
      },
      BrokenCase("cycle without discount", 520, F.stages, "policy_graph.annual_discount_rate") {
        $0.set(F.stages, "policy_graph.type", "cyclic")
      },
      BrokenCase("cycle with overrides of 0", 520, F.stages, "policy_graph.transitions") {
        $0.set(
          F.stages, "policy_graph",
          [
            "type": "cyclic", "annual_discount_rate": 0.1,
            "transitions": [
              [
                "source_id": 0, "target_id": 1, "probability": 1.0, "annual_discount_rate_override": 0.0,
              ],
              ["source_id": 1, "target_id": 0, "probability": 1.0, "annual_discount_rate_override": 0.0],
            ],
          ])
      },
      BrokenCase("finite horizon that turns back", 520, F.stages, "policy_graph.transitions") {
        $0.set(
          F.stages, "policy_graph.transitions",
          [
            ["source_id": 0, "target_id": 1, "probability": 1], ["source_id": 1, "target_id": 0, "probability": 1],
          ])
      },
      BrokenCase("hours of another month", 521, F.stages, "stages[0].blocks") {
        $0.set(F.stages, "stages[0].blocks[0].hours", 730)
      },
      BrokenCase("gap between stages", 522, F.stages, "stages[1].start_date") {
        $0.set(F.stages, "stages[1].start_date", "2027-02-02")
      },
      BrokenCase("season of unlike stages", 523, F.stages, "stages[1].season_id") {
        $0.set(F.stages, "stages[1].end_date", "2027-02-08")
        $0.set(F.stages, "stages[0].season_id", 0)
        $0.set(F.stages, "stages[1].season_id", 0)
      },
      BrokenCase("season whose first stage is of middling length", 523, F.stages, "stages[2].season_id") {
        // 28, 24 and 34 days: neither of the last two is more than 7 away from the first.
        for (index, dates) in [
          ("2027-01-01", "2027-01-29"), ("2027-01-29", "2027-02-22"), ("2027-02-22", "2027-03-28"),
        ]
        .enumerated() {
          $0.set(
            F.stages, "stages[\(index)]",
            [
              "id": .int(Int64(index)), "start_date": .string(dates.0), "end_date": .string(dates.1), "season_id": 0,
              "num_scenarios": 1, "blocks": [["id": 0, "name": "A", "hours": 700]],
            ])
        }
      },
      BrokenCase("stage in another season", 524, F.stages, "stages[1].season_id", base: .valley) {
        $0.seasons(2)
        $0.set(F.stages, "stages[1].season_id", 0)
      },
      BrokenCase("two months of a year", 524, F.stages, "season_definitions.seasons", base: .valley) { $0.seasons(2) },
      BrokenCase("season without stage", 525, F.stages, "season_definitions.seasons", base: .valley) { $0.seasons(12) },
      BrokenCase("deterministic inflow", 526, F.inflowStats, "row 3, column std_m3s", base: .valley) {
        $0.replace(F.inflowStats, "7.5", "0")
      },
      BrokenCase("lags of a deterministic inflow", 527, F.coefficients, base: .valley) {
        $0.replace(F.inflowStats, "3.0", "0")
        $0.write(F.coefficients, coefficientsHeader + "7,0,1,0.5,0.9\n")
      },
      BrokenCase("a lag of a deterministic season", 567, F.coefficients, base: .valley) {
        $0.replace(F.inflowStats, "7.5", "0")
        $0.write(F.coefficients, coefficientsHeader + "2,0,1,0.5,0.9\n")
        $0.set(F.initial, "past_inflows", [["hydro_id": 2, "values_m3s": [41.0]]])
      },
      BrokenCase("two residual ratios", 528, F.coefficients, base: .valley) {
        $0.write(F.coefficients, coefficientsHeader + "7,0,1,0.5,0.9\n7,0,2,0.1,0.8\n")
      },
      BrokenCase("no noise left", 529, F.coefficients, base: .valley) {
        $0.write(F.coefficients, coefficientsHeader + "7,0,1,0.5,0.09\n")
      },
      BrokenCase("explosive inflow", 530, F.coefficients, base: .valley) {
        $0.seasons(2)
        $0.write(F.coefficients, coefficientsHeader + "7,0,1,1.2,0.9\n7,1,1,1.1,0.9\n")
      },
      BrokenCase("explosive annual component", 530, F.coefficients, base: .valley) {
        $0.seasons(2)
        // In either month 2 · 3.0 (or its own deviation) over 1 spread on twelve values: more than 1 in sum.
        $0.write(
          F.annual, "hydro_id,stage_id,annual_coefficient,annual_mean_m3s,annual_std_m3s\n7,0,2,20,1\n7,1,2,20,1\n")
      },
      BrokenCase("few observations", 531, F.history) {
        $0.seasons(2)
        $0.useHistory("7,2020-01-01,5\n7,2020-02-01,5\n")
      },
      BrokenCase("season without observation", 532, F.history) {
        $0.seasons(2)
        $0.useHistory("7,2020-01-01,5\n")
      },
      BrokenCase("two observations of a month", 533, F.history) {
        $0.seasons(2)
        $0.useHistory("7,2020-01-01,5\n7,2020-01-15,5\n7,2020-02-01,5\n")
      },
      BrokenCase("history coarser than seasons", 534, F.history) {
        $0.seasons(2)
        $0.useHistory("7,2019-01-01,5\n7,2019-02-01,5\n7,2020-01-01,5\n7,2021-01-01,5\n7,2021-02-01,5\n")
      },
      BrokenCase("history without one of its years", 534, F.history) {
        $0.seasons(2)
        $0.useHistory("7,2018-01-01,5\n7,2018-02-01,5\n7,2020-01-01,5\n7,2020-02-01,5\n")
      },
      BrokenCase("season that one plant has never been observed in", 531, F.history) {
        $0.seasons(2)
        $0.set(F.config, "estimation", ["min_observations_per_season": 1])
        $0.set(F.hydros, "hydros[1]", $0.valueOfHydro(id: 8))
        $0.set(F.initial, "storage[1]", ["hydro_id": 8, "value_hm3": 60.0])
        $0.useHistory("7,2020-01-01,5\n7,2020-02-01,5\n8,2020-01-01,5\n")
      },
    ] + noise + penalties + process + plausibility

  private static let twoPlants = #"{"type": "inflow", "id": 2}, {"type": "inflow", "id": 7}"#
  private static let matrix = "profiles.default.correlation_groups[0].matrix"

  private static let noise: [BrokenCase] = [
    BrokenCase("diagonal not 1", 535, F.correlation, "\(matrix)[1][1]", base: .valley) {
      $0.write(F.correlation, correlation(entities: twoPlants, matrix: "[[1, 0.2], [0.2, 0.9]]"))
    },
    BrokenCase("matrix not symmetric", 535, F.correlation, "\(matrix)[1][0]", base: .valley) {
      $0.write(F.correlation, correlation(entities: twoPlants, matrix: "[[1, 0.2], [0.3, 1]]"))
    },
    BrokenCase("correlation above 1", 535, F.correlation, "\(matrix)[0][1]", base: .valley) {
      $0.write(F.correlation, correlation(entities: twoPlants, matrix: "[[1, 1.2], [1.2, 1]]"))
    },
    BrokenCase("classes mixed", 535, F.correlation, "profiles.default.correlation_groups[0].entities", base: .valley) {
      $0.write(
        F.correlation,
        correlation(entities: #"{"type": "inflow", "id": 2}, {"type": "load", "id": 1}"#, matrix: "[[1, 0], [0, 1]]"))
    },
    BrokenCase(
      "plant in two groups", 535, F.correlation, "profiles.default.correlation_groups[1].entities", base: .valley
    ) {
      $0.write(F.correlation, correlation(entities: twoPlants, matrix: "[[1, 0.2], [0.2, 1]]"))
      $0.set(
        F.correlation, "profiles.default.correlation_groups[1]",
        ["name": "again", "entities": [["type": "inflow", "id": 7]], "matrix": [[1]]])
    },
    BrokenCase("negative eigenvalue", 536, F.correlation, matrix, base: .valley) {
      $0.set(F.hydros, "hydros[2]", $0.valueOfHydro(id: 8))
      $0.set(F.initial, "storage[2]", ["hydro_id": 8, "value_hm3": 60.0])
      $0.files[F.inflowStats]? += Array("8,0,1,1\n8,1,1,1\n".utf8)
      $0.write(
        F.correlation,
        correlation(
          entities: twoPlants + #", {"type": "inflow", "id": 8}"#,
          matrix: "[[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]]"))
    },
    BrokenCase("unknown method", 536, F.correlation, "method", base: .valley) {
      $0.write(F.correlation, #"{"method": "copula", "profiles": {"default": {"correlation_groups": []}}}"#)
    },
    BrokenCase("openings beyond memory", 112, F.stages, "stages[1].num_scenarios", base: .valley) {
      $0.set(F.stages, "stages[1].num_scenarios", 2_147_483_647)
    },
    BrokenCase("more than a battery holds", 554, "system/batteries.json", "batteries[0].energy.initial_mwh") {
      $0.set("system/batteries.json", "batteries", battery(["max_mwh": 10.0, "initial_mwh": 11.0]))
    },
    BrokenCase("limits the wrong way round", 554, "system/batteries.json", "batteries[0].energy.min_mwh") {
      $0.set("system/batteries.json", "batteries", battery(["min_mwh": 11.0, "max_mwh": 10.0, "initial_mwh": 10.5]))
    },
    BrokenCase("target without a cost", 555, "system/batteries.json", "batteries[0].energy.target_violation_cost") {
      $0.set(
        "system/batteries.json", "batteries", battery(["max_mwh": 10.0, "initial_mwh": 1.0, "target_mwh": 2.0]))
    },
    BrokenCase("a battery among parallel blocks", 556, F.stages, "stages[0].block_mode") {
      $0.set("system/batteries.json", "batteries", battery(["max_mwh": 10.0, "initial_mwh": 1.0]))
      $0.set(
        F.stages, "stages[0].blocks",
        [["id": 0, "name": "A", "hours": 400], ["id": 1, "name": "B", "hours": 344]])
    },
    BrokenCase("a minimum that fades", 557, "system/batteries.json", "batteries[0].energy.min_mwh") {
      $0.set(
        "system/batteries.json", "batteries",
        battery(["min_mwh": 5000.0, "max_mwh": 9000.0, "initial_mwh": 6000.0], loss: 0.01))
    },
    BrokenCase("battery limits crossed by a stage row", 502, F.batteryBounds, "row 2, column min_energy_mwh") {
      $0.set("system/batteries.json", "batteries", battery(["max_mwh": 10.0, "initial_mwh": 1.0]))
      $0.write(F.batteryBounds, "battery_id,stage_id,min_energy_mwh\n1,1,11\n")
    },
    BrokenCase("a minimum that cannot be charged in time", 557, F.batteryBounds, "row 2, column min_energy_mwh") {
      $0.set("system/batteries.json", "batteries", battery(["max_mwh": 900.0, "initial_mwh": 1.0]))
      $0.write(F.batteryBounds, "battery_id,stage_id,min_energy_mwh\n1,1,673\n")
    },
    BrokenCase("a maximum that cannot be emptied to", 557, F.batteryBounds, "row 3, column max_energy_mwh") {
      $0.set("system/batteries.json", "batteries", battery(["max_mwh": 900.0, "initial_mwh": 1.0]))
      $0.write(
        F.batteryBounds, "battery_id,stage_id,max_energy_mwh,max_discharge_mw\n1,0,900,\n1,1,800,0.1\n")
    },
    BrokenCase("distances beyond memory", 112, F.stages, "stages[0].risk_measure", base: .valley) {
      $0.set(F.stages, "stages[0].risk_measure", ["wasserstein": ["radius": 0.1]])
      $0.set(F.stages, "stages[1].num_scenarios", 1001)
    },
    BrokenCase("passes beyond memory", 112, F.config, "training.forward_passes") {
      $0.set(F.config, "training.forward_passes", 2_147_483_647)
    },
    BrokenCase("order beyond reason", 112, F.config, "estimation.max_order") {
      $0.seasons(2)
      $0.useHistory("7,2020-01-01,5\n7,2020-02-01,5\n")
      $0.set(F.config, "estimation", ["max_order": 2_147_483_647])
    },
    BrokenCase("replications beyond memory", 112, F.config, "training.stopping_rules[1].replications") {
      $0.set(
        F.config, "training.stopping_rules[1]",
        [
          "type": "simulation", "replications": 2_147_483_647, "period": 1, "bound_window": 1, "distance_tol": 0,
          "bound_tol": 0,
        ])
    },
    BrokenCase("scenarios beyond memory", 112, F.config, "simulation.num_scenarios") {
      $0.set(F.config, "simulation", ["enabled": true, "num_scenarios": 2_147_483_647])
    },
    BrokenCase("probabilities of 0.9", 537, F.inflowOpenings) { $0.replace(F.inflowOpenings, "0.6", "0.5") },
    BrokenCase("half of the probabilities", 537, F.inflowOpenings) { $0.replace(F.inflowOpenings, "0.6", "") },
    BrokenCase("two probabilities of an opening", 537, F.inflowOpenings, "row 4, column probability") {
      $0.set(F.hydros, "hydros[1]", $0.valueOfHydro(id: 8))
      $0.set(F.initial, "storage[1]", ["hydro_id": 8, "value_hm3": 60.0])
      $0.write(
        F.inflowOpenings,
        "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,1\n1,0,1,7,1\n1,0,0.5,8,1\n0,0,,8,1\n")
    },
    BrokenCase("probability in some rows of an opening", 537, F.inflowOpenings, "row 5, column probability") {
      $0.set(F.hydros, "hydros[1]", $0.valueOfHydro(id: 8))
      $0.set(F.initial, "storage[1]", ["hydro_id": 8, "value_hm3": 60.0])
      $0.write(
        F.inflowOpenings,
        "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,1\n0,0,,8,1\n1,0,1,7,1\n1,0,,8,1\n")
    },
    BrokenCase("probabilities differ between files", 537, F.loadOpenings) {
      $0.files[F.loadStats] = nil
      $0.write(
        F.loadOpenings,
        "stage_id,opening_index,probability,bus_id,value_mw\n0,0,,1,62\n1,0,0.5,1,58\n1,1,0.5,1,58\n")
    },
    BrokenCase("load noise beside openings", 538, F.loadStats) { $0.replace(F.loadStats, "58.0,0.0", "58.0,3.0") },
    BrokenCase("out of sample beside openings", 538, F.config, "training.scenario_source.inflow.scheme") {
      $0.set(F.config, "training.scenario_source", ["seed": 3, "inflow": ["scheme": "out_of_sample"]])
    },
    BrokenCase("other number of openings", 539, F.stages, "stages[1].num_scenarios") {
      $0.set(F.stages, "stages[1].num_scenarios", 3)
    },
    BrokenCase("Sobol with three points", 540, F.stages, "stages[1].num_scenarios", base: .valley) {
      $0.set(F.stages, "stages[1].sampling_method", "qmc_sobol")
      $0.set(F.stages, "stages[1].num_scenarios", 3)
    },
    BrokenCase("few external scenarios", 541, F.stages, "stages[1].num_scenarios", base: .valley) {
      $0.set(F.config, "training.scenario_source", ["seed": 3, "inflow": ["scheme": "external"]])
      $0.write(
        F.externalInflows, "stage_id,scenario_id,hydro_id,value_m3s\n0,0,2,1\n0,0,7,1\n1,0,2,1\n1,0,7,1\n")
    },
    BrokenCase("cap below the passes", 542, F.config, "training.cut_selection.max_active_per_stage") {
      $0.set(F.config, "training.forward_passes", 10)
      $0.set(F.config, "training.cut_selection", ["max_active_per_stage": 5])
    },
  ]

  private static let penalties: [BrokenCase] =
    [
      ("filling below storage", 543, "filling_target_violation_cost", 1500.0),
      ("storage below deficit", 544, "storage_violation_below_cost", 800.0),
      ("deficit below violations", 545, "generation_violation_below_cost", 950.0),
      ("violations below spillage", 546, "spillage_cost", 350.0),
    ].map { name, code, key, value in
      BrokenCase(name, code, F.penalties, "hydro") { $0.set(F.penalties, "hydro.\(key)", .double(value)) }
    } + [
      BrokenCase("branching cycle", 549, F.stages, "policy_graph.transitions") {
        $0.set(
          F.stages, "policy_graph",
          [
            "type": "cyclic", "annual_discount_rate": 0.1,
            "transitions": [
              ["source_id": 0, "target_id": 1, "probability": 1.0],
              ["source_id": 1, "target_id": 0, "probability": 0.5],
              ["source_id": 1, "target_id": 1, "probability": 0.5],
            ],
          ])
      },
      BrokenCase("two discount rates", 550, F.stages, "policy_graph.transitions") {
        $0.set(
          F.stages, "policy_graph.transitions",
          [
            ["source_id": 0, "target_id": 1, "probability": 0.5, "annual_discount_rate_override": 0.1],
            ["source_id": 0, "target_id": 1, "probability": 0.5],
          ])
      },
      BrokenCase("free spillage", 547, F.penalties, "hydro") {
        $0.set(F.hydros, "hydros[0].penalties", ["spillage_cost": 0])
      },
    ]
}

extension CaseDraft {
  mutating func fill(_ filling: JSONValue) {
    set("system/hydros.json", "hydros[0].filling", filling)
    set("system/hydros.json", "hydros[0].entry_stage_id", 1)
    set("initial_conditions.json", "storage", [])
    set("initial_conditions.json", "filling_storage", [["hydro_id": 7, "value_hm3": 5.0]])
  }

  mutating func geometry(_ rows: String) {
    write("system/hydro_geometry.csv", "hydro_id,volume_hm3,height_m,area_km2\n" + rows)
  }

  /// Defines the first months of a monthly cycle.
  mutating func seasons(_ count: Int64) {
    let list = (0..<count).map { ["id": .int($0), "label": "M", "month_start": .int($0 + 1)] as JSONValue }
    set("stages.json", "season_definitions", ["cycle_type": "monthly", "seasons": .array(list)])
  }
}

/// A battery of 1 MW with the contents given.
private func battery(_ energy: JSONValue, loss: Double = 0) -> JSONValue {
  [
    [
      "id": 1, "name": "B", "bus_id": 1, "energy": energy, "power": ["max_charge_mw": 1.0, "max_discharge_mw": 1.0],
      "self_discharge_per_hour": .double(loss),
    ]
  ]
}
