package import CobreCase

/// A policy with the data that shows whether it fits a case, as it is exchanged with files.
package struct StoredPolicy: Sendable, Equatable {
  package var policy: Policy
  /// Name of each state component, in their order (see `StudyCase.stateNames`).
  package var stateNames: [String]
  /// Blocks of each stage, empty if the source does not say.
  package var blocks: [Int]
  /// Iterations that made the cuts; 0 where the source does not say.
  package var iteration: Int
  /// Where units of work start from, and what rules remember, after that iteration, or nil if the source lacks it.
  package var checkpoint: TrainingCheckpoint?
  /// Trial states by pool, flat, empty if they were not kept.
  package var states: [[Double]]
  /// Probabilities of the future costs that the cuts of a pool bound in turn, by pool.
  ///
  /// Empty if there is one future cost, or if the source does not give them.
  package var probabilities: [[Double]]
  /// Days of the stage that each pool follows, empty if the source does not say.
  package var periods: [PolicyPeriod] = []

  package init(
    policy: Policy, stateNames: [String], blocks: [Int] = [], iteration: Int = 0,
    checkpoint: TrainingCheckpoint? = nil, states: [[Double]] = [], probabilities: [[Double]] = []
  ) {
    self.policy = policy
    self.stateNames = stateNames
    self.blocks = blocks
    self.iteration = iteration
    self.checkpoint = checkpoint
    self.states = states
    self.probabilities = probabilities
  }
}

extension StudyCase {
  /// Name of each state component: `storage[ID]`, by the id of the plant, `inflow_lag[ID,L]` with lags from 1,
  /// `inflow_sum[ID]` of a lag period under way, `commitment[ID,N]` for what a thermal plant delivers N stages later,
  /// and `transit[ID,N]` for water that reaches a plant N stages later, `battery[ID]`, and `price[ID]`.
  package var stateNames: [String] {
    let layout = InflowProcess(study: self).layout
    var names = hydros.map { "storage[\($0.id)]" }
    for (hydro, plant) in hydros.enumerated() where layout.lagCounts[hydro] > 0 {
      for lag in 0..<layout.lagCounts[hydro] { names.append("inflow_lag[\(plant.id),\(lag + 1)]") }
      if layout.sum(hydro: hydro) != nil { names.append("inflow_sum[\(plant.id)]") }
    }
    for (thermal, plant) in thermals.enumerated() {
      for ahead in 0..<layout.commitmentCounts[thermal] {
        names.append("commitment[\(plant.id),\(ahead + 1)]")
      }
    }
    for (hydro, plant) in hydros.enumerated() {
      for ahead in 0..<layout.transitCounts[hydro] {
        names.append("transit[\(plant.id),\(ahead + 1)]")
      }
    }
    names += batteries.map { "battery[\($0.id)]" }
    names += priceProcesses.map { "price[\($0.id)]" }
    return names
  }
}

extension StoredPolicy {
  /// Checks that the policy can serve a case, and puts its state components into the order of the case.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - groups: future costs per pool of the case, by the stage the pool follows.
  ///   - isStrict: whether names of state components and numbers of stages and blocks must agree too. Otherwise only
  ///     the number of components must, and extra pools are left out.
  /// - Returns: the policy for the case.
  /// - Throws: `PolicyMismatch` with a message.
  package func fitted(to study: StudyCase, groups: [Int], isStrict: Bool) throws -> StoredPolicy {
    let names = study.stateNames
    guard policy.stateDimension == names.count else {
      throw PolicyMismatch(
        "The policy has \(policy.stateDimension) state components, the case \(names.count). Use a policy of a case "
          + "with the same reservoirs and inflow lags.")
    }
    var fitted = self
    if isStrict {
      guard policy.pools.count == study.stages.count else {
        throw PolicyMismatch(
          "The policy has \(policy.pools.count) stages, the case \(study.stages.count). Use a policy of a case with the "
            + "same stages, or set validate_compatibility to false.")
      }
      if !blocks.isEmpty, blocks != study.stages.map(\.blocks.count) {
        throw PolicyMismatch(
          "The policy was trained with other numbers of blocks per stage. Use a policy of a case with the same blocks, "
            + "or set validate_compatibility to false.")
      }
      let order = try names.map { name in
        guard let position = stateNames.firstIndex(of: name) else {
          throw PolicyMismatch(
            "The policy has no state component \(name). Use a policy of a case with the same reservoirs and inflow "
              + "lags, or set validate_compatibility to false.")
        }
        return position
      }
      if order != Array(names.indices) { fitted.reorder(order) }
    } else if let order = Self.order(of: names, in: stateNames), order != Array(names.indices) {
      // Names that say the same are believed all the same: files of cuts have an order of their own.
      fitted.reorder(order)
    }
    fitted.policy.pools = Array(fitted.policy.pools.prefix(study.stages.count))
    for (stage, pool) in fitted.policy.pools.enumerated() where pool.count > 0 && stage < groups.count {
      guard max(1, pool.groups) == groups[stage], pool.count % groups[stage] == 0 else {
        throw PolicyMismatch(
          "The cuts after stage \(stage) of the policy speak of \(pool.groups) future costs, the case of "
            + "\(groups[stage]). Train with the same cut_formulation and number of openings.")
      }
    }
    while fitted.policy.pools.count < study.stages.count { fitted.policy.pools.append(Policy.Pool()) }
    return fitted
  }

  /// The position of each name in another list of the same names, or nil if the lists differ in more than order.
  private static func order(of names: [String], in others: [String]) -> [Int]? {
    guard names.count == others.count else { return nil }
    let order = names.compactMap { others.firstIndex(of: $0) }
    return order.count == names.count ? order : nil
  }

  /// Brings the components into another order.
  ///
  /// Warm starts and states of the old order are dropped.
  private mutating func reorder(_ order: [Int]) {
    let dimension = policy.stateDimension
    for pool in policy.pools.indices {
      let slopes = policy.pools[pool].slopes
      policy.pools[pool].slopes = (0..<policy.pools[pool].count).flatMap { slot in
        order.map { slopes[slot * dimension + $0] }
      }
    }
    stateNames = order.map { stateNames[$0] }
    checkpoint = nil
    states = []
  }

  /// The pool that follows a stage, as fixed cuts after the last stage of another case.
  ///
  /// - Throws: `PolicyMismatch` if there are no such cuts or they do not fit the state of the case.
  package func boundary(after stage: Int, for study: StudyCase, isStrict: Bool) throws -> Policy.Pool {
    guard policy.pools.indices.contains(stage), policy.pools[stage].count > 0 else {
      throw PolicyMismatch("The boundary policy has no cuts after stage \(stage). Choose another source_stage.")
    }
    var part = self
    part.policy.pools = [policy.pools[stage]]
    part.blocks = []
    var names = study.stateNames
    guard policy.stateDimension == names.count else {
      throw PolicyMismatch(
        "The boundary policy has \(policy.stateDimension) state components, the case \(names.count). Use a policy of a "
          + "case with the same reservoirs and inflow lags.")
    }
    if isStrict {
      names.removeAll { stateNames.contains($0) }
      if let missing = names.first {
        throw PolicyMismatch(
          "The boundary policy has no state component \(missing). Use a policy of a case with the same reservoirs and "
            + "inflow lags, or set validate_compatibility to false.")
      }
      part.reorder(study.stateNames.compactMap { name in stateNames.firstIndex(of: name) })
    } else if let order = Self.order(of: names, in: stateNames) {
      part.reorder(order)
    }
    var pool = part.policy.pools[0]
    guard pool.groups <= 1 else {
      throw PolicyMismatch(
        "The boundary policy has a cut for each opening; its cuts bound no single future cost. Train it with "
          + "cut_formulation single.")
    }
    pool.inactive = []
    return pool
  }
}
