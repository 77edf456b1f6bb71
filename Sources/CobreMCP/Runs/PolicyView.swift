package import CobreEngine

/// A policy at one state, as it is told to a client.
package struct PolicyView {
  private let policy: RunPolicy
  /// The state at which the policy is looked at.
  private let state: [Double]

  /// - Parameters:
  ///   - policy: that of a run.
  ///   - share: storages as a share of each plant's largest one at the stage; nil for those at the start of the study.
  ///   - given: values of single components, by id of a hydro plant or name of the component.
  ///   - stage: whose limits count.
  /// - Throws: `ToolError` that names what is not a component.
  package init(
    _ policy: RunPolicy, share: Double?, given: [(name: String, value: Double)], stage: Int
  ) throws(ToolError) {
    self.policy = policy
    var state = policy.initialState
    if let share {
      for hydro in policy.study.hydros.indices {
        state[hydro] = share * policy.study.limits(stage: stage, hydro: hydro).maxStorage
      }
    }
    let places = Dictionary(
      policy.stateNames.enumerated().map { ($1, $0) }
        + policy.study.hydros.enumerated().map { (String($1.id), $0) }, uniquingKeysWith: { first, _ in first })
    var problems: [String] = []
    for (name, value) in given {
      if let place = places[name] {
        state[place] = value
      } else {
        problems.append("`state`: \"\(name.prefix(80))\" is neither the id of a hydro plant nor a state component.")
      }
    }
    if !problems.isEmpty {
      let known = policy.stateNames.prefix(12).joined(separator: ", ")
      throw ToolError(
        Array(problems.prefix(10)) + ["The components are \(known)\(policy.stateNames.count > 12 ? ", …" : "")."])
    }
    self.state = state
  }

  /// Cuts by stage with their value at the state.
  package func stages(from first: Int, count: Int) -> JSONValue {
    let rows = policy.policy.pools.indices.dropFirst(first).prefix(count).map { stage -> JSONValue in
      let pool = policy.policy.pools[stage]
      return [
        .int(Int64(stage)), .int(Int64(pool.count)), .int(Int64(pool.count - Set(pool.inactive).count)),
        .optional(policy.value(after: stage, at: state)?.cost),
      ]
    }
    return ["columns": ["stage", "cuts", "cuts_in_use", "cost_to_go"], "rows": .array(Array(rows))]
  }

  /// What the cuts after one stage say of water and past inflows; nil where there are no cuts.
  package func detail(stage: Int, from first: Int, count: Int) -> JSONObject? {
    guard let value = policy.value(after: stage, at: state) else { return nil }
    let hydros = policy.study.hydros
    let waters = hydros.indices.dropFirst(first).prefix(count).map { hydro -> JSONValue in
      let maximum = policy.study.limits(stage: stage, hydro: hydro).maxStorage
      return [
        .int(Int64(hydros[hydro].id)), .string(LogTail.sanitized(hydros[hydro].name.utf8.prefix(60))),
        .double(state[hydro]), .optional(maximum > 0 ? state[hydro] / maximum : nil),
        .double(value.slopes[hydro] == 0 ? 0 : -value.slopes[hydro]),
      ]
    }
    let lags = policy.stateNames.indices.dropFirst(hydros.count).filter { value.slopes[$0] != 0 }
    return [
      "cost_to_go": .optional(value.cost),
      "binding_cuts": .array(value.cuts.prefix(20).map { .int(Int64($0)) }),
      "water_values": [
        "columns": ["hydro_id", "name", "storage_hm3", "share", "water_value"], "rows": .array(Array(waters)),
        "hydros": .int(Int64(hydros.count)),
      ],
      "inflow_memory": [
        "columns": ["component", "value", "cost_change"],
        "rows": .array(
          lags.prefix(20).map { [.string(policy.stateNames[$0]), .double(state[$0]), .double(value.slopes[$0])] }),
        "components": .int(Int64(policy.stateNames.count - hydros.count)),
      ],
    ]
  }
}
