package import CobreCase
internal import CobreEngine

/// A small system under the conventions of Novomodelo, as our reader would represent it.
///
/// Its stages are the months from January 2027 on, with one block each and one opening. Bus 1 has load 62 MW, deficit
/// at 900 $/MWh and excess at 0.5. Thermal 3 gives 35 MW at 75 $/MWh. The files are in our own format. What that format
/// cannot express is changed in the case after reading.
package struct NovomodeloCase {
  /// A hydro plant with one unit group at the first bus.
  package struct Plant {
    package var id: Int
    package var storage: (low: Double, high: Double, start: Double)
    package var inflow: Double
    package var downstream: Int?
    package var maxTurbined = 50.0
    package var maxGeneration = 45.0
    /// Stage of entry and exit.
    package var entry: Int?
    package var exit: Int?

    package init(
      _ id: Int, _ storage: (low: Double, high: Double, start: Double), inflow: Double, downstream: Int? = nil
    ) {
      self.id = id
      self.storage = storage
      self.inflow = inflow
      self.downstream = downstream
    }
  }

  package var stages = 2
  /// MW by bus.
  ///
  /// Ids from 1.
  package var loads = [62.0]
  /// MW.
  ///
  /// Ids from 3, buses by index.
  package var thermals: [(bus: Int, most: Double, price: Double)] = [(0, 35, 75)]
  package var plants = [Plant(7, (10, 150, 60), inflow: 22)]
  /// Annual discount rate.
  package var rate = 0.0
  /// Hours of the blocks of each stage (nil = one block).
  package var blocks: [Double]?
  package var method = "none"
  /// Further files, or others instead of those written here.
  package var files: [(path: String, content: JSONText)] = []
  package var tables: [(path: String, header: String, rows: [String])] = []

  package init() {}

  /// Three stages, load 80, thermal 100 MW, and two plants one below the other.
  package static var cascade: NovomodeloCase {
    var system = NovomodeloCase()
    system.stages = 3
    system.loads = [80]
    system.thermals = [(0, 100, 75)]
    system.plants = [
      Plant(7, (0, 100, 40), inflow: 12, downstream: 9), Plant(9, (0, 80, 30), inflow: 8),
    ]
    return system
  }

  private static let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

  /// Hours of a month.
  package static func hours(_ stage: Int) -> Double { 24 * Double(days[stage % 12]) }

  /// Reads the case and changes what our format cannot say.
  package func study(_ change: (inout StudyCase) -> Void = { _ in }) throws -> StudyCase {
    var study = try text.study()
    study.conventions = .novomodelo
    for hydro in study.hydros.indices {
      let limits = study.hydros[hydro].limits
      study.hydros[hydro].groups = [
        UnitGroup(
          id: 1, name: "G", bus: study.hydros[hydro].bus,
          limits: UnitGroupLimits(
            minTurbined: limits.minTurbined, maxTurbined: limits.maxTurbined, minGeneration: limits.minGeneration,
            maxGeneration: limits.maxGeneration))
      ]
    }
    for line in study.lines.indices { study.lines[line].losesPower = false }
    for index in study.hydroCosts.indices { study.hydroCosts[index].fphaTurbined = 0 }
    change(&study)
    var given = GivenCase(study)
    return given.resolved()
  }

  private var text: CaseText {
    var text = CaseText()
    text.json(
      "config.json",
      [
        "training": [
          "tree_seed": 11, "forward_passes": 1, "stopping_rules": [["type": "iteration_limit", "limit": 20]],
        ],
        "modeling": ["inflow_non_negativity": ["method": .string(method)]],
      ])
    text.json("penalties.json", Self.penalties)
    text.json("stages.json", stageText)
    text.json(
      "initial_conditions.json",
      [
        "storage": .array(plants.map { ["hydro_id": .integer($0.id), "value_hm3": .number($0.storage.start)] }),
        "filling_storage": [],
      ])
    text.json(
      "system/buses.json",
      ["buses": .array(loads.indices.map { ["id": .integer($0 + 1), "name": .string("B\($0 + 1)")] })])
    text.json("system/lines.json", ["lines": []])
    text.json(
      "system/thermals.json",
      [
        "thermals": .array(
          thermals.enumerated().map { index, plant in
            [
              "id": .integer(index + 3), "name": .string("T\(index)"), "bus_id": .integer(plant.bus + 1),
              "cost_per_mwh": .number(plant.price), "generation": ["min_mw": 0.0, "max_mw": .number(plant.most)],
            ]
          })
      ])
    text.json("system/hydros.json", ["hydros": .array(plants.map(hydroText))])
    text.csv(
      "scenarios/inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s",
      plants.flatMap { plant in (0..<stages).map { "\(plant.id),\($0),\(plant.inflow),0" } })
    text.csv(
      "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw",
      loads.enumerated().flatMap { bus, load in (0..<stages).map { "\(bus + 1),\($0),\(load),0" } })
    for file in files { text.json(file.path, file.content) }
    for table in tables { text.csv(table.path, table.header, table.rows) }
    return text
  }

  private var stageText: JSONText {
    let list = (0..<stages).map { stage -> JSONText in
      let hours = blocks ?? [Self.hours(stage)]
      let blockText = hours.enumerated().map { k, value -> JSONText in
        ["id": .integer(k), "name": .string("K\(k)"), "hours": .number(value)]
      }
      return [
        "id": .integer(stage), "start_date": .string(Self.firstOfMonth(stage)),
        "end_date": .string(Self.firstOfMonth(stage + 1)), "season_id": .integer(stage % 12), "num_scenarios": 1,
        "blocks": .array(blockText),
      ]
    }
    return [
      "policy_graph": [
        "type": "finite_horizon", "annual_discount_rate": .number(rate),
        "transitions": .array(
          (0..<(stages - 1)).map {
            ["source_id": .integer($0), "target_id": .integer($0 + 1), "probability": 1.0]
          }),
      ], "stages": .array(list),
    ]
  }

  private static func firstOfMonth(_ stage: Int) -> String {
    let month = stage % 12 + 1
    return "\(2027 + stage / 12)-\(month < 10 ? "0" : "")\(month)-01"
  }

  private func hydroText(_ plant: Plant) -> JSONText {
    [
      "id": .integer(plant.id), "name": .string("H\(plant.id)"), "bus_id": 1,
      "downstream_id": .optional(plant.downstream), "entry_stage_id": .optional(plant.entry),
      "exit_stage_id": .optional(plant.exit),
      "reservoir": [
        "min_storage_hm3": .number(plant.storage.low), "max_storage_hm3": .number(plant.storage.high),
      ],
      "outflow": ["min_outflow_m3s": 0.0, "max_outflow_m3s": nil],
      "generation": [
        "model": "constant_productivity", "productivity_mw_per_m3s": 0.9, "min_turbined_m3s": 0.0,
        "max_turbined_m3s": .number(plant.maxTurbined), "min_generation_mw": 0.0,
        "max_generation_mw": .number(plant.maxGeneration),
      ],
    ]
  }

  private static var penalties: JSONText {
    [
      "bus": ["deficit_segments": [["depth_mw": nil, "cost": 900.0]], "excess_cost": 0.5],
      "line": ["exchange_cost": 0.1],
      "hydro": [
        "spillage_cost": 0.01, "fpha_turbined_cost": 0.02, "diversion_cost": 0.02,
        "storage_violation_below_cost": 2000.0,
        "filling_target_violation_cost": 400.0, "turbined_violation_below_cost": 300.0,
        "outflow_violation_below_cost": 320.0, "outflow_violation_above_cost": 340.0,
        "generation_violation_below_cost": 350.0, "evaporation_violation_cost": 400.0,
        "water_withdrawal_violation_cost": 380.0,
      ],
      "non_controllable_source": ["curtailment_cost": 0.005],
    ]
  }
}
