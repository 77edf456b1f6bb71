internal import CobreBase
internal import CobreCommunication

/// Divides units of work among threads and ranks, and gathers their figures in the order of the units.
///
/// A loop over units (`forEach`) is followed by an exchange (`gather`), which every rank must call for the same units.
/// If a unit fails, its rank computes nothing more before the exchange, which then throws the failure of the lowest
/// unit on all ranks.
final class WorkRunner {
  let communicator: any Communicator
  /// What each thread computes with.
  let workspaces: [Workspace]
  /// Directory into which an LP that no attempt solves is written, or nil for nowhere.
  var problemDirectory: String?
  /// Given the solver of a stage LP that no attempt solves.
  var watchUnsolved: ((StageSolver) -> Void)?

  private let team: ThreadTeam
  /// Units of this rank that have failed since the last exchange.
  private var failures = UnitFailures()
  private var clock = CommunicationClock()
  private var memory = MemoryUsage()

  /// - Parameters:
  ///   - communicator: the ranks that work together.
  ///   - threads: threads of this rank to ask the system for, ≥ 1.
  ///   - makeWorkspace: called once for each thread that the system grants.
  init(communicator: any Communicator, threads: Int, makeWorkspace: () -> Workspace) {
    self.communicator = communicator
    team = ThreadTeam(count: threads)
    workspaces = (0..<team.count).map { _ in makeWorkspace() }
  }

  /// Threads at work.
  var threads: Int { team.count }

  /// LPs solved by this rank so far.
  var solveCount: Int { workspaces.reduce(0) { $0 + $1.solveCount } }
  /// Solves of this rank that needed more than a plain first attempt.
  var retryCount: Int { workspaces.reduce(0) { $0 + $1.retryCount } }

  /// This rank's part of some units.
  func share(of units: Int) -> WorkPartition {
    WorkPartition(units: units, rank: communicator.rank, size: communicator.size)
  }

  /// Computes units of this rank on all threads.
  ///
  /// - Parameters:
  ///   - count: their number.
  ///   - order: number of the loop, if there are several before the exchange.
  ///   - first: position of the first of them among the units of this rank that are exchanged.
  ///   - workspaces: what the threads compute with, or nil for their own.
  ///   - body: computes one unit. It may write only to what belongs to the unit or to the workspace.
  func forEach(
    _ count: Int, order: Int = 0, first: Int = 0, on workspaces: [Workspace]? = nil,
    _ body: (Workspace, Int) throws -> Void
  ) {
    guard !failures.hasFailure else { return }
    let workspaces = workspaces ?? self.workspaces
    do throws(ThreadTeam.UnitFailure) {
      try team.forEach(count) { thread, unit in try body(workspaces[thread], unit) }
    } catch {
      if let watchUnsolved, let cause = error.cause as? TrainingError,
        let solver = workspaces[error.thread].heldSolver(stage: cause.stage)
      {
        watchUnsolved(solver)
      }
      failures.note(
        order: order, unit: first + error.unit,
        error.located(on: workspaces, rank: communicator.rank, problemDirectory: problemDirectory))
    }
  }

  /// Gathers the figures of units, in the order of the units.
  ///
  /// - Parameters:
  ///   - figures: of this rank's units, `[unit * width + figure]`.
  ///   - units: the number of units of all ranks.
  ///   - width: figures of a unit, the same on all ranks.
  ///   - receive: room for the figures of all units.
  /// - Throws: the failure of the lowest unit, on every rank, if any has failed. `CommunicationError`.
  func gather(_ figures: [Double], units: Int, width: Int, into receive: inout [Double]) throws {
    let counts = WorkPartition.counts(units: units, size: communicator.size, width: width)
    try gather(figures, counts: counts, width: width, into: &receive)
  }

  /// The same for shares of any size, given in figures by rank.
  func gather(_ figures: [Double], counts: [Int], width: Int, into receive: inout [Double]) throws {
    try exchange(failures.marked(figures, width: width), counts: counts, into: &receive)
    try failures.settle(receive, width: width, counts: counts, on: communicator)
  }

  /// Gathers anything by rank and counts the time that takes.
  func exchange<Element: BitwiseCopyable>(_ send: [Element], counts: [Int], into receive: inout [Element]) throws {
    try clocked { try communicator.allgatherv(send, counts: counts, into: &receive) }
  }

  /// Counts the time that a collective takes.
  ///
  /// Every rank must call it for the same collectives.
  func clocked(_ collective: () throws -> Void) throws {
    let began = ContinuousClock.now
    try collective()
    clock.add(ContinuousClock.now - began)
  }

  /// What every rank did in an iteration, by rank.
  ///
  /// Ends the time that the clock covers.
  ///
  /// - Parameters:
  ///   - solves: LPs that this rank has solved.
  ///   - retries: how many of them needed more than a plain first attempt.
  /// - Returns: the work of all ranks, the same on each.
  /// - Throws: `CommunicationError`.
  func gatherWork(solves: Int, retries: Int) throws -> [RankWork] {
    let size = communicator.size
    let stays = clock.takeStays()
    let memory = memory.read()
    let figures = [Int64(solves), Int64(retries), Int64(threads), memory.proportional, memory.peak]
    let own = figures + stays
    var all = [Int64](repeating: 0, count: own.count * size)
    try exchange(own, counts: .init(repeating: own.count, count: size), into: &all)
    let rows = (0..<size).map { Array(all[($0 * own.count)..<(($0 + 1) * own.count)]) }
    let waits = CommunicationClock.waits(rows.map { Array($0.dropFirst(figures.count)) })
    return zip(rows, waits).map { row, wait in
      RankWork(
        solves: Int(row[0]), retries: Int(row[1]), threads: Int(row[2]),
        communicationSeconds: Double(row.dropFirst(figures.count).reduce(0, &+)) * 1e-9,
        waitSeconds: Double(wait) * 1e-9, memoryBytes: row[3], peakMemoryBytes: row[4])
    }
  }
}
