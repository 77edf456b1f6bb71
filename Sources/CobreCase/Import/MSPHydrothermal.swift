internal import CobreBase

/// The hydrothermal system that a model in MSPFormat describes, if it describes one.
///
/// Recognised by structure, not by names: a variable that a constraint takes from the stage before is a storage, and
/// the constraint its water balance. Variables of water balances are flows: turbined where they also serve a load,
/// spilled where they do not, to the reservoir whose balance they enter with the other sign. Constraints without
/// storages are loads; variables that serve a load alone are thermal plants.
struct MSPHydrothermal {
  struct Reservoir {
    var name: String
    var turbined: String?
    var spilled: String
    var downstream: Int?
    /// Index of the load that its turbines serve.
    var load: Int?
    /// Energy per volume turbined.
    var yield = 0.0
    /// Volume per unit of the variables.
    var turbinedVolume = 1.0
  }

  struct Thermal {
    var name: String
    var load: Int
    /// Energy per unit of the variable.
    var yield: Double
  }

  private(set) var reservoirs: [Reservoir] = []
  private(set) var thermals: [Thermal] = []
  /// Loads of each stage.
  private(set) var loads = 0
  /// By stage and reservoir: the right-hand side of its balance, where the outgoing storage counts 1.
  private(set) var balances: [[(right: JSONValue, scale: Double)]] = []
  /// By stage and load.
  private(set) var demands: [[JSONValue]] = []

  init(_ model: MSPModel) throws(MSPModel.Refusal) {
    var names: [String] = []
    for rows in model.constraints {
      for term in rows.flatMap(\.terms) where term.lag == 1 && !names.contains(term.name) { names.append(term.name) }
    }
    names.sort()
    guard !names.isEmpty else {
      throw .init(sentence: "no variable is carried from stage to stage, so there is no storage")
    }
    for stage in model.constraints.indices { try read(model, stage, names) }
  }

  private mutating func read(_ model: MSPModel, _ stage: Int, _ names: [String]) throws(MSPModel.Refusal) {
    let rows = model.constraints[stage]
    var found: [Int: MSPModel.Constraint] = [:]
    var served: [MSPModel.Constraint] = []
    for row in rows {
      let own = row.terms.filter { $0.lag == 0 && names.contains($0.name) }
      guard !own.isEmpty || row.terms.contains(where: { $0.lag == 1 }) else {
        served.append(row)
        continue
      }
      guard own.count == 1, row.kind == .equal, let place = names.firstIndex(of: own[0].name), found[place] == nil,
        own[0].coefficient != 0
      else {
        throw .init(
          sentence:
            "\(row.label) of stage \(stage) holds a storage and is not its only balance, an equation of one storage")
      }
      let before = row.terms.filter { $0.lag == 1 }
      guard before.count == (stage == 0 ? 0 : 1), before.allSatisfy({ $0.name == own[0].name }),
        before.allSatisfy({ abs($0.coefficient + own[0].coefficient) <= 1e-12 * abs(own[0].coefficient) })
      else {
        throw .init(
          sentence: "\(row.label) of stage \(stage) is no water balance: it needs the storage now less the one before")
      }
      found[place] = row
    }
    guard found.count == names.count else {
      throw .init(sentence: "not every storage has a balance in stage \(stage)")
    }
    var outflows: [String: [(reservoir: Int, volume: Double)]] = [:]
    var rights: [(right: JSONValue, scale: Double)] = []
    for place in names.indices {
      guard let row = found[place], let own = row.terms.first(where: { $0.lag == 0 && $0.name == names[place] }) else {
        continue
      }
      rights.append((row.right, 1 / own.coefficient))
      for term in row.terms where term.name != names[place] {
        outflows[term.name, default: []].append((place, term.coefficient / own.coefficient))
      }
    }
    balances.append(rights)
    demands.append(served.map(\.right))
    var system = Self.Draft(reservoirs: [], thermals: [])
    try system.read(model, stage, names, outflows, served)
    guard stage > 0 else {
      (reservoirs, thermals, loads) = (system.reservoirs, system.thermals, served.count)
      return
    }
    guard served.count == loads, system.isSame(reservoirs, thermals) else {
      throw .init(sentence: "stage \(stage) has other plants, loads or yields than stage 0")
    }
  }

  /// The plants of one stage.
  private struct Draft {
    var reservoirs: [Reservoir]
    var thermals: [Thermal]

    mutating func read(
      _ model: MSPModel, _ stage: Int, _ names: [String], _ outflows: [String: [(reservoir: Int, volume: Double)]],
      _ served: [MSPModel.Constraint]
    ) throws(MSPModel.Refusal) {
      var serves: [String: [(load: Int, yield: Double)]] = [:]
      for (load, row) in served.enumerated() {
        guard row.kind != .atMost else {
          throw .init(sentence: "\(row.label) of stage \(stage) is a limit, not a load")
        }
        for term in row.terms { serves[term.name, default: []].append((load, term.coefficient)) }
      }
      var turbined: [Int: (String, Reservoir)] = [:]
      var spilled: [Int: (String, Int?)] = [:]
      for (name, places) in outflows.sorted(by: { $0.key < $1.key }) {
        guard let from = places.first(where: { $0.volume > 0 }), places.filter({ $0.volume > 0 }).count == 1,
          places.count <= 2, places.allSatisfy({ $0.volume > 0 || abs($0.volume + from.volume) <= 1e-12 * from.volume })
        else { throw .init(sentence: "variable \(name) does not leave one reservoir for at most one other") }
        let target = places.first { $0.volume < 0 }?.reservoir
        let uses = serves[name] ?? []
        guard let variable = model.variables[stage][name], variable.cost == 0, variable.lower == 0 else {
          throw .init(sentence: "flow \(name) has a cost or a least value")
        }
        if let use = uses.first {
          guard uses.count == 1, use.yield > 0, turbined[from.reservoir] == nil else {
            throw .init(sentence: "flow \(name) serves several loads, or a reservoir has several turbined flows")
          }
          turbined[from.reservoir] = (
            name,
            Reservoir(
              name: names[from.reservoir], turbined: name, spilled: "", downstream: target, load: use.load,
              yield: use.yield / from.volume, turbinedVolume: from.volume)
          )
        } else {
          guard spilled[from.reservoir] == nil, variable.upper == .infinity else {
            throw .init(sentence: "reservoir \(names[from.reservoir]) has several spilled flows, or \(name) is limited")
          }
          spilled[from.reservoir] = (name, target)
        }
      }
      for name in names {
        guard model.variables[stage][name]?.cost == 0 else {
          throw .init(sentence: "storage \(name) of stage \(stage) has a cost, and a case has none for stored water")
        }
      }
      for place in names.indices {
        guard let spill = spilled[place] else {
          throw .init(sentence: "reservoir \(names[place]) cannot spill, which a case always permits")
        }
        var reservoir = turbined[place]?.1 ?? Reservoir(name: names[place], spilled: "", downstream: spill.1)
        guard reservoir.downstream == spill.1 else {
          throw .init(sentence: "turbined and spilled water of \(names[place]) go to different reservoirs")
        }
        reservoir.spilled = spill.0
        reservoirs.append(reservoir)
      }
      for (name, uses) in serves.sorted(by: { $0.key < $1.key }) where outflows[name] == nil {
        guard uses.count == 1, uses[0].yield > 0, let variable = model.variables[stage][name], variable.cost >= 0,
          variable.lower >= 0, variable.lower < .infinity
        else { throw .init(sentence: "variable \(name) is no thermal plant: it serves several loads, or earns money") }
        thermals.append(Thermal(name: name, load: uses[0].load, yield: uses[0].yield))
      }
      let known = Set(outflows.keys).union(serves.keys).union(names)
      if let other = model.variables[stage].keys.sorted().first(where: { !known.contains($0) }) {
        throw .init(sentence: "variable \(other) is in no water balance and no load")
      }
    }

    func isSame(_ reservoirs: [Reservoir], _ thermals: [Thermal]) -> Bool {
      self.reservoirs.elementsEqual(reservoirs) {
        $0.turbined == $1.turbined && $0.downstream == $1.downstream && $0.load == $1.load && $0.yield == $1.yield
          && $0.turbinedVolume == $1.turbinedVolume
      }
        && self.thermals.elementsEqual(thermals) { $0.name == $1.name && $0.load == $1.load && $0.yield == $1.yield }
    }
  }
}
