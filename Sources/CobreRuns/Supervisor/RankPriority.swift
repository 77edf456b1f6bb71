internal import CobreBase
internal import Glibc

/// Leaves processor time to the program that started a run whose ranks take every processor.
///
/// A notebook computes on and a server answers while ranks train behind it. Where there is no processor left for it,
/// ranks that are a little nicer take what it leaves, instead of an equal share of each. With a processor left over,
/// nothing changes.
enum RankPriority {
  /// Steps of nice, which are about a third of the weight of other processes.
  static let steps: Int32 = 5

  /// Whether the ranks of a run are made nicer.
  ///
  /// - Parameters:
  ///   - manifest: the run.
  ///   - processors: of this host that the ranks may use.
  /// - Returns: whether they leave none of them to others.
  static func isLowered(_ manifest: RunManifest, processors: Int) -> Bool {
    // What else computes on other hosts is not known here, and the program that started the run is not there.
    guard manifest.request.hosts == nil else { return false }
    let (busy, overflow) = manifest.workers.multipliedReportingOverflow(by: manifest.settings.threads)
    return overflow || busy >= processors
  }

  /// Makes the calling thread and those that it starts nicer.
  static func lowerThread(for manifest: RunManifest) {
    // A refusal leaves the priority as it was, which is no failure of the run.
    if isLowered(manifest, processors: PhysicalCores.processors()) { _ = nice(steps) }
  }

  /// Makes the session that the calling process leads nicer.
  ///
  /// Linux may share processor time between sessions first, and between the processes of one afterwards (sched(7), "The
  /// autogroup feature"). The supervisor leads the session of its ranks, and the program that started it is in another.
  static func lowerSession(for manifest: RunManifest) {
    guard getsid(0) == getpid(), isLowered(manifest, processors: PhysicalCores.processors()) else { return }
    KernelFile.write("\(steps)", to: "/proc/self/autogroup")
  }
}
