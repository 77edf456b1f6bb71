internal import ArgumentParser
internal import CobreBase
package import CobreCommunication
internal import CobreEngine
internal import Foundation

/// Tests a communication backend on the available machines.
struct Conformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Checks on every rank that the processes communicate as the engine needs it.",
    discussion: """
      Start it once per rank: under mpiexec or srun, or with the COBRE_SHM_* or COBRE_TCP_* variables set. \
      Exit codes: 0 all is well, 70 a check failed, 76 communication failed.
      """)

  @Option(help: ArgumentHelp("A check; all that leave the group usable where none is given.", valueName: "name"))
  var check: [ConformanceCheck] = []

  @Option(help: "Bytes of the largest gather.")
  var largeBytes = 24_000_000

  @Option(help: "Calls of the mixed sequence.")
  var mixedCalls = 1000

  @Option(help: "Fingerprint of the problem; ranks with another one are turned away.")
  var problem: UInt64 = 0

  @Option(help: "Seconds to meet for after the checks, for tests that stop ranks meanwhile.")
  var barrierSeconds = 0.0

  @Option(help: "Bytes that every rank contributes each time.")
  var meetingBytes = 800

  @Flag(help: "Print latency and bandwidth of the collectives instead.")
  var measure = false

  @Option(help: "Largest payload of a rank to measure, in bytes.")
  var measureLargest = 64 << 20

  @OptionGroup var log: LogFlag

  func run() throws {
    // As in a training, so that the transport is measured and not the system's page handling.
    MallocTuning.keep()
    let communicator: any Communicator
    do {
      communicator = try connectFromEnvironment(problem: problem)
    } catch let error as CommunicationError {
      throw give(error)
    }
    let place = "\(communicator.backend.rawValue), \(communicator.size) rank\(communicator.size == 1 ? "" : "s")"
    try WorkLog.run(
      log.form, ownsOutput: !measure, speaks: communicator.rank == 0,
      (
        "\(measure ? "measures" : "checks") communication; \(place)",
        ["backend": .string(communicator.backend.rawValue), "ranks": .int(Int64(communicator.size))]
      ), columns: ["check", "seconds"]
    ) { log in try work(communicator, log) }
  }

  private func work(_ communicator: any Communicator, _ log: WorkLog) throws -> WorkLog.End {
    do {
      if measure {
        try CommunicationMeasurement.run(on: communicator, largest: measureLargest) { ProgramOutput.print($0) }
        try communicator.finalize()
        return ("", [:])
      }
      let checks = check.isEmpty ? ConformanceCheck.allCases.filter { !$0.breaksGroup } : check
      for check in checks {
        let start = Date()
        try check.run(on: communicator, largeBytes: largeBytes, mixedCalls: mixedCalls)
        guard communicator.rank == 0, !log.isText else { continue }
        log.part("", ["check": .string(check.rawValue), "seconds": .double(Date().timeIntervalSince(start))])
      }
      try keepMeeting(communicator)
      try communicator.finalize()
      if log.isText {
        let backend = communicator.backend.rawValue
        ProgramOutput.print("conformance: rank \(communicator.rank) of \(communicator.size) over \(backend): ok")
        fflush(nil)
      }
      return ("\(checks.count) checks", ["checks": .int(Int64(checks.count))])
    } catch let error as CommunicationError {
      // The message comes first: leaving a broken MPI group ends the process.
      let code = give(error)
      try? communicator.finalize()
      throw code
    } catch let failure as ConformanceFailure {
      complain("conformance: \(failure)")
      communicator.abort("\(failure)")
      try? communicator.finalize()
      throw ExitCode(70)
    }
  }

  private func keepMeeting(_ communicator: any Communicator) throws {
    guard barrierSeconds > 0 else { return }
    ProgramOutput.print("conformance: rank \(communicator.rank) meets, pid \(getpid())")
    fflush(nil)
    let start = Date()
    var isOver = false
    while !isOver {
      var mine = [Int64](repeating: Int64(communicator.rank), count: max(0, meetingBytes) / 8)
      try communicator.allreduce(&mine, .sum)
      isOver = Date().timeIntervalSince(start) > barrierSeconds
      try communicator.broadcast(&isOver, root: 0)
    }
  }

  private func give(_ error: CommunicationError) -> ExitCode {
    complain("conformance: \(error.code): \(error)")
    return ExitCode(76)
  }
}

extension ConformanceCheck: ExpressibleByArgument {}
