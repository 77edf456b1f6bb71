package import CobreBase
internal import Foundation

/// A case made of a hydrothermal model in MSPFormat.
///
/// The format has no units and no dates: a unit of volume becomes a hm³, a unit of energy a MWh, a stage a month from
/// January 2027 on. Initial storages are in the right-hand sides of the first balances and stay there, as inflow. The
/// nodes of a stage become its openings where all of them have the same successors, else stages side by side in time.
/// Load that cannot be met has a price above all plants, which the model does not have; where it never occurs, the
/// optimum is that of the model.
package struct MSPCase {
  /// Why a model cannot become a case, as a sentence without its end.
  package struct Failure: Error {
    package var sentence: String

    package init(sentence: String) { self.sentence = sentence }
  }

  /// The files of the case by relative path.
  package private(set) var files: [String: String] = [:]
  /// Sentences on what the case has and the model has not.
  package private(set) var notes: [String] = []

  private let model: MSPModel
  private let system: MSPHydrothermal
  private let places: [Place]
  /// Price of load that is not met, in $/MWh.
  private var deficitPrice = 1.0

  /// A stage of the case.
  private struct Place {
    var stage: Int
    /// Nodes that are its openings, with their probabilities.
    var openings: [(node: Int, probability: Double)]
    var successors: [(place: Int, probability: Double)]
  }

  /// - Parameters:
  ///   - problem: the `.problem.json`.
  ///   - lattice: the `.lattice.json`.
  /// - Throws: `Failure` with the reason why the model is no case.
  package init(problem: JSONValue, lattice: JSONValue) throws(Failure) {
    do throws(MSPModel.Refusal) {
      model = try MSPModel(problem: problem, lattice: lattice)
      system = try MSPHydrothermal(model)
      places = try Self.places(model)
      try write()
    } catch {
      throw Failure(sentence: error.sentence)
    }
  }

  private static func places(_ model: MSPModel) throws(MSPModel.Refusal) -> [Place] {
    let last = model.nodes.last?.stage ?? 0
    let members = (0...last).map { stage in model.nodes.indices.filter { model.nodes[$0].stage == stage } }
    func arcs(_ node: Int) -> [String: Double] {
      Dictionary(model.nodes[node].successors.map { ($0.key, $0.probability) }) { first, _ in first }
    }
    let isAlike = members.map { nodes in nodes.dropFirst().allSatisfy { arcs($0) == arcs(nodes[0]) } }
    let positions = Dictionary(uniqueKeysWithValues: model.nodes.enumerated().map { ($1.key, $0) })
    let first = members[0].map { ($0, 1 / Double(members[0].count)) }
    if isAlike.allSatisfy(\.self) {
      return (0...last).map { stage in
        let openings =
          stage == 0
          ? first
          : model.nodes[members[stage - 1][0]].successors.compactMap { arc in
            positions[arc.key].map { ($0, arc.probability) }
          }.filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }
        return Place(stage: stage, openings: openings, successors: stage < last ? [(stage + 1, 1)] : [])
      }
    }
    guard isAlike[0] else {
      throw .init(sentence: "the nodes of stage 0 have different successors, and a study starts from one")
    }
    // The first stage is one; each later node is a stage of its own.
    let firstCount = members[0].count
    func place(_ node: Int) -> Int { node < firstCount ? 0 : node - firstCount + 1 }
    func following(_ node: Int) -> [(Int, Double)] {
      model.nodes[node].successors.compactMap { arc in positions[arc.key].map { (place($0), arc.probability) } }
        .filter { $0.1 > 0 }.sorted { $0.0 < $1.0 }
    }
    return [Place(stage: 0, openings: first, successors: following(0))]
      + model.nodes.indices.dropFirst(firstCount).map {
        Place(stage: model.nodes[$0].stage, openings: [($0, 1)], successors: following($0))
      }
  }

  private func month(_ stage: Int) -> (start: CalendarDate?, end: CalendarDate?, hours: Double) {
    func date(_ month: Int) -> CalendarDate? { CalendarDate(year: 2027 + month / 12, month: month % 12 + 1, day: 1) }
    return (
      date(stage), date(stage + 1),
      Double(24 * CalendarDate.daysInMonth(stage % 12 + 1, year: 2027 + stage / 12))
    )
  }

  private func flow(_ volume: Double, _ stage: Int) -> Double { volume / (0.0036 * month(stage).hours) }

  private func right(_ place: Int, _ opening: Int, reservoir: Int) -> Double {
    let (value, scale) = system.balances[places[place].stage][reservoir]
    let node = model.nodes[places[place].openings[opening].node]
    let volume = scale * (MSPModel.value(value, at: node.state) ?? .nan)
    return places[place].stage == 0 ? volume - start(reservoir) : volume
  }

  /// Volume that the case starts with, which the first balance of the model has on its right-hand side.
  private func start(_ reservoir: Int) -> Double {
    model.variables.compactMap { $0[system.reservoirs[reservoir].name]?.lower }.min() ?? 0
  }

  private func demand(_ place: Int, _ opening: Int, load: Int) -> Double {
    let node = model.nodes[places[place].openings[opening].node]
    return MSPModel.value(system.demands[places[place].stage][load], at: node.state) ?? .nan
  }

  private mutating func write() throws(MSPModel.Refusal) {
    var (inflows, loads) = (0.0, 0.0)
    for place in places.indices {
      var (most, load) = (0.0, 0.0)
      for opening in places[place].openings.indices {
        most = max(most, system.reservoirs.indices.reduce(0) { $0 + max(0, right(place, opening, reservoir: $1)) })
        load = max(load, (0..<system.loads).reduce(0) { $0 + max(0, demand(place, opening, load: $1)) })
      }
      inflows += most
      loads = max(loads, load)
    }
    guard inflows.isFinite, loads.isFinite else { throw .init(sentence: "a right-hand side is no number") }
    writeStages()
    writeSystem(water: inflows, load: loads)
    writeOpenings()
  }

  private mutating func put(_ file: CaseFileName, _ value: JSONValue) {
    files[file.path] = value.text(.init(isIndented: true)) + "\n"
  }

  private mutating func writeStages() {
    let stages = places.enumerated().map { index, place -> JSONValue in
      let month = month(place.stage)
      return [
        "id": .int(Int64(index)), "start_date": .string(month.start?.description ?? ""),
        "end_date": .string(month.end?.description ?? ""), "num_scenarios": .int(Int64(place.openings.count)),
        "blocks": [["id": 0, "name": "ALL", "hours": .double(month.hours)]],
      ]
    }
    var graph: JSONObject = ["type": "finite_horizon", "annual_discount_rate": 0.0]
    let isChain = places.enumerated().allSatisfy { index, place in
      place.successors.isEmpty ? index == places.count - 1 : place.successors.map(\.place) == [index + 1]
    }
    if !isChain {
      graph["transitions"] = .array(
        places.enumerated().flatMap { index, place in
          place.successors.map { arc -> JSONValue in
            [
              "source_id": .int(Int64(index)), "target_id": .int(Int64(arc.place)),
              "probability": .double(arc.probability),
            ]
          }
        })
    }
    put(.stages, ["policy_graph": .object(graph), "stages": .array(stages)])
    put(
      .config,
      [
        "training": [
          "tree_seed": 42, "forward_passes": 4, "stopping_rules": [["type": "iteration_limit", "limit": 100]],
        ], "modeling": ["inflow_non_negativity": ["method": "none"]],
      ])
  }

  private mutating func writeSystem(water: Double, load: Double) {
    var (hydroRows, thermalRows) = ("", "")
    var hydros: [JSONValue] = []
    var storages: [JSONValue] = []
    let stages = model.variables.indices
    for (index, reservoir) in system.reservoirs.enumerated() {
      let storage = stages.compactMap { model.variables[$0][reservoir.name] }
      let most = storage.map { min($0.upper, water) }
      let productivity = 0.0036 * reservoir.yield
      let limits = stages.map { stage -> Double in
        let upper = reservoir.turbined.flatMap { model.variables[stage][$0]?.upper } ?? 0
        // Without a limit, all water that there can be.
        return flow(min(upper * reservoir.turbinedVolume, 2 * water), stage)
      }
      hydros.append([
        "id": .int(Int64(index)), "name": .string(reservoir.name), "bus_id": .int(Int64(reservoir.load ?? 0)),
        "downstream_id": reservoir.downstream.map { .int(Int64($0)) } ?? .null,
        "reservoir": [
          "min_storage_hm3": .double(storage.map(\.lower).min() ?? 0), "max_storage_hm3": .double(most.max() ?? 0),
        ], "outflow": ["min_outflow_m3s": 0.0, "max_outflow_m3s": .null],
        "generation": [
          "model": "constant_productivity", "productivity_mw_per_m3s": .double(productivity), "min_turbined_m3s": 0.0,
          "max_turbined_m3s": .double(limits.max() ?? 0), "min_generation_mw": 0.0,
          "max_generation_mw": .double(productivity * (limits.max() ?? 0)),
        ],
      ])
      storages.append(["hydro_id": .int(Int64(index)), "value_hm3": .double(start(index))])
      for (place, at) in places.enumerated() {
        guard let bounds = model.variables[at.stage][reservoir.name] else { continue }
        hydroRows +=
          "\(index),\(place),\(limits[at.stage]),\(bounds.lower),\(min(bounds.upper, max(water, bounds.lower)))\n"
      }
    }
    var thermals: [JSONValue] = []
    for (index, thermal) in system.thermals.enumerated() {
      let variables = stages.map { model.variables[$0][thermal.name] }
      let prices = variables.map { ($0?.cost ?? 0) / thermal.yield }
      deficitPrice = max(deficitPrice, 10 * (prices.max() ?? 0))
      func power(_ amount: Double, _ stage: Int) -> Double { min(amount * thermal.yield, load) / month(stage).hours }
      let upper = stages.map { power(variables[$0]?.upper ?? 0, $0) }
      let lower = stages.map { power(variables[$0]?.lower ?? 0, $0) }
      thermals.append([
        "id": .int(Int64(index)), "name": .string(thermal.name), "bus_id": .int(Int64(thermal.load)),
        "cost_per_mwh": .double(prices.max() ?? 0),
        "generation": ["min_mw": .double(lower.min() ?? 0), "max_mw": .double(upper.max() ?? 0)],
      ])
      for (place, at) in places.enumerated() {
        thermalRows += "\(index),\(place),\(lower[at.stage]),\(upper[at.stage]),\(prices[at.stage])\n"
      }
    }
    notes.append("Load that is not met costs \(deficitPrice) $/MWh, which the model does not permit at all.")
    let buses = (0..<max(1, system.loads)).map {
      ["id": .int(Int64($0)), "name": .string("LOAD \($0 + 1)")] as JSONValue
    }
    put(.buses, ["buses": .array(buses)])
    put(.hydros, ["hydros": .array(hydros)])
    put(.thermals, ["thermals": .array(thermals)])
    put(.lines, ["lines": []])
    put(.initialConditions, ["storage": .array(storages), "filling_storage": []])
    files[CaseFileName.hydroBounds.path] =
      "hydro_id,stage_id,max_turbined_m3s,min_storage_hm3,max_storage_hm3\n" + hydroRows
    if !thermals.isEmpty {
      files[CaseFileName.thermalBounds.path] =
        "thermal_id,stage_id,min_generation_mw,max_generation_mw,cost_per_mwh\n" + thermalRows
    }
    put(
      .penalties,
      [
        "bus": [
          "deficit_segments": [["depth_mw": .null, "cost": .double(deficitPrice)]],
          "excess_cost": .double(deficitPrice),
        ], "line": ["exchange_cost": 1e-9],
        "hydro": JSONValue.object(
          JSONObject(
            [("spillage_cost", .double(1e-9)), ("fpha_turbined_cost", .double(0)), ("diversion_cost", .double(1e-9))]
              + [
                "storage_violation_below_cost", "filling_target_violation_cost", "turbined_violation_below_cost",
                "outflow_violation_below_cost", "outflow_violation_above_cost", "generation_violation_below_cost",
                "evaporation_violation_cost", "water_withdrawal_violation_cost", "inflow_nonnegativity_cost",
              ].map { ($0, .double(deficitPrice)) })), "non_controllable_source": ["curtailment_cost": 1e-9],
      ])
  }

  private mutating func writeOpenings() {
    var inflows = "stage_id,opening_index,probability,hydro_id,value_m3s\n"
    var loads = "stage_id,opening_index,probability,bus_id,value_mw\n"
    for (index, place) in places.enumerated() {
      for (opening, outcome) in place.openings.enumerated() {
        for reservoir in system.reservoirs.indices {
          let value = flow(right(index, opening, reservoir: reservoir), place.stage)
          inflows += "\(index),\(opening),\(outcome.probability),\(reservoir),\(value)\n"
        }
        for load in 0..<max(1, system.loads) {
          let value = load < system.loads ? demand(index, opening, load: load) / month(place.stage).hours : 0
          loads += "\(index),\(opening),\(outcome.probability),\(load),\(value)\n"
        }
      }
    }
    files[CaseFileName.inflowOpenings.path] = inflows
    files[CaseFileName.loadOpenings.path] = loads
  }

  /// Writes the case into a new or empty directory and publishes it.
  ///
  /// - Returns: its path.
  package func write(to staged: consuming StagedDirectory) throws -> String {
    for (name, text) in files.sorted(by: { $0.key < $1.key }) { try staged.write(name) { try $0(Array(text.utf8)) } }
    return try staged.publish()
  }

  /// What the reader of cases says of it.
  package var report: CaseReport { CaseReader.read(CaseFiles(contents: files.mapValues { Array($0.utf8) })) }
}
