internal import CobreBase

/// A model in MSPFormat (MSMLP 1.1): its variables and constraints by stage, and the lattice of what is random.
///
/// Stages count from 0. What is random is a sum or product of numbers and keys of the state of a lattice node, 0 where
/// the node lacks the key. Only right-hand sides may be random here.
struct MSPModel {
  struct Variable {
    var cost: Double
    var lower: Double
    var upper: Double
  }

  struct Term {
    var name: String
    /// Stages back: 0 or 1.
    var lag: Int
    var coefficient: Double
  }

  enum Kind: String {
    case equal = "EQ"
    case atMost = "LEQ"
    case atLeast = "GEQ"
  }

  struct Constraint {
    /// How messages name it: its name, or its number in the file.
    var label: String
    var kind: Kind
    var terms: [Term]
    var right: JSONValue
  }

  struct Node {
    var key: String
    var stage: Int
    var state: [String: Double]
    var successors: [(key: String, probability: Double)]
  }

  /// Why a model cannot become a case, as a sentence without its end.
  struct Refusal: Error {
    var sentence: String
  }

  /// Stages up to which a model is read.
  static let mostStages = 1200

  /// By stage.
  private(set) var variables: [[String: Variable]] = []
  /// By stage.
  private(set) var constraints: [[Constraint]] = []
  /// In order of stage and key.
  private(set) var nodes: [Node] = []

  init(problem: JSONValue, lattice: JSONValue) throws(Refusal) {
    guard problem["maximize"]?.bool != true else {
      throw Refusal(sentence: "the model maximises, and a case minimises costs")
    }
    guard let list = problem["variables"]?.array, let rows = problem["constraints"]?.array else {
      throw Refusal(sentence: "the problem has no lists `variables` and `constraints`")
    }
    for value in list { try addVariable(value) }
    for (number, value) in rows.enumerated() { try addConstraint(value, number) }
    guard !variables.isEmpty else { throw Refusal(sentence: "the problem has no variable") }
    try addNodes(lattice)
  }

  private func stage(_ value: JSONValue, _ what: String) throws(Refusal) -> Int {
    guard let stage = value["stage"]?.int, (0..<Self.mostStages).contains(stage) else {
      throw Refusal(sentence: "\(what) has no stage from 0 to \(Self.mostStages - 1)")
    }
    return stage
  }

  private mutating func addVariable(_ value: JSONValue) throws(Refusal) {
    guard let name = value["name"]?.string else { throw Refusal(sentence: "a variable has no name") }
    let stage = try stage(value, "variable \(name)")
    guard value["type"]?.string ?? "CONTINUOUS" == "CONTINUOUS" else {
      throw Refusal(sentence: "variable \(name) is not continuous")
    }
    while variables.count <= stage { variables.append([:]) }
    variables[stage][name] = Variable(
      cost: try constant(value["obj"], "the cost of \(name)"), lower: try constant(value["lb"], "the bound of \(name)"),
      upper: try constant(value["ub"], "the bound of \(name)"))
  }

  private func constant(_ value: JSONValue?, _ what: String) throws(Refusal) -> Double {
    guard let value else { throw Refusal(sentence: "\(what) is missing") }
    guard !Self.isRandom(value) else { throw Refusal(sentence: "\(what) is random, and only right-hand sides may be") }
    guard let number = Self.value(value, at: [:]) else {
      throw Refusal(sentence: "\(what) is no expression of the format")
    }
    return number
  }

  private mutating func addConstraint(_ value: JSONValue, _ number: Int) throws(Refusal) {
    let name = value["name"]?.string ?? ""
    let label = name.isEmpty ? "constraint \(number + 1)" : "constraint \(name)"
    guard let kind = value["type"]?.string.flatMap(Kind.init), let terms = value["lhs"]?.array, !terms.isEmpty,
      let right = value["rhs"]
    else { throw Refusal(sentence: "\(label) has no type EQ, LEQ or GEQ, or no sides") }
    var stages: [Int] = []
    for term in terms { stages.append(try stage(term, label)) }
    let last = stages.max() ?? 0
    var list: [Term] = []
    for (term, stage) in zip(terms, stages) {
      guard let name = term["name"]?.string, last - stage <= 1 else {
        throw Refusal(sentence: "\(label) reaches further back than one stage")
      }
      list.append(
        Term(name: name, lag: last - stage, coefficient: try constant(term["coefficient"], "a coefficient of \(label)"))
      )
    }
    guard Self.value(right, at: [:]) != nil else {
      throw Refusal(sentence: "the right-hand side of \(label) is no expression of the format")
    }
    while constraints.count <= last { constraints.append([]) }
    constraints[last].append(Constraint(label: label, kind: kind, terms: list, right: right))
  }

  private mutating func addNodes(_ lattice: JSONValue) throws(Refusal) {
    let members = Self.members(lattice)
    guard !members.isEmpty else { throw Refusal(sentence: "the lattice has no nodes") }
    for (key, value) in members {
      var state: [String: Double] = [:]
      for (name, number) in Self.members(value["state"]) { state[name] = number.number ?? .nan }
      guard state.values.allSatisfy(\.isFinite) else {
        throw Refusal(sentence: "the state of node \(key) has a value that is no number")
      }
      let successors = Self.members(value["successors"]).map { (key: $0.key, probability: $0.value.number ?? .nan) }
      nodes.append(Node(key: key, stage: try stage(value, "node \(key)"), state: state, successors: successors))
    }
    nodes.sort { ($0.stage, $0.key) < ($1.stage, $1.key) }
    let stages = Dictionary(uniqueKeysWithValues: nodes.map { ($0.key, $0.stage) })
    for node in nodes {
      let sum = node.successors.reduce(0) { $0 + $1.probability }
      guard node.successors.allSatisfy({ stages[$0.key] == node.stage + 1 && $0.probability >= 0 }),
        node.successors.isEmpty || abs(sum - 1) < 1e-6
      else {
        throw Refusal(
          sentence:
            "the successors of node \(node.key) are not nodes of the next stage with probabilities that sum to 1")
      }
    }
    let last = nodes.last?.stage ?? 0
    guard Set(nodes.map(\.stage)).count == last + 1, variables.count == last + 1, constraints.count <= last + 1,
      nodes.allSatisfy({ $0.successors.isEmpty == ($0.stage == last) })
    else { throw Refusal(sentence: "problem and lattice do not have the same stages 0 to \(last)") }
    while constraints.count <= last { constraints.append([]) }
  }

  private static func members(_ value: JSONValue?) -> [(key: String, value: JSONValue)] {
    value?.object.map { Array($0.members) } ?? []
  }

  /// Whether an expression names a key of the state.
  static func isRandom(_ value: JSONValue) -> Bool {
    switch value {
    case .string(let text): text != "inf" && text != "-inf"
    case .array(let terms): terms.contains(where: isRandom)
    case .object(let object): object.members.contains { isRandom($0.value) }
    default: false
    }
  }

  /// The value of an expression at a state, or nil if it is none.
  static func value(_ value: JSONValue, at state: [String: Double], depth: Int = 0) -> Double? {
    guard depth < 8 else { return nil }
    switch value {
    case .int, .double: return value.number
    case .string("inf"): return .infinity
    case .string("-inf"): return -.infinity
    case .string(let key): return state[key] ?? 0
    case .array(let terms):
      if terms.count == 1, terms[0].object == nil { return Self.value(terms[0], at: state, depth: depth + 1) }
      var result: Double?
      for term in terms {
        if let added = term["ADD"] {
          guard let number = Self.value(added, at: state, depth: depth + 1) else { return nil }
          result = (result ?? 0) + number
        } else if let factor = term["MUL"] {
          guard let number = Self.value(factor, at: state, depth: depth + 1) else { return nil }
          result = (result ?? 1) * number
        } else {
          return nil
        }
      }
      return result
    default: return nil
    }
  }
}
