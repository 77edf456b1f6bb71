package import CobreBase
internal import CobreCase
internal import CobreEngine
package import CobreRuns

/// A policy at one state, as it is reported to a client.
package struct PolicyView {
  private let policy: RunPolicy
  /// Storages that differ from the initial ones, by hydro.
  private let storages: [Int: Double]
  /// Single components that the caller gives.
  private let given: [Int: Double]

  /// - Parameters:
  ///   - policy: the policy of a run.
  ///   - share: storages as a share of each plant's largest one at the stage, or nil for the initial storages of the
  ///     study.
  ///   - given: values of single components, by id of a hydro plant or name of the component.
  ///   - stage: stage: the stage whose limits apply.
  /// - Throws: `ToolError` that names what is not a component.
  package init(
    _ policy: RunPolicy, share: Double?, given: [(name: String, value: Double)], stage: Int
  ) throws(ToolError) {
    self.policy = policy
    var storages: [Int: Double] = [:]
    if let share {
      for hydro in policy.study.hydros.indices {
        storages[hydro] = share * policy.study.limits(stage: stage, hydro: hydro).maxStorage
      }
    }
    self.storages = storages
    var values: [Int: Double] = [:]
    let places = Dictionary(
      policy.stateNames.enumerated().map { ($1, $0) }
        + policy.study.hydros.enumerated().map { (String($1.id), $0) }, uniquingKeysWith: { first, _ in first })
    var problems: [String] = []
    for (name, value) in given {
      if let place = places[name] {
        values[place] = value
      } else {
        problems.append("`state`: \"\(name.prefix(80))\" is neither the id of a hydro plant nor a state component.")
      }
    }
    if !problems.isEmpty {
      let known = policy.stateNames.prefix(12).joined(separator: ", ")
      throw ToolError(
        Array(problems.prefix(10)) + ["The components are \(known)\(policy.stateNames.count > 12 ? ", …" : "")."])
    }
    self.given = values
  }

  /// The state after a stage at which the policy is evaluated.
  ///
  /// Past inflows are the inflows that the model expects there.
  private func state(after stage: Int) -> [Double] {
    var state = policy.expectedState(after: stage)
    for (place, value) in storages where state.indices.contains(place) { state[place] = value }
    for (place, value) in given where state.indices.contains(place) { state[place] = value }
    return state
  }

  /// Where the values of the state come from, as a sentence.
  package func origin(stage: Int) -> String {
    let water =
      storages.isEmpty ? "Storages are those at the start of the study" : "Storages are the share that was given"
    let lags =
      policy.stateNames.count > policy.study.hydros.count
      ? "; past inflows are those that the model expects at the end of stage \(policy.study.stages[stage].id)" : ""
    return water + lags + (given.isEmpty ? "." : ", but for the \(given.count) values of `state`.")
  }

  /// Hours for which 1 hm³ is a flow of 1 m³/s.
  private static let hoursPerFlow = 1e6 / 3600

  /// Cuts by stage with their value at the state.
  package func stages(from first: Int, count: Int) -> JSONValue {
    let rows = policy.policy.pools.indices.dropFirst(first).prefix(count).map { stage -> JSONValue in
      let pool = policy.policy.pools[stage]
      return [
        .int(Int64(stage)), .int(Int64(pool.count)), .int(Int64(pool.count - Set(pool.inactive).count)),
        .optional(policy.value(after: stage, at: state(after: stage))?.cost),
      ]
    }
    return ["columns": ["stage", "cuts", "cuts_in_use", "cost_to_go"], "rows": .array(Array(rows))]
  }

  /// The values of water and past inflows by the cuts after one stage, or nil if there are no cuts.
  package func detail(stage: Int, from first: Int, count: Int) -> JSONObject? {
    let state = state(after: stage)
    guard let value = policy.value(after: stage, at: state) else { return nil }
    let hydros = policy.study.hydros
    let waters = hydros.indices.dropFirst(first).prefix(count).map { hydro -> JSONValue in
      let maximum = policy.study.limits(stage: stage, hydro: hydro).maxStorage
      return [
        .int(Int64(hydros[hydro].id)), .string(LogTail.sanitized(hydros[hydro].name.utf8.prefix(60))),
        .double(state[hydro]), .optional(maximum > 0 ? state[hydro] / maximum : nil),
        .double(value.slopes[hydro] == 0 ? 0 : -value.slopes[hydro]),
        .optional(
          policy.cascadeProductivity(after: stage, hydro: hydro).map {
            // Not minus zero.
            value.slopes[hydro] == 0 ? 0 : -value.slopes[hydro] / ($0 * Self.hoursPerFlow)
          }
        ),
      ]
    }
    // The most important ones come first. All of them are part of the state.
    let lags = policy.stateNames.indices.dropFirst(hydros.count).sorted { left, right in
      let effects = (value.slopes[left] != 0, value.slopes[right] != 0)
      return effects.0 == effects.1 ? left < right : effects.0
    }
    return [
      "cost_to_go": .optional(value.cost),
      "binding_cuts": .array(value.cuts.prefix(20).map { .int(Int64($0)) }),
      "water_values": [
        "columns": ["hydro_id", "name", "storage_hm3", "share", "water_value", "value_per_mwh"],
        "rows": .array(Array(waters)),
        "hydros": .int(Int64(hydros.count)),
      ],
      "inflow_memory": [
        "columns": ["component", "value", "cost_change"],
        "rows": .array(
          lags.prefix(40).map { [.string(policy.stateNames[$0]), .double(state[$0]), .double(value.slopes[$0])] }),
        "components": .int(Int64(policy.stateNames.count - hydros.count)),
      ],
    ]
  }
}
