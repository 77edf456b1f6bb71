internal import CobreBase
internal import CobreEngine
internal import Glibc

/// What this machine's processors do at the moment, besides a run.
package struct MachineLoad: Sendable, Equatable {
  /// Programs that compute or wait for a processor, in the mean of the last minute.
  package var average: Double
  /// Processors that were busy in a moment of looking, the run's included.
  package var busy: Double
  /// Of them those that processes of the run kept busy.
  package var own: Double
  package var processors: Int

  package init(average: Double, busy: Double, own: Double, processors: Int) {
    self.average = average
    self.busy = busy
    self.own = own
    self.processors = processors
  }

  /// Processors that others keep busy.
  package var others: Double { max(0, busy - own) }

  /// Share of the processors from which on others slow a run down.
  private static let disturbing = 0.25

  /// Whether others take so much that a run has to wait for processors.
  package var isDisturbed: Bool { others > Self.disturbing * Double(max(1, processors)) }

  /// Looks for a moment.
  ///
  /// - Parameters:
  ///   - processes: of the run, on this machine.
  ///   - seconds: to look for.
  /// - Returns: nil where the kernel does not say.
  package static func now(processes: [Int], seconds: Double = 0.2) -> MachineLoad? {
    guard let before = Reading(processes) else { return nil }
    usleep(useconds_t(max(0.01, min(5, seconds)) * 1e6))
    guard let after = Reading(processes), after.all > before.all else { return nil }
    // Both are in the same ticks; of all processors they are as many as time has passed times processors.
    let span = Double(after.all - before.all) / Double(after.processors)
    return MachineLoad(
      average: after.average, busy: Double(max(0, after.busy - before.busy)) / span,
      own: Double(max(0, after.own - before.own)) / span, processors: after.processors)
  }

  /// Counters of the kernel, in ticks.
  private struct Reading {
    var all: Int64
    var busy: Int64
    var own: Int64
    var average: Double
    var processors: Int

    init?(_ processes: [Int]) {
      guard let text = KernelFile.contents("/proc/stat"), let load = KernelFile.contents("/proc/loadavg"),
        let average = load.split(separator: " ").first.flatMap({ Double($0) }), average.isFinite
      else { return nil }
      let lines = text.split(separator: "\n")
      guard let line = lines.first(where: { $0.hasPrefix("cpu ") }) else { return nil }
      // User, nice, system, idle, waiting for disks, interrupts (2), stolen; guests are in the first two.
      let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Int64($0) }
      guard ticks.count == 8 else { return nil }
      all = ticks.reduce(0, &+)
      busy = all &- ticks[3] &- ticks[4]
      processors = max(1, lines.count { $0.hasPrefix("cpu") } - 1)
      self.average = average
      own = processes.reduce(0) { $0 &+ Self.ticks(of: $1) }
    }

    /// Ticks of a process, its threads included; 0 for one that is gone.
    private static func ticks(of process: Int) -> Int64 {
      guard process > 0, let text = KernelFile.contents("/proc/\(process)/stat"),
        // The name of a program may hold anything, and ends with the last parenthesis.
        let end = text.lastIndex(of: ")")
      else { return 0 }
      let fields = text[text.index(after: end)...].split(separator: " ")
      guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return 0 }
      return user &+ system
    }
  }
}

extension MachineLoad {
  /// What it means, as a sentence.
  ///
  /// - Parameter isRunning: whether the run goes on, so that it has to share the machine.
  /// - Returns: the sentence.
  func sentence(isRunning: Bool) -> String {
    let figures =
      "other programs keep \(Figures.text(others)) of \(processors) processors of this machine busy (load average "
      + "\(Figures.text(average)))"
    guard isDisturbed else { return "At the moment \(figures), which disturbs no run." }
    return isRunning
      ? "At the moment \(figures): the run is slower for it, and so are the times told here."
      : "At the moment \(figures): a run that is started now is slower for it."
  }
}
