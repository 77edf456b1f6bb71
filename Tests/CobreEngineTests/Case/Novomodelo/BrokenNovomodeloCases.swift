import CobreBase
import CobreCase
import CobreEngine
import Testing

/// A valid Novomodelo case with one thing made wrong, and the finding that must come of it.
struct BrokenNovomodeloCase: Sendable, CustomTestStringConvertible {
  var code: Int
  var name: String
  var file: String
  var location: String?
  var edit: @Sendable (inout CaseDraft) -> Void

  init(
    _ code: Int, _ name: String, _ file: String, _ location: String? = nil,
    _ edit: @escaping @Sendable (inout CaseDraft) -> Void
  ) {
    self.code = code
    self.name = name
    self.file = file
    self.location = location
    self.edit = edit
  }

  var testDescription: String { "\(code) \(name)" }

  private static let stats = "scenarios/inflow_seasonal_stats.parquet"
  private static let bounds = "constraints/hydro_bounds.parquet"

  static let all: [BrokenNovomodeloCase] =
    files + keys + tables + plants + time + nodes + formulas + past + plausibility
}

extension BrokenNovomodeloCase {
  private static let files: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(101, "no stages", "stages.json") { $0.files["stages.json"] = nil },
    BrokenNovomodeloCase(106, "a byte order mark", "config.json", "line 1, column 1") {
      $0.files["config.json"] = [0xEF, 0xBB, 0xBF] + ($0.files["config.json"] ?? [])
    },
    BrokenNovomodeloCase(113, "a mixture", "penalties.json", "version") {
      $0.set("penalties.json", "version", "1.0")
    },
    BrokenNovomodeloCase(601, "no Parquet", stats) { $0.files[stats] = Array("hydro_id,stage_id\n".utf8) },
    BrokenNovomodeloCase(604, "a CSV table", "constraints/hydro_bounds.csv") {
      $0.write("constraints/hydro_bounds.csv", "hydro_id,stage_id\n7,0\n")
    },
    BrokenNovomodeloCase(605, "a file of an earlier release", "constraints/exchange_factors.json") {
      $0.write("constraints/exchange_factors.json", "{}")
    },
    BrokenNovomodeloCase(104, "an unknown file", "system/hydro.json") { $0.write("system/hydro.json", "{}") },
    BrokenNovomodeloCase(606, "an unknown key of the parameters", "constraints/generic_parameters.json", "note") {
      $0.write("constraints/generic_parameters.json", #"{"scalar_parameters": [], "note": 1}"#)
    },
    BrokenNovomodeloCase(627, "openings that nothing reads", "scenarios/noise_openings.parquet") {
      $0.table("scenarios/noise_openings", "stage_id opening_index entity_index value", [[0, 0, 0, 1]])
    },
  ]

  private static let keys: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(202, "our own key", "config.json", "training.forward_passes2") {
      $0.set("config.json", "training.forward_passes2", 1)
    },
    BrokenNovomodeloCase(203, "an integer with a fraction", "system/buses.json", "buses[0].id") {
      $0.write(
        "system/buses.json", #"{"buses": [{"id": 1.0, "name": "B1", "operational_start_date": "2000-01-01"}]}"#)
    },
    BrokenNovomodeloCase(206, "a capital letter", "stages.json", "stages[0].block_mode") {
      $0.set("stages.json", "stages[0].block_mode", "Parallel")
    },
    BrokenNovomodeloCase(206, "a cyclic graph", "stages.json", "policy_graph.type") {
      $0.set("stages.json", "policy_graph.type", "cyclic")
    },
    BrokenNovomodeloCase(206, "a linearized head", "system/hydros.json", "hydros[0].generation.model") {
      $0.set("system/hydros.json", "hydros[0].generation.model", "linearized_head")
    },
    BrokenNovomodeloCase(208, "a price of 0", "penalties.json", "hydro.spillage_cost") {
      $0.set("penalties.json", "hydro.spillage_cost", 0.0)
    },
    BrokenNovomodeloCase(212, "a single stage", "stages.json", "stages") {
      $0.set("stages.json", "stages[1]", nil)
    },
    BrokenNovomodeloCase(218, "no iteration limit", "config.json", "training.stopping_rules") {
      $0.set("config.json", "training.stopping_rules", [["type": "time_limit", "seconds": 5.0]])
    },
    BrokenNovomodeloCase(220, "no seed", "config.json", "training.scenario_source.seed") {
      $0.set("config.json", "training.scenario_source", ["inflow": ["scheme": "out_of_sample"]])
    },
    BrokenNovomodeloCase(206, "a risk measure with a capital letter", "stages.json", "stages[0].risk_measure") {
      $0.set("stages.json", "stages[0].risk_measure", "Expectation")
    },
    BrokenNovomodeloCase(225, "two risk measures", "stages.json", "stages[0].risk_measure") {
      $0.set(
        "stages.json", "stages[0].risk_measure",
        ["cvar": ["alpha": 0.5, "lambda": 0.5], "entropic": ["gamma": 0.1]])
    },
    BrokenNovomodeloCase(630, "a risk measure of ours", "stages.json", "stages[0].risk_measure") {
      $0.set("stages.json", "stages[0].risk_measure", ["modified_chi_squared": ["radius": 0.5]])
    },
    BrokenNovomodeloCase(608, "a gap of the worst case", "config.json", "training.stopping_rules[1]") {
      $0.set("config.json", "training.stopping_rules[1]", ["type": "gap", "tolerance": 1.0])
      $0.set("config.json", "training.selection", ["method": "enumerated"])
      $0.set("stages.json", "stages[0].risk_measure", "worst_case")
    },
    BrokenNovomodeloCase(608, "a gap of samples", "config.json", "training.stopping_rules[1]") {
      $0.set("config.json", "training.stopping_rules[1]", ["type": "gap", "tolerance": 1.0])
    },
    BrokenNovomodeloCase(609, "openings without a file", "config.json", "training.scenario_source.openings.source") {
      $0.set("config.json", "training.scenario_source", ["openings": ["source": "file"]])
    },
    BrokenNovomodeloCase(610, "dynamic and enumerated", "config.json", "training.cut_selection.selection.method") {
      $0.set("config.json", "training.selection", ["method": "enumerated"])
      $0.set("config.json", "training.cut_selection", ["selection": ["method": "dynamic"]])
    },
    BrokenNovomodeloCase(
      610, "capped and enumerated", "config.json", "training.cut_selection.max_active_per_stage"
    ) {
      $0.set("config.json", "training.selection", ["method": "enumerated"])
      $0.set("config.json", "training.cut_selection", ["max_active_per_stage": 50])
    },
    BrokenNovomodeloCase(612, "no number of openings", "stages.json", "stages[0].num_openings") {
      $0.set("stages.json", "stages[0].num_openings", nil)
    },
    BrokenNovomodeloCase(613, "a policy above", "config.json", "policy.path") {
      $0.set("config.json", "policy", ["path": "./runs/../.."])
    },
    BrokenNovomodeloCase(614, "checkpoints without interval", "config.json", "policy.checkpointing.interval_iterations")
    {
      $0.set("config.json", "policy", ["checkpointing": ["enabled": true]])
    },
    BrokenNovomodeloCase(620, "a slack without basis", "constraints/generic_constraints.json", "constraints[0].slack") {
      $0.json(
        "constraints/generic_constraints.json",
        [
          "constraints": [
            ["id": 0, "name": "C", "expression": "bus_deficit(1)", "slack": ["enabled": true, "penalty": 1.0]]
          ]
        ])
    },
    BrokenNovomodeloCase(622, "two leads", "system/thermals.json", "thermals[0].anticipated_config") {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_stages": 1, "lead_time_hours": 10.0])
    },
  ]

  private static let tables: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(201, "a missing column", stats, "column std_m3s") {
      $0.table("scenarios/inflow_seasonal_stats", "hydro_id stage_id mean_m3s", [[7, 0, 22], [7, 1, 22]])
    },
    BrokenNovomodeloCase(203, "an integer column of doubles", stats, "column hydro_id") {
      $0.files[stats] = PlainParquet.file([
        PlainParquet.Column(name: "hydro_id", kind: .double, values: [7, 7]),
        PlainParquet.Column(name: "stage_id", kind: .int32, values: [0, 1]),
        PlainParquet.Column(name: "mean_m3s", kind: .double, values: [22, 22]),
        PlainParquet.Column(name: "std_m3s", kind: .double, values: [0, 0]),
      ])
    },
    BrokenNovomodeloCase(204, "a value that is no number", bounds, "row 1, column max_storage_hm3") {
      $0.hydroBounds("max_storage_hm3", [[7, 0, .nan]])
    },
    BrokenNovomodeloCase(205, "a null", stats, "row 2, column mean_m3s") {
      $0.inflows([[7, 0, 22, 0], [7, 1, nil, 0]])
    },
    BrokenNovomodeloCase(207, "a repeated key", stats, "row 3") {
      $0.inflows([[7, 0, 22, 0], [7, 1, 22, 0], [7, 0, 22, 0]])
    },
    BrokenNovomodeloCase(207, "a value given twice", bounds, "row 2, column max_turbined_m3s") {
      $0.hydroBounds("max_turbined_m3s", [[7, 0, 20], [7, 0, 30]])
    },
    BrokenNovomodeloCase(303, "an unknown plant", bounds, "row 1, column hydro_id") {
      $0.hydroBounds("max_turbined_m3s", [[8, 0, 20]])
    },
    BrokenNovomodeloCase(307, "an unknown stage", bounds, "row 1, column stage_id") {
      $0.hydroBounds("max_turbined_m3s", [[7, 2, 20]])
    },
    BrokenNovomodeloCase(308, "an unknown block", bounds, "row 1, column block_id") {
      $0.hydroBounds("block_id max_turbined_m3s", [[7, 0, 1, 20]])
    },
    BrokenNovomodeloCase(403, "a stage without statistics", stats) { $0.inflows([[7, 0, 22, 0]]) },
    BrokenNovomodeloCase(603, "a column of another release", stats, "column residual_std_ratio") {
      $0.table(
        "scenarios/inflow_seasonal_stats", "hydro_id stage_id mean_m3s std_m3s residual_std_ratio",
        [[7, 0, 22, 0, 1], [7, 1, 22, 0, 1]])
    },
    BrokenNovomodeloCase(618, "a storage limit of a block", bounds, "row 1, column max_storage_hm3") {
      $0.hydroBounds("block_id max_storage_hm3", [[7, 0, 0, 100]])
    },
    BrokenNovomodeloCase(619, "a raised limit", bounds, "row 1, column max_turbined_m3s") {
      $0.hydroBounds("max_turbined_m3s", [[7, 0, 60]])
    },
    BrokenNovomodeloCase(
      619, "a raised limit of a group", "constraints/hydro_unit_group_bounds.parquet", "row 1, column max_generation_mw"
    ) {
      $0.table(
        "constraints/hydro_unit_group_bounds", "hydro_id hydro_unit_group_id stage_id max_generation_mw",
        [[7, 0, 0, 46]])
    },
  ]

  private static let plants: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(501, "a circle", "system/hydros.json", "hydros[0].downstream_id") {
      $0.set("system/hydros.json", "hydros[0].downstream_id", 7)
    },
    BrokenNovomodeloCase(504, "a start volume too large", "initial_conditions.json", "storage[0].value_hm3") {
      $0.set("initial_conditions.json", "storage[0].value_hm3", 151.0)
    },
    BrokenNovomodeloCase(506, "a filling without end", "system/hydros.json", "hydros[0].filling") {
      $0.set("system/hydros.json", "hydros[0].filling", ["start_stage_id": 0])
    },
    BrokenNovomodeloCase(
      506, "a filling without a rate", "system/hydros.json", "hydros[0].filling.filling_min_rate_m3s"
    ) {
      $0.set("system/hydros.json", "hydros[0].filling", ["start_stage_id": 0])
      $0.set("system/hydros.json", "hydros[0].entry_stage_id", 1)
      $0.set("initial_conditions.json", "storage", [])
    },
    BrokenNovomodeloCase(615, "groups larger than the plant", "system/hydros.json", "hydros[0].unit_groups") {
      $0.set("system/hydros.json", "hydros[0].unit_groups[0].max_turbined_m3s", 51.0)
    },
    BrokenNovomodeloCase(616, "no productivity", "system/hydro_production_models.json") {
      $0.json("system/hydro_production_models.json", ["production_models": []])
    },
    BrokenNovomodeloCase(616, "planes of no element", "system/hydro_production_models.json", "production_models") {
      $0.set("system/hydros.json", "hydros[0].generation.model", "fpha")
      $0.json("system/hydro_production_models.json", ["production_models": []])
    },
    BrokenNovomodeloCase(617, "planes without productivity", "system/hydro_energy_productivity.parquet") {
      $0.set("system/hydros.json", "hydros[0].generation.model", "fpha")
    },
    BrokenNovomodeloCase(628, "coefficients without deviation", "scenarios/inflow_ar_coefficients.parquet", "row 1") {
      $0.table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 0, 1, 0.5]])
    },
    BrokenNovomodeloCase(628, "coefficients above 1", "scenarios/inflow_ar_coefficients.parquet") {
      $0.inflows([[7, 0, 22, 1], [7, 1, 22, 1]])
      $0.table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 1, 1, 1.2]])
    },
    BrokenNovomodeloCase(629, "a lag without observations", "initial_conditions.json", "recent_observations") {
      $0.inflows([[7, -1, 22, 1], [7, 0, 22, 1], [7, 1, 22, 1]])
      $0.table("scenarios/inflow_ar_coefficients", "hydro_id stage_id lag coefficient", [[7, 0, 1, 0.5]])
    },
  ]

  private static let time: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(611, "another season", "stages.json", "stages[1].season_id") {
      $0.set("stages.json", "stages[1].season_id", 4)
    },
    BrokenNovomodeloCase(623, "a hole after the study", "post_study_stages.json", "stages[0].start_date") {
      $0.json(
        "post_study_stages.json",
        ["stages": [["start_date": "2027-03-03", "duration_hours": 24.0]], "thermal_bounds": []])
    },
    BrokenNovomodeloCase(623, "a delivery after the study without limits", "post_study_stages.json", "thermal_bounds") {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_stages": 1])
      $0.set(
        "initial_conditions.json", "past_anticipated_commitments",
        [["thermal_id": 3, "start_date": "2027-01-01", "end_date": "2027-02-01", "value_mw": 10.0]])
      $0.json(
        "post_study_stages.json",
        ["stages": [["start_date": "2027-03-01", "duration_hours": 24.0]], "thermal_bounds": []])
    },
    BrokenNovomodeloCase(
      629, "a commitment of a plant without a lead", "initial_conditions.json",
      "past_anticipated_commitments[0].thermal_id"
    ) {
      $0.set(
        "initial_conditions.json", "past_anticipated_commitments",
        [["thermal_id": 3, "start_date": "2027-01-01", "end_date": "2027-02-01", "value_mw": 10.0]])
    },
    BrokenNovomodeloCase(629, "no commitment for the first delivery", "initial_conditions.json") {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_stages": 1])
    },
    BrokenNovomodeloCase(611, "a week and a month in one season", "stages.json", "stages[1].season_id") {
      $0.set("stages.json", "stages[0].end_date", "2027-01-08")
      $0.set("stages.json", "stages[1].start_date", "2027-01-08")
      $0.set("stages.json", "stages[1].end_date", "2027-02-07")
      $0.set("stages.json", "stages[1].season_id", 0)
    },
    BrokenNovomodeloCase(621, "travel to a plant that comes later", "system/hydros.json", "hydros[0].travel_time_hours")
    {
      $0 = .cascade
      $0.set("system/hydros.json", "hydros[0].travel_time_hours", 300.0)
      $0.set("system/hydros.json", "hydros[1].entry_stage_id", 1)
    },
    BrokenNovomodeloCase(
      504, "a volume before the filling", "initial_conditions.json", "filling_storage[0].value_hm3"
    ) {
      $0 = .cascade
      NovomodeloSmallCase.addFilling(&$0, start: 1, inflow: 6, seed: 4)
    },
    BrokenNovomodeloCase(622, "a lead of more stages than the study has", "system/thermals.json") {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_stages": 3])
    },
    BrokenNovomodeloCase(622, "a lead of more hours than the study has", "system/thermals.json") {
      $0.set("system/thermals.json", "thermals[0].anticipated_config", ["lead_time_hours": 1416.5])
    },
    BrokenNovomodeloCase(625, "losses that are reported only", "system/lines.json", "lines") {
      $0.set(
        "system/buses.json", "buses[1]", ["id": 2, "name": "B2", "operational_start_date": "2000-01-01"])
      $0.loads([[1, 0, 62, 0], [1, 1, 62, 0], [2, 0, 0, 0], [2, 1, 0, 0]])
      $0.json(
        "system/lines.json",
        [
          "lines": [
            [
              "id": 0, "name": "L", "operational_start_date": "2000-01-01", "source_bus_id": 1, "target_bus_id": 2,
              "capacity": ["direct_mw": 1.0, "reverse_mw": 1.0], "losses_percent": 1.0,
            ]
          ]
        ])
    },
    BrokenNovomodeloCase(626, "revenue", "stages.json", "stages") {
      $0.addContract("export", (0, 8), price: -150)
    },
    BrokenNovomodeloCase(
      626, "factors of external values without statistics", "scenarios/non_controllable_factors.json",
      "non_controllable_factors"
    ) {
      $0.json(
        "system/non_controllable_sources.json",
        [
          "non_controllable_sources": [
            ["id": 5, "name": "W", "operational_start_date": "2000-01-01", "bus_id": 1, "max_generation_mw": 9.0]
          ]
        ])
      $0.json(
        "scenarios/non_controllable_factors.json",
        [
          "non_controllable_factors": [
            ["ncs_id": 5, "stage_id": 0, "block_factors": [["block_id": 0, "factor": 0.5]]]
          ]
        ])
      $0.table(
        "scenarios/external_ncs_scenarios", "stage_id scenario_id ncs_id availability_factor",
        [[0, 0, 5, 0.8], [1, 0, 5, 0.8]])
      $0.set("config.json", "training.scenario_source", ["seed": 5, "ncs": ["scheme": "external"]])
    },
  ]
}

extension BrokenNovomodeloCase {
  private static let nodes: [BrokenNovomodeloCase] = [
    BrokenNovomodeloCase(207, "two nodes of one id", "stages.json") {
      $0.branch()
      $0.set("stages.json", "policy_graph.nodes[2].id", 1)
    },
    BrokenNovomodeloCase(307, "a node of an unknown stage", "stages.json") {
      $0.branch()
      $0.set("stages.json", "policy_graph.nodes[2].stage_id", 5)
    },
    BrokenNovomodeloCase(519, "probabilities of 0.95 in sum", "stages.json", "policy_graph.nodes[0]") {
      $0.branch()
      $0.set("stages.json", "policy_graph.transitions[1].probability", 0.7)
    },
    BrokenNovomodeloCase(612, "openings beside external values", "stages.json", "stages[1].num_openings") {
      $0.branch()
      $0.set("stages.json", "stages[1].num_openings", 1)
    },
    BrokenNovomodeloCase(612, "nodes without openings", "stages.json", "stages[1].num_openings") {
      $0.fork(openings: 1)
      $0.set("stages.json", "stages[1].num_openings", nil)
    },
    BrokenNovomodeloCase(
      640, "an arc between stages to nowhere", "stages.json", "policy_graph.transitions[0].target_id"
    ) {
      $0.set(
        "stages.json", "policy_graph.transitions", [["source_id": 0, "target_id": 9, "probability": 1.0]])
    },
    BrokenNovomodeloCase(640, "two nodes at the start", "stages.json", "policy_graph.nodes[1]") {
      $0.fork(openings: 1)
      $0.set("stages.json", "policy_graph.nodes[1].stage_id", 0)
    },
    BrokenNovomodeloCase(640, "a stage without node", "stages.json", "policy_graph.nodes") {
      $0.nodes([(0, 0, nil)], [])
    },
    BrokenNovomodeloCase(640, "a node that nothing reaches", "stages.json", "policy_graph.nodes[1]") {
      $0.fork(openings: 1)
      $0.set("stages.json", "policy_graph.transitions", [["source_id": 0, "target_id": 1, "probability": 1.0]])
    },
    BrokenNovomodeloCase(640, "an arc within a stage", "stages.json", "policy_graph.transitions[2]") {
      $0.fork(openings: 1)
      $0.set("stages.json", "policy_graph.transitions[2]", ["source_id": 1, "target_id": 2, "probability": 1.0])
    },
    BrokenNovomodeloCase(640, "an arc to nowhere", "stages.json", "policy_graph.transitions[1].target_id") {
      $0.fork(openings: 1)
      $0.set("stages.json", "policy_graph.transitions[1].target_id", 9)
    },
    BrokenNovomodeloCase(
      640, "a rate of an arc", "stages.json", "policy_graph.transitions[0].annual_discount_rate_override"
    ) {
      $0.fork(openings: 1)
      $0.set("stages.json", "policy_graph.transitions[0].annual_discount_rate_override", 0.1)
    },
    BrokenNovomodeloCase(641, "a scenario beyond the table", "stages.json", "policy_graph.nodes[2].scenario_id") {
      $0.branch((0, 2))
    },
    BrokenNovomodeloCase(641, "no scenario", "stages.json", "policy_graph.nodes[2]") {
      $0.branch()
      $0.set("stages.json", "policy_graph.nodes[2].scenario_id", nil)
    },
    BrokenNovomodeloCase(641, "a scenario of sampled paths", "stages.json", "policy_graph.nodes[0].scenario_id") {
      $0.branch()
      $0.set("config.json", "training.selection", ["method": "sampled", "forward_passes": 1])
    },
    BrokenNovomodeloCase(641, "a class that draws", "config.json", "training.scenario_source.load.scheme") {
      $0.branch()
      $0.loads([[1, 0, 62, 6], [1, 1, 62, 6]])
      $0.useExternals(["inflow"])
    },
    BrokenNovomodeloCase(642, "several openings", "config.json", "training.selection.method") {
      $0.set("config.json", "training.selection", ["method": "enumerated"])
      $0.set("stages.json", "stages[1].num_openings", 2)
    },
    BrokenNovomodeloCase(642, "several openings of a simulation", "config.json", "simulation.selection.method") {
      $0.set("config.json", "simulation", ["enabled": true, "selection": ["method": "enumerated"]])
      $0.set("stages.json", "stages[1].num_openings", 2)
    },
    BrokenNovomodeloCase(642, "a join", "stages.json", "policy_graph.nodes[3]") {
      $0.set("stages.json", "stages[2]", CaseDraft.stage(2))
      $0.inflows((0..<3).map { [7, Double($0), 22, 0] })
      $0.loads((0..<3).map { [1, Double($0), 62, 0] })
      $0.nodes(
        [(0, 0, nil), (1, 1, nil), (2, 1, nil), (3, 2, nil)], [(0, 1, 0.25), (0, 2, 0.75), (1, 3, 1), (2, 3, 1)])
      $0.set("config.json", "training.selection", ["method": "enumerated"])
    },
  ]
}

@Suite("Broken Novomodelo cases") struct BrokenNovomodeloCaseTests {
  @Test(arguments: BrokenNovomodeloCase.all) func givesItsFinding(_ broken: BrokenNovomodeloCase) {
    var draft = CaseDraft.monthly
    broken.edit(&draft)
    let report = draft.read()
    let found = report.findings.contains {
      $0.code == broken.code && $0.file == broken.file && (broken.location == nil || $0.location == broken.location)
    }
    #expect(found, "\(report.findings.map(\.description).joined(separator: "\n"))")
    #expect((report.study == nil) == !report.errors.isEmpty)
    for finding in report.findings { #expect(Rule.rule(finding.code) != nil) }
  }

  @Test func coverEveryRule() {
    // 602 needs a compression that the plain files of these tests do not have.
    let uncovered = Set(Rule.all.filter { $0.layer == 6 }.map(\.code))
      .subtracting(BrokenNovomodeloCase.all.map(\.code)).subtracting([602])
    #expect(uncovered.isEmpty, "\(uncovered.sorted())")
  }

  @Test(arguments: [nil, 1] as [Int64?])
  func plantsInServiceNeedAnInflow(entry: Int64?) {
    var draft = CaseDraft.monthly
    draft.inflows([[7, 1, 22, 0]])
    if let entry { draft.set("system/hydros.json", "hydros[0].entry_stage_id", .int(entry)) }
    let report = draft.read()
    #expect(report.errors.contains { $0.code == 403 } == (entry == nil), "\(report.findings)")
    #expect(report.warnings.contains { $0.code == 403 } == (entry != nil))
  }

  @Test(arguments: [("truncation", true), ("truncation_with_penalty", true), ("penalty", false), ("none", false)])
  func lagsThatAreCutOffAreReported(method: String, isHeuristic: Bool) {
    var draft = CaseDraft.monthly
    draft.addLags()
    draft.set("config.json", "modeling.inflow_non_negativity.method", .string(method))
    let report = draft.read()
    #expect(report.errors.isEmpty, "\(report.errors)")
    #expect(report.warnings.contains { $0.code == 552 } == isHeuristic)
    draft.inflows([[7, -1, 26, 0], [7, 0, 22, 0], [7, 1, 22, 0]])
    draft.files["scenarios/inflow_ar_coefficients.parquet"] = nil
    // Without lags nothing is kinked.
    #expect(!draft.read().warnings.contains { $0.code == 552 })
  }

  @Test func theBaseIsSound() { #expect(CaseDraft.monthly.read().findings.map(\.description) == []) }
}
