internal import CobreBase
internal import CobreEngine
internal import CobreHeader
internal import CobreMCP
internal import CobreRuns

// The functions of `cobre.h` that concern policies. Their contracts are in the header.

@_cdecl("cobre_policy_open")
public func cobrePolicyOpen(
  _ runs: UInt64, _ runID: UnsafePointer<CChar>?, _ policy: UnsafeMutablePointer<UInt64>?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    try Texts.give(LoadedPolicy(try runs.service.policy(runID: Texts.read(runID, "run_id"))), to: policy)
  }
}

@_cdecl("cobre_policy_describe")
public func cobrePolicyDescribe(
  _ policy: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let policy = try Handles.find(policy, LoadedPolicy.self, "policy").policy
    let pools = policy.policy.pools
    try Texts.give(
      [
        "stages": .int(Int64(pools.count)), "state_dimension": .int(Int64(policy.policy.stateDimension)),
        "state_names": .array(policy.stateNames.map { .string($0) }),
        "initial_state": .array(policy.initialState.map { .double($0) }),
        "iteration": .int(Int64(policy.iteration)), "case_is_unchanged": .bool(policy.isCaseUnchanged),
        "cuts": .array(pools.map { .int(Int64($0.count - $0.inactive.count)) }),
        "outcomes": .array(pools.map { .int(Int64(max(1, $0.groups))) }),
      ], to: json)
  }
}

@_cdecl("cobre_policy_cuts")
public func cobrePolicyCuts(
  _ policy: UInt64, _ stage: Int64, _ intercepts: UnsafeMutablePointer<UnsafePointer<Double>?>?,
  _ slopes: UnsafeMutablePointer<UnsafePointer<Double>?>?, _ groups: UnsafeMutablePointer<UnsafePointer<Int64>?>?,
  _ count: UnsafeMutablePointer<Int64>?, _ dimension: UnsafeMutablePointer<Int64>?
) -> Int32 {
  answering {
    let sheet = try Handles.find(policy, LoadedPolicy.self, "policy").sheet(stage)
    intercepts?.pointee = UnsafePointer(sheet.intercepts)
    slopes?.pointee = UnsafePointer(sheet.slopes)
    groups?.pointee = sheet.groupSizes.count > 1 ? UnsafePointer(sheet.groups) : nil
    count?.pointee = Int64(sheet.count)
    dimension?.pointee = Int64(sheet.dimension)
  }
}

@_cdecl("cobre_policy_evaluate")
public func cobrePolicyEvaluate(
  _ policy: UInt64, _ stage: Int64, _ states: UnsafePointer<Double>?, _ count: Int64, _ threads: Int32,
  _ values: UnsafeMutablePointer<Double>?, _ slopes: UnsafeMutablePointer<Double>?
) -> Int32 {
  answering {
    let policy = try Handles.find(policy, LoadedPolicy.self, "policy")
    guard let states, let values, count >= 0, let points = Int(exactly: count) else {
      throw Failure(.argument, "`states` and `values` must not be NULL, `count` must not be negative.")
    }
    guard (1...1024).contains(threads) else {
      throw Failure(.argument, "`threads` must be from 1 to 1024; \(threads) was given.")
    }
    try policy.evaluate(
      stage: stage, states: states, count: points, threads: Int(threads), values: values, slopes: slopes)
  }
}

@_cdecl("cobre_policy_interrupt")
public func cobrePolicyInterrupt(_ policy: UInt64) -> Int32 {
  answering { try Handles.find(policy, LoadedPolicy.self, "policy").interrupt() }
}
