import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  static let schema: [BrokenCase] =
    [
      BrokenCase("no forward passes", 201, F.config, "training.forward_passes") {
        $0.set(F.config, "training.forward_passes", nil)
      },
      BrokenCase("no bus of a hydro", 201, F.hydros, "hydros[0].bus_id") { $0.set(F.hydros, "hydros[0].bus_id", nil) },
      BrokenCase("no model", 201, F.hydros, "hydros[0].generation.model") {
        $0.set(F.hydros, "hydros[0].generation.model", nil)
      },
      BrokenCase("misspelt key", 202, F.hydros, "hydros[0].reservoir.min_storag_hm3") {
        $0.replace(F.hydros, "min_storage_hm3", "min_storag_hm3")
      },
      BrokenCase("scenario source in stages", 202, F.stages, "scenario_source") {
        $0.set(F.stages, "scenario_source", ["seed": 1])
      },
      BrokenCase("productivity with FPHA", 202, F.hydros, "hydros[0].generation.productivity_mw_per_m3s") {
        $0.set(F.hydros, "hydros[0].generation.model", "fpha")
      },
      BrokenCase("schema key below the top", 202, F.config, "training.$schema") {
        $0.set(F.config, "training.$schema", "x")
      },
      BrokenCase("key with control characters", 202, F.buses, "buses[0].a\\u{a}b") {
        $0.replace(F.buses, "\"name\"", "\"a\\nb\": 1, \"name\"")
      },
      BrokenCase("string for a number", 203, F.thermals, "thermals[0].cost_per_mwh") {
        $0.set(F.thermals, "thermals[0].cost_per_mwh", "75")
      },
      BrokenCase("fraction for an integer", 203, F.config, "training.forward_passes") {
        $0.set(F.config, "training.forward_passes", 1.0)
      },
      BrokenCase("exponent for an integer", 203, F.stages, "stages[1].num_scenarios") {
        $0.replace(F.stages, "\"num_scenarios\": 2", "\"num_scenarios\": 2e0")
      },
      BrokenCase("number for a boolean", 203, F.config, "training.enabled") { $0.set(F.config, "training.enabled", 1) },
      BrokenCase("object for a list", 203, F.buses, "buses") { $0.set(F.buses, "buses", [:]) },
      BrokenCase("number for a risk measure", 203, F.stages, "stages[0].risk_measure") {
        $0.set(F.stages, "stages[0].risk_measure", 1)
      },
      BrokenCase("overflow in JSON", 204, F.thermals, "thermals[0].cost_per_mwh") {
        $0.replace(F.thermals, "75.0", "1e400")
      },
      BrokenCase("cost that no LP library takes", 204, F.thermals, "thermals[0].cost_per_mwh") {
        $0.set(F.thermals, "thermals[0].cost_per_mwh", 1e30)
      },
      BrokenCase("integer beyond 32 bits", 204, F.buses, "buses[0].id") {
        $0.set(F.buses, "buses[0].id", 3_000_000_000)
      },
      BrokenCase("integer beyond 64 bits", 204, F.config, "training.tree_seed") {
        $0.replace(F.config, "11", "99999999999999999999")
      },
      BrokenCase("null bus", 205, F.hydros, "hydros[0].bus_id") { $0.set(F.hydros, "hydros[0].bus_id", .null) },
      BrokenCase("null stopping rules", 205, F.config, "training.stopping_rules") {
        $0.set(F.config, "training.stopping_rules", .null)
      },
      BrokenCase("null policy", 205, F.config, "policy") { $0.set(F.config, "policy", .null) },
      BrokenCase("null in a list of numbers", 205, F.initial, "past_inflows[0].values_m3s[1]") {
        $0.set(F.initial, "past_inflows", [["hydro_id": 7, "values_m3s": [1.0, nil]]])
      },
      BrokenCase("unknown block mode", 206, F.stages, "stages[0].block_mode") {
        $0.set(F.stages, "stages[0].block_mode", "Parallel")
      },
      BrokenCase("unknown stopping rule", 206, F.config, "training.stopping_rules[0].type") {
        $0.set(F.config, "training.stopping_rules[0].type", "iterations_limit")
      },
      BrokenCase("unknown model", 206, F.hydros, "hydros[0].generation.model") {
        $0.set(F.hydros, "hydros[0].generation.model", "constant")
      },
      BrokenCase("unknown forward pass", 206, F.config, "training.forward_pass.type") {
        $0.set(F.config, "training.forward_pass", ["type": "risk_adjusted"])
      },
      BrokenCase("bus id twice", 207, F.buses, "buses[1].id") {
        $0.set(F.buses, "buses[1]", ["id": 1, "name": "TWIN"])
      },
      BrokenCase("storage twice", 207, F.initial, "storage[1].hydro_id") {
        $0.set(F.initial, "storage[1]", ["hydro_id": 7, "value_hm3": 50.0])
      },
      BrokenCase("storage in both lists", 207, F.initial, "filling_storage[0].hydro_id") {
        $0.set(F.initial, "filling_storage[0]", ["hydro_id": 7, "value_hm3": 5.0])
      },
      BrokenCase("factor pair twice", 207, F.loadFactors, "load_factors[1]", base: .valley) {
        $0.set(F.loadFactors, "load_factors[1]", ["bus_id": 1, "stage_id": 0, "block_factors": []])
      },
      BrokenCase("factor block twice", 207, F.loadFactors, "load_factors[0].block_factors[1].block_id", base: .valley) {
        $0.set(F.loadFactors, "load_factors[0].block_factors[1]", ["block_id": 0, "factor": 1.1])
      },
      BrokenCase("no forward pass at all", 208, F.config, "training.forward_passes") {
        $0.set(F.config, "training.forward_passes", 0)
      },
      BrokenCase("negative cost", 208, F.thermals, "thermals[0].cost_per_mwh") {
        $0.set(F.thermals, "thermals[0].cost_per_mwh", -1.0)
      },
      BrokenCase("penalty of zero", 208, F.penalties, "hydro.spillage_cost") {
        $0.set(F.penalties, "hydro.spillage_cost", 0)
      },
      BrokenCase("alpha of zero", 208, F.stages, "stages[0].risk_measure.cvar.alpha") {
        $0.set(F.stages, "stages[0].risk_measure", ["cvar": ["alpha": 0, "lambda": 0.5]])
      },
      BrokenCase("risk aversion of zero", 208, F.stages, "stages[0].risk_measure.entropic.gamma") {
        $0.set(F.stages, "stages[0].risk_measure", ["entropic": ["gamma": 0]])
      },
      BrokenCase("no risk measure in the object", 225, F.stages, "stages[0].risk_measure") {
        $0.set(F.stages, "stages[0].risk_measure", [:])
      },
      BrokenCase("two risk measures", 225, F.stages, "stages[1].risk_measure") {
        $0.set(
          F.stages, "stages[1].risk_measure",
          ["cvar": ["alpha": 0.5, "lambda": 0.5], "wasserstein": ["radius": 0.1]])
      },
      BrokenCase("weights of 1.1", 225, F.stages, "stages[0].risk_measure.convex_combination") {
        $0.set(
          F.stages, "stages[0].risk_measure",
          [
            "convex_combination": [
              ["weight": 0.6, "measure": "worst_case"], ["weight": 0.5, "measure": "expectation"],
            ]
          ])
      },
      BrokenCase(
        "two measures in a part", 225, F.stages, "stages[0].risk_measure.convex_combination[0].measure"
      ) {
        $0.set(
          F.stages, "stages[0].risk_measure",
          [
            "convex_combination": [
              ["weight": 1.0, "measure": ["entropic": ["gamma": 1.0], "wasserstein": ["radius": 0.1]]]
            ]
          ])
      },
      BrokenCase(
        "a combination in a combination", 202, F.stages,
        "stages[0].risk_measure.convex_combination[0].measure.convex_combination"
      ) {
        $0.set(
          F.stages, "stages[0].risk_measure",
          ["convex_combination": [["weight": 1.0, "measure": ["convex_combination": []]]]])
      },
      BrokenCase("window of 32 iterations", 208, F.config, "training.cut_selection.basis_activity_window") {
        $0.set(F.config, "training.cut_selection", ["basis_activity_window": 32])
      },
      BrokenCase("day that does not exist", 209, F.stages, "stages[1].start_date") {
        $0.set(F.stages, "stages[1].start_date", "2027-02-29")
      },
      BrokenCase("date in another order", 209, F.stages, "stages[0].start_date") {
        $0.set(F.stages, "stages[0].start_date", "01/01/2027")
      },
      BrokenCase("end before start", 209, F.stages, "stages[0].end_date") {
        $0.set(F.stages, "stages[0].end_date", "2026-12-31")
      },
      BrokenCase("negative stage", 210, F.stages, "stages[0].id") { $0.set(F.stages, "stages[0].id", -1) },
      BrokenCase("positive pre-study stage", 210, F.stages, "pre_study_stages[0].id") {
        $0.set(F.stages, "pre_study_stages", [["id": 0, "start_date": "2026-12-01", "end_date": "2027-01-01"]])
      },
      BrokenCase("gap in blocks", 211, F.stages, "stages[0].blocks") { $0.set(F.stages, "stages[0].blocks[0].id", 1) },
      BrokenCase("no blocks", 211, F.stages, "stages[0].blocks") { $0.set(F.stages, "stages[0].blocks", []) },
      BrokenCase("no hours", 211, F.stages, "stages[0].blocks[0].hours") {
        $0.set(F.stages, "stages[0].blocks[0].hours", 0)
      },
      BrokenCase("no deficit segment", 212, F.penalties, "bus.deficit_segments") {
        $0.set(F.penalties, "bus.deficit_segments", [])
      },
      BrokenCase("eleven months of evaporation", 212, F.hydros, "hydros[0].evaporation.coefficients_mm") {
        $0.set(F.hydros, "hydros[0].evaporation", ["coefficients_mm": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]])
      },
      BrokenCase("no tailrace point", 212, F.hydros, "hydros[0].tailrace.points") {
        $0.set(F.hydros, "hydros[0].tailrace", ["type": "piecewise", "points": []])
      },
      BrokenCase("empty method", 212, F.correlation, "method") {
        $0.write(F.correlation, #"{"method": "", "profiles": {"default": {"correlation_groups": []}}}"#)
      },
      BrokenCase("no profile", 212, F.correlation, "profiles") {
        $0.write(F.correlation, #"{"method": "spectral", "profiles": {}}"#)
      },
    ] + expressions + configuration

  private static func generic(_ expression: String, _ slack: String = #"{"enabled": false}"#) -> String {
    """
    {"constraints": [{"id": 1, "name": "C", "expression": "\(expression)", "sense": "<=", "slack": \(slack)}]}
    """
  }

  private static let expressions: [BrokenCase] =
    [
      ("unknown variable", "thermal_generatio(3)"), ("bare constant", "3 + thermal_generation(3)"),
      ("empty expression", ""), ("block of a stage variable", "hydro_storage(7, 0)"),
      ("negative id", "thermal_generation(-3)"), ("two signs", "thermal_generation(3) - -thermal_generation(3)"),
      ("missing parenthesis", "thermal_generation(3"), ("missing star", "2 thermal_generation(3)"),
      ("huge number", "1e999 * thermal_generation(3)"),
    ].map { name, text in
      BrokenCase(name, 213, F.generic, "constraints[0].expression") { $0.write(F.generic, generic(text)) }
    } + [
      BrokenCase("slack without penalty", 214, F.generic, "constraints[0].slack.penalty") {
        $0.write(F.generic, generic("thermal_generation(3)", #"{"enabled": true}"#))
      },
      BrokenCase("slack penalty of zero", 214, F.generic, "constraints[0].slack.penalty") {
        $0.write(F.generic, generic("thermal_generation(3)", #"{"enabled": true, "penalty": 0}"#))
      },
    ]

  private static func models(_ range: String) -> String {
    """
    {"production_models": [{"hydro_id": 7, "selection_mode": "stage_ranges", "stage_ranges": [\(range)]}]}
    """
  }

  private static let configuration: [BrokenCase] = [
    BrokenCase("override with FPHA", 215, F.models, "production_models[0].stage_ranges[0].productivity_override") {
      $0.write(F.models, models(#"{"start_stage_id": 0, "model": "fpha", "productivity_override": 1}"#))
    },
    BrokenCase("range that ends before it starts", 215, F.models, "production_models[0].stage_ranges[0].end_stage_id") {
      $0.write(F.models, models(#"{"start_stage_id": 1, "end_stage_id": 0, "model": "constant_productivity"}"#))
    },
    BrokenCase("window given twice", 215, F.models) {
      $0.write(
        F.models,
        models(
          #"""
          {"start_stage_id": 0, "model": "fpha", "fpha_config": {"source": "computed",
            "fitting_window": {"volume_min_hm3": 1, "volume_min_percentile": 0.1}}}
          """#))
    },
    BrokenCase("seasons of fewer values", 216, F.initial, "past_inflows[0].season_ids") {
      $0.set(F.initial, "past_inflows", [["hydro_id": 7, "values_m3s": [1.0, 2.0], "season_ids": [0]]])
    },
    BrokenCase("overlapping observations", 217, F.initial, "recent_observations[1]") {
      $0.set(
        F.initial, "recent_observations",
        [
          ["hydro_id": 7, "start_date": "2026-12-01", "end_date": "2026-12-20", "value_m3s": 5.0],
          ["hydro_id": 7, "start_date": "2026-12-19", "end_date": "2026-12-31", "value_m3s": 5.0],
        ])
    },
    BrokenCase("no iteration limit", 218, F.config, "training.stopping_rules") {
      $0.set(F.config, "training.stopping_rules", [["type": "time_limit", "seconds": 60]])
    },
    BrokenCase("cut selection without method", 219, F.config, "training.cut_selection.method") {
      $0.set(F.config, "training.cut_selection", ["enabled": true])
    },
    BrokenCase("scheme without seed", 220, F.config, "training.scenario_source.seed") {
      $0.set(F.config, "training.scenario_source", ["inflow": ["scheme": "out_of_sample"]])
    },
    BrokenCase("historical load", 220, F.config, "training.scenario_source.load.scheme") {
      $0.set(F.config, "training.scenario_source", ["seed": 1, "load": ["scheme": "historical"]])
    },
    BrokenCase("years without history", 220, F.config, "simulation.scenario_source.historical_years") {
      $0.set(F.config, "simulation.scenario_source", ["historical_years": [1990]])
    },
    BrokenCase("years backwards", 220, F.config, "training.scenario_source.historical_years") {
      $0.set(
        F.config, "training.scenario_source",
        ["seed": 1, "inflow": ["scheme": "historical"], "historical_years": ["from": 2000, "to": 1990]])
    },
    BrokenCase("unused penalty cost", 221, F.config, "modeling.inflow_non_negativity.penalty_cost") {
      $0.set(F.config, "modeling.inflow_non_negativity.penalty_cost", 500)
    },
    BrokenCase("threshold for memory window", 221, F.config, "training.cut_selection.threshold") {
      $0.set(F.config, "training.cut_selection", ["method": "lml1", "threshold": 3])
    },
    BrokenCase("fixed order", 221, F.config, "estimation.order_selection") {
      $0.set(F.config, "estimation.order_selection", "fixed")
    },
    BrokenCase("gas commitment", 221, F.thermals, "thermals[0].gnl_config") {
      $0.set(F.thermals, "thermals[0].gnl_config", ["lag_stages": 2])
    },
    BrokenCase("storage not a state", 221, F.stages, "stages[1].state_variables.storage") {
      $0.set(F.stages, "stages[1].state_variables", ["storage": false])
    },
    BrokenCase("method without enabled", 223, F.config, "training.cut_selection.method") {
      $0.set(F.config, "training.cut_selection", ["method": "lml1"])
    },
    BrokenCase("epsilon of another method", 223, F.config, "training.cut_selection.domination_epsilon") {
      $0.set(F.config, "training.cut_selection", ["enabled": true, "method": "level1", "domination_epsilon": 0.1])
    },
    BrokenCase("threshold of another method", 223, F.config, "training.cut_selection.threshold") {
      $0.set(F.config, "training.cut_selection", ["enabled": true, "method": "domination", "threshold": 3])
    },
    BrokenCase("a policy in a directory with too long a name", 224, F.config, "policy.path") {
      $0.set(F.config, "policy", ["path": .string(String(repeating: "p", count: 256))])
    },
    BrokenCase("evaluation that is off", 223, F.config, "upper_bound_evaluation.interval_iterations") {
      $0.set(F.config, "upper_bound_evaluation", ["interval_iterations": 5])
    },
    BrokenCase("checkpoints that are off", 223, F.config, "policy.checkpointing.interval_iterations") {
      $0.set(F.config, "policy", ["checkpointing": ["enabled": false, "interval_iterations": 5]])
    },
    BrokenCase("vertices without evaluation", 223, F.config, "simulation.policy_type") {
      $0.set(F.config, "simulation", ["enabled": true, "policy_type": "inner"])
    },
    BrokenCase("scenarios without simulation", 223, F.config, "simulation.num_scenarios") {
      $0.set(F.config, "simulation", ["num_scenarios": 500])
    },
    BrokenCase("simulation of nothing", 223, F.config, "simulation.enabled") {
      $0.set(F.config, "simulation", ["enabled": true, "num_scenarios": 0])
    },
    BrokenCase("comparison with no policy", 223, F.config, "policy.validate_compatibility") {
      $0.set(F.config, "policy", ["validate_compatibility": false])
    },
    BrokenCase("all of one rule", 223, F.config, "training.stopping_mode") {
      $0.set(F.config, "training.stopping_mode", "all")
    },
    BrokenCase("fitting of what is given", 223, F.config, "estimation.max_order") {
      $0.set(F.config, "estimation", ["max_order": 3])
    },
    BrokenCase("policy in a file of the run", 224, F.config, "policy.path") {
      $0.set(F.config, "policy", ["path": "run.sqlite"])
    },
    BrokenCase("policy in the run's directory", 224, F.config, "policy.path") {
      $0.set(F.config, "policy", ["path": "a/.."])
    },
    BrokenCase("no tree seed", 222, F.config, "training.tree_seed") { $0.set(F.config, "training.tree_seed", nil) },
  ]
}
