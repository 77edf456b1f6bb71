package import CobreBase

/// Cuts as JSON in the form that SDDP.jl reads and writes (`read_cuts_from_file`, `write_cuts_to_file`).
///
/// A list with an object per node: `node`, the stage counted from 1 as text; `single_cuts`; `multi_cuts`, which also
/// name their `realization` from 1; and `risk_set_cuts`, probabilities of the realizations by which the costs of multi
/// cuts are weighted: here the probabilities of the openings, which give a valid lower estimate under every risk
/// measure of the case. A cut means cost after the node ≥ intercept + Σ coefficient · (state − the cut's state), with
/// states by name. Without `state` it is taken at 0. No `state` is written: SDDP.jl would use it to judge which cuts
/// are worth keeping, and states that were never visited would lose the policy. Money and volumes are in the units of
/// the case ($, hm³). Costs are for the time after the stage, without the discount to it. SDDP.jl has the probability
/// of the arc inside its cuts.
package enum CutDocument {
  package static let name = "cuts.json"

  /// Largest number of stages, state components or openings read, which keeps indices small.
  private static let limit = 100_000

  /// The document of a policy.
  ///
  /// - Parameters:
  ///   - stored: the policy.
  ///   - onlyActive: leaves out cuts that take no part any more.
  /// - Returns: a list of nodes.
  package static func value(of stored: StoredPolicy, onlyActive: Bool = false) -> JSONValue {
    let names = stored.stateNames
    return .array(
      stored.policy.pools.enumerated().map { stage, pool in
        let inactive = onlyActive ? Set(pool.inactive) : []
        var cuts: [JSONValue] = []
        for slot in 0..<pool.count where !inactive.contains(slot) {
          var members: [(String, JSONValue)] =
            pool.groups > 1 ? [("realization", .int(Int64(slot % pool.groups + 1)))] : []
          let first = slot * names.count
          members.append(("intercept", .double(pool.intercepts[slot])))
          members.append(
            (
              "coefficients",
              .object(JSONObject(names.enumerated().map { ($1, .double(pool.slopes[first + $0])) }))
            ))
          cuts.append(.object(JSONObject(members)))
        }
        // Without probabilities SDDP.jl would not know of the realizations at all.
        var weights = stage < stored.probabilities.count ? stored.probabilities[stage] : []
        if weights.count != pool.groups {
          weights = .init(repeating: 1 / Double(max(1, pool.groups)), count: pool.groups)
        }
        let isMulti = pool.groups > 1 && !cuts.isEmpty
        return [
          "node": .string(String(stage + 1)), "single_cuts": .array(isMulti ? [] : cuts),
          "multi_cuts": .array(isMulti ? cuts : []),
          "risk_set_cuts": .array(isMulti ? [.array(weights.map { .double($0) })] : []),
        ]
      })
  }

  /// Reads a document.
  ///
  /// The names of state components come from the cuts, sorted by name.
  ///
  /// - Parameters:
  ///   - bytes: JSON text.
  ///   - name: of the file, for messages.
  /// - Returns: the policy, which contains only cuts.
  /// - Throws: `RunError` that names the first fault.
  package static func read(_ bytes: [UInt8], name: String) throws -> StoredPolicy {
    func fault(_ sentence: String) -> RunError {
      RunError(.storage, "The file of cuts \(name) cannot be used: \(sentence)")
    }
    let document: JSONValue
    do {
      document = try JSONParser.parse(bytes)
    } catch {
      throw fault("\(error)")
    }
    guard let nodes = document.array else { throw fault("it is not a list of nodes.") }
    var cuts: [Int: [Cut]] = [:]
    var names: Set<String> = []
    for node in nodes {
      guard let label = node["node"]?.string ?? node["node"]?.int.map(String.init), let stage = Int(label),
        (1...limit).contains(stage)
      else { throw fault("a node has no number of a stage, counted from 1, as its name.") }
      guard cuts[stage - 1] == nil else { throw fault("the node \(stage) stands there twice.") }
      var list: [Cut] = []
      for (key, isMulti) in [("single_cuts", false), ("multi_cuts", true)] {
        for entry in node[key]?.array ?? [] {
          guard let cut = Cut(entry, isMulti: isMulti) else {
            throw fault("a cut of node \(stage) lacks a finite intercept, coefficients or realization.")
          }
          list.append(cut)
        }
      }
      guard !list.contains(where: { $0.group > 0 }) || list.allSatisfy({ $0.group > 0 }) else {
        throw fault("node \(stage) mixes single and multi cuts.")
      }
      cuts[stage - 1] = list
      for cut in list { names.formUnion(cut.coefficients.keys) }
    }
    let order = names.sorted()
    guard order.count <= limit else { throw fault("it has too many state components.") }
    var pools: [Policy.Pool] = []
    for stage in 0..<((cuts.keys.max() ?? -1) + 1) {
      guard let pool = pool(cuts[stage] ?? [], names: order) else {
        throw fault("the realizations of node \(stage + 1) do not have a cut each in turn.")
      }
      pools.append(pool)
    }
    return StoredPolicy(policy: Policy(stateDimension: order.count, pools: pools), stateNames: order)
  }

  /// One cut as written.
  private struct Cut {
    /// Value at state 0.
    var intercept: Double
    var coefficients: [String: Double] = [:]
    /// Realization from 1; 0 for a single cut.
    var group = 0

    init?(_ entry: JSONValue, isMulti: Bool) {
      guard let value = entry["intercept"]?.number, value.isFinite, let slopes = entry["coefficients"]?.object else {
        return nil
      }
      intercept = value
      for (name, slope) in slopes.members {
        guard let slope = slope.number, slope.isFinite else { return nil }
        coefficients[name] = slope
        guard let state = entry["state"] else { continue }
        guard let at = (state[name] ?? 0).number, at.isFinite else { return nil }
        intercept -= slope * at
      }
      guard isMulti else { return }
      guard let realization = entry["realization"]?.int, (1...limit).contains(realization) else { return nil }
      group = realization
    }
  }

  /// Puts cuts into slots, the realizations in turn, and returns nil if a realization has fewer cuts than another.
  private static func pool(_ cuts: [Cut], names: [String]) -> Policy.Pool? {
    let groups = max(1, cuts.map(\.group).max() ?? 1)
    guard cuts.count % groups == 0 else { return nil }
    var ordered = cuts
    if groups > 1 {
      let byGroup = Dictionary(grouping: cuts, by: \.group)
      let rounds = cuts.count / groups
      guard byGroup.count == groups, byGroup.values.allSatisfy({ $0.count == rounds }) else { return nil }
      ordered = (0..<rounds).flatMap { round in (1...groups).compactMap { byGroup[$0]?[round] } }
    }
    return Policy.Pool(
      intercepts: ordered.map(\.intercept), slopes: ordered.flatMap { cut in names.map { cut.coefficients[$0] ?? 0 } },
      groups: groups)
  }
}
