internal import CobreCase
internal import CobreCutKernel
internal import CobreEngine
internal import CobreRuns
internal import Synchronization

/// A policy that foreign code values: the cuts of each stage in the layouts that it reads and that valuing needs.
final class LoadedPolicy: Sendable {
  let policy: RunPolicy
  /// By stage.
  ///
  /// Made when they are first asked for.
  private let sheets = Mutex<[Int: CutSheet]>([:])
  /// Counts the requests to end evaluations.
  private let interruptions = Atomic<Int>(0)

  /// Points that one unit of work evaluates between two checks for an interruption.
  private static let pointsPerUnit = 512

  init(_ policy: RunPolicy) { self.policy = policy }

  func interrupt() { interruptions.wrappingAdd(1, ordering: .relaxed) }

  /// The cuts in use after a stage.
  func sheet(_ stage: Int64) throws -> CutSheet {
    guard let stage = Int(exactly: stage), policy.policy.pools.indices.contains(stage) else {
      throw Failure(
        .argument, "`stage` must be from 0 to \(policy.policy.pools.count - 1); \(stage) was given.")
    }
    return sheets.withLock { sheets in
      if let sheet = sheets[stage] { return sheet }
      let sheet = CutSheet(policy.policy.pools[stage], dimension: policy.policy.stateDimension)
      sheets[stage] = sheet
      return sheet
    }
  }

  /// Future cost at many states (see `cobre_policy_evaluate`).
  func evaluate(
    stage: Int64, states: UnsafePointer<Double>, count: Int, threads: Int, values: UnsafeMutablePointer<Double>,
    slopes: UnsafeMutablePointer<Double>?
  ) throws {
    let sheet = try sheet(stage)
    guard sheet.groupSizes.allSatisfy({ $0 > 0 }) else {
      throw Failure(.policy, "There are no cuts after stage \(stage), so they say nothing of the cost to come.")
    }
    guard policy.study.priceProcesses.isEmpty else {
      throw Failure(
        .policy,
        "The case has price processes, so that a future cost is more than the largest of the cuts. inspect_policy values "
          + "states of such policies.")
    }
    let weighting = policy.weighting(after: Int(stage))
    let before = interruptions.load(ordering: .relaxed)
    if threads > 1 { ForkGuard.noteThreads() }
    let team = ThreadTeam(count: threads)
    let units = (count + Self.pointsPerUnit - 1) / Self.pointsPerUnit
    let work = EvaluationWork(states: states, values: values, slopes: slopes)
    do {
      try team.forEach(units) { _, unit in
        guard interruptions.load(ordering: .relaxed) == before else {
          throw Failure(.interrupted, "The evaluation was ended from another thread.")
        }
        let first = unit * Self.pointsPerUnit
        work.value(first..<min(count, first + Self.pointsPerUnit), sheet, weighting) {
          policy.leastFutureCost(after: Int(stage))
        }
      }
    } catch {
      throw error.cause
    }
  }
}

/// Where states are read and values are written.
private struct EvaluationWork {
  let states: UnsafePointer<Double>
  let values: UnsafeMutablePointer<Double>
  let slopes: UnsafeMutablePointer<Double>?

  /// Values some points; `floor` is asked for what the future costs at least where a cut says less than 0.
  func value(_ points: Range<Int>, _ sheet: CutSheet, _ weighting: RunPolicy.Weighting, floor: () -> Double) {
    let dimension = sheet.dimension
    let states = states + points.lowerBound * dimension
    let groups = sheet.groupSizes.count
    var best = [Double](repeating: -.infinity, count: points.count * groups)
    for group in 0..<groups {
      best.withUnsafeMutableBufferPointer { best in
        guard let base = best.baseAddress else { return }
        sheet.maximise(group, at: states, count: points.count, into: base + group * points.count)
      }
    }
    let floor = best.contains { $0 < 0 } ? floor() : -.infinity
    for index in best.indices where best[index] < floor { best[index] = floor }
    for point in 0..<points.count {
      let target = points.lowerBound + point
      let costs = groups == 1 ? [best[point]] : (0..<groups).map { best[$0 * points.count + point] }
      let weights = weighting.weights(costs)
      values[target] = groups == 1 ? costs[0] : zip(weights, costs).reduce(0) { $0 + $1.0 * $1.1 }
      guard let slopes else { continue }
      let row = slopes + target * dimension
      for component in 0..<dimension { row[component] = 0 }
      for group in 0..<groups where costs[group] > floor {
        guard let cut = sheet.firstCut(of: group, at: states + point * dimension, height: costs[group]) else {
          continue
        }
        for component in 0..<dimension {
          row[component] += weights[group] * sheet.slopes[cut * dimension + component]
        }
      }
    }
  }
}

/// The cuts in use after one stage, at fixed addresses.
///
/// Sendable, since nothing is written after it was made.
final class CutSheet: @unchecked Sendable {
  let dimension: Int
  /// Number of cuts, in order of creation.
  let count: Int
  let intercepts: UnsafeMutablePointer<Double>
  /// Row per cut.
  let slopes: UnsafeMutablePointer<Double>
  /// The future cost that each cut speaks of.
  let groups: UnsafeMutablePointer<Int64>
  /// Cuts by future cost.
  let groupSizes: [Int]
  /// By future cost: cuts in the layout of the kernel.
  private let blocks: [UnsafeMutablePointer<Double>]
  private let blockCounts: [Int]

  init(_ pool: Policy.Pool, dimension: Int) {
    let unused = Set(pool.inactive)
    let cuts = (0..<pool.count).filter { !unused.contains($0) }
    let groupCount = max(1, pool.groups)
    self.dimension = dimension
    count = cuts.count
    intercepts = .allocate(capacity: max(1, cuts.count))
    slopes = .allocate(capacity: max(1, cuts.count * dimension))
    groups = .allocate(capacity: max(1, cuts.count))
    for (index, cut) in cuts.enumerated() {
      (intercepts + index).initialize(to: pool.intercepts[cut])
      (groups + index).initialize(to: Int64(cut % groupCount))
      for component in 0..<dimension {
        (slopes + index * dimension + component).initialize(to: pool.slopes[cut * dimension + component])
      }
    }
    let members = (0..<groupCount).map { group in cuts.filter { $0 % groupCount == group } }
    groupSizes = members.map(\.count)
    let lanes = Int(COBRE_CUT_LANES)
    let width = (dimension + 1) * lanes
    blockCounts = members.map { ($0.count + lanes - 1) / lanes }
    blocks = members.map { cuts in
      let length = (cuts.count + lanes - 1) / lanes * width
      let base = UnsafeMutablePointer<Double>.allocate(capacity: max(1, length))
      base.initialize(repeating: 0, count: max(1, length))
      for block in 0..<((cuts.count + lanes - 1) / lanes) {
        for lane in 0..<lanes {
          let target = base + block * width + lane
          let position = block * lanes + lane
          target[0] = position < cuts.count ? pool.intercepts[cuts[position]] : -.infinity
          guard position < cuts.count else { continue }
          for component in 0..<dimension {
            target[(component + 1) * lanes] = pool.slopes[cuts[position] * dimension + component]
          }
        }
      }
      return base
    }
  }

  deinit {
    intercepts.deallocate()
    slopes.deallocate()
    groups.deallocate()
    for base in blocks { base.deallocate() }
  }

  /// Raises each of `values` to the largest of the cuts of a future cost at its state.
  func maximise(
    _ group: Int, at states: UnsafePointer<Double>, count: Int, into values: UnsafeMutablePointer<Double>
  ) {
    cobre_cut_maximum(blocks[group], Int64(blockCounts[group]), Int64(dimension), states, Int64(count), values)
  }

  /// The first cut of a future cost that has this height at a state.
  func firstCut(of group: Int, at state: UnsafePointer<Double>, height: Double) -> Int? {
    (0..<count).first { cut in
      guard groups[cut] == group else { return false }
      var sum = intercepts[cut]
      for component in 0..<dimension { sum += slopes[cut * dimension + component] * state[component] }
      return sum == height
    }
  }
}
