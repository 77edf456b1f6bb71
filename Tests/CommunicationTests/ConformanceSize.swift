import Foundation

/// How much the conformance tests move.
///
/// Small by default, so that they take no time in CI.
///
/// `COBRE_CONFORMANCE_BYTES` sets the total of the largest gather (300000000 is what the contract speaks of),
/// `COBRE_CONFORMANCE_CALLS` the length of the mixed sequence. Either also tries processes in groups of every size.
enum ConformanceSize {
  private static let environment = ProcessInfo.processInfo.environment
  private static let askedBytes = environment["COBRE_CONFORMANCE_BYTES"].flatMap { Int($0) }
  private static let askedCalls = environment["COBRE_CONFORMANCE_CALLS"].flatMap { Int($0) }

  static let bytes = askedBytes ?? 5_000_000
  static let calls = askedCalls ?? 300
  static let isFull = askedBytes != nil || askedCalls != nil
  /// Sizes of groups of processes.
  static let groups = isFull ? [1, 2, 3, 4, 7] : [2, 3]
  /// Seconds that a group may take.
  static let timeout = isFull ? 600.0 : 60
  /// For `cobre-worker conformance`.
  static let arguments = ["--large-bytes", String(bytes), "--mixed-calls", String(calls)]
}
