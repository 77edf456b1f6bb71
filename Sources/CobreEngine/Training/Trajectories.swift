/// The trajectories of an iteration: what they cost and the states they pass through, known to every rank, and where
/// the units of this rank's share start from.
final class Trajectories {
  let count: Int
  /// The trajectories of this rank.
  let share: WorkPartition
  /// Warm starts of this rank's units, `[step * share.count + local trajectory]`.
  let starts: WarmStarts

  private let steps: Int
  private let dimension: Int
  /// Figures of a trajectory: its cost, then the outgoing state of every step but the last.
  private let width: Int
  private var local: [Double]
  private var records: [Double]

  /// - Parameters:
  ///   - count: trajectories of all ranks.
  ///   - share: this rank's part of them.
  ///   - steps: of a trajectory, ≥ 1.
  ///   - dimension: state components, ≥ 0.
  init(count: Int, share: WorkPartition, steps: Int, dimension: Int) {
    self.count = count
    self.share = share
    self.steps = steps
    self.dimension = dimension
    width = 1 + max(0, steps - 1) * dimension
    starts = WarmStarts(count: steps * share.count)
    local = .init(repeating: 0, count: share.count * width)
    records = .init(repeating: 0, count: count * width)
  }

  /// Room for the results of one trajectory.
  struct Record {
    fileprivate let base: UnsafeMutablePointer<Double>
    fileprivate let dimension: Int

    /// Keeps the discounted cost, in $.
    func set(cost: Double) { base[0] = cost }

    /// Keeps the outgoing state of a step that is not the last.
    func set(_ state: UnsafePointer<Double>, after step: Int) {
      for component in 0..<dimension { base[1 + step * dimension + component] = state[component] }
    }
  }

  /// Where the unit of a step and a trajectory of this rank starts from.
  ///
  /// Written by that unit alone.
  func start(step: Int, local: Int) -> UnsafeMutablePointer<WarmStart> { starts.place(step * share.count + local) }

  /// Walks the trajectories of this rank and exchanges what all ranks found.
  ///
  /// - Parameters:
  ///   - runner: the threads and ranks.
  ///   - walk: walks one trajectory of this rank, given by its position in the share.
  /// - Throws: what the walk of the lowest trajectory threw, on every rank. `CommunicationError`.
  func record(on runner: WorkRunner, _ walk: (Workspace, Int, Record) throws -> Void) throws {
    let (width, dimension) = (width, dimension)
    local.withUnsafeMutableBufferPointer { records in
      guard let base = records.baseAddress else { return }
      runner.forEach(share.count) { workspace, local in
        try walk(workspace, local, Record(base: base + local * width, dimension: dimension))
      }
    }
    try runner.gather(local, units: count, width: width, into: &records)
  }

  /// Discounted cost of a trajectory in $.
  func cost(of trajectory: Int) -> Double { records[trajectory * width] }

  /// Discounted costs by trajectory, in $.
  var costs: [Double] { (0..<count).map { cost(of: $0) } }

  /// Mean over the trajectories of the first components of the outgoing state of every step but the last:
  /// `[step * components + component]`.
  func meanStates(of components: Int) -> [Double] {
    (0..<max(0, steps - 1)).flatMap { step in
      (0..<components).map { component in
        var sum = 0.0
        for trajectory in 0..<count { sum += records[trajectory * width + 1 + step * dimension + component] }
        return sum / Double(count)
      }
    }
  }

  /// The outgoing state of a step that is not the last.
  func state(of trajectory: Int, after step: Int) -> ArraySlice<Double> {
    let first = trajectory * width + 1 + step * dimension
    return records[first..<(first + dimension)]
  }

  /// Hands out the outgoing state of a step that is not the last, without a copy.
  @discardableResult
  func withState<Result>(
    of trajectory: Int, after step: Int, _ body: (UnsafePointer<Double>) throws -> Result
  ) rethrows -> Result? {
    try records.withUnsafeBufferPointer { records in
      try records.baseAddress.map { try body($0 + trajectory * width + 1 + step * dimension) }
    }
  }
}
