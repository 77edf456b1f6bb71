/// The tables of a policy file, in the order of their checksums.
enum PolicyTable: Int, CaseIterable {
  case policy, stateComponent, stage, future, cut, trialStates, checkpoint

  var name: String {
    switch self {
    case .policy: "policy"
    case .stateComponent: "state_component"
    case .stage: "stage"
    case .future: "future"
    case .cut: "cut"
    case .trialStates: "trial_states"
    case .checkpoint: "checkpoint"
    }
  }

  private var columns: [String] {
    switch self {
    case .policy: ["key", "value"]
    case .stateComponent: ["position", "name"]
    case .stage: ["stage", "blocks", "groups", "start_date", "end_date"]
    case .future: ["stage", "position", "probability"]
    case .cut: ["stage", "position", "active", "intercept", "coefficients"]
    case .trialStates: ["pool", "contents"]
    case .checkpoint: ["contents"]
    }
  }

  var insertion: String {
    let places = columns.map { _ in "?" }.joined(separator: ", ")
    return "INSERT INTO \(name) (\(columns.joined(separator: ", "))) VALUES (\(places))"
  }

  /// All rows in the order in which they are written.
  var selection: String {
    // The first columns tell rows apart.
    let key = columns.prefix(self == .cut || self == .future ? 2 : 1).joined(separator: ", ")
    return "SELECT \(columns.joined(separator: ", ")) FROM \(name) ORDER BY \(key)"
  }
}
