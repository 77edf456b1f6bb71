internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobreHeader
internal import CobreMCP
internal import CobreRuns
internal import Foundation

// The functions of `cobre.h` that concern runs and computations. Their contracts are in the header.

@_cdecl("cobre_runs_open")
public func cobreRunsOpen(
  _ directory: UnsafePointer<CChar>?, _ worker: UnsafePointer<CChar>?, _ runs: UnsafeMutablePointer<UInt64>?
) -> Int32 {
  answering {
    try Texts.give(
      Runs(
        directory: directory == nil ? nil : Texts.read(directory, "directory"),
        worker: worker == nil ? nil : Texts.read(worker, "worker")), to: runs)
  }
}

@_cdecl("cobre_run_start")
public func cobreRunStart(
  _ runs: UInt64, _ request: UnsafePointer<CChar>?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    let sent = try Texts.readObject(request, "request")
    let arguments = try Arguments(sent, parameters: Runs.trainParameters)
    // Starting a process leaves a thread behind that waits for its end.
    ForkGuard.noteThreads()
    let started = try runs.service.start(Runs.request(arguments))
    try Texts.give(
      ["created": .bool(started.created), "run": .object(Runs.json(started.snapshot)), "iterations": []], to: json)
  }
}

@_cdecl("cobre_run_wait")
public func cobreRunWait(
  _ runs: UInt64, _ runID: UnsafePointer<CChar>?, _ after: Int64, _ seconds: Double,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    let news = try runs.wait(
      runID: Texts.read(runID, "run_id"), after: Int(clamping: after),
      seconds: seconds < 0 ? -1 : checkedSeconds(seconds))
    try Texts.give(
      ["run": .object(Runs.json(news.snapshot)), "iterations": .array(news.rows.map(Runs.json))], to: json)
  }
}

@_cdecl("cobre_run_stop")
public func cobreRunStop(_ runs: UInt64, _ runID: UnsafePointer<CChar>?) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    _ = try runs.service.cancel(runID: Texts.read(runID, "run_id"))
  }
}

@_cdecl("cobre_run_results")
public func cobreRunResults(
  _ runs: UInt64, _ runID: UnsafePointer<CChar>?, _ table: UnsafePointer<CChar>?, _ stream: UnsafeMutableRawPointer?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    guard let stream else { throw Failure(.argument, "`stream` must not be NULL.") }
    let found = try runs.service.results(runID: Texts.read(runID, "run_id"), table: Texts.read(table, "table"))
    // As raw memory, since the type of the header is no part of what this module shows to others.
    ArrowStream.export(found, to: stream.assumingMemoryBound(to: ArrowArrayStream.self))
  }
}

@_cdecl("cobre_tool")
public func cobreTool(
  _ runs: UInt64, _ name: UnsafePointer<CChar>?, _ arguments: UnsafePointer<CChar>?,
  _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    ForkGuard.noteThreads()
    let answer = try runs.call(
      tool: Texts.read(name, "name"), with: Texts.readObject(arguments, "arguments"))
    try Texts.give(
      ["result": answer.structured.map { .object($0) } ?? .null, "content": .array(answer.content)], to: json)
  }
}

@_cdecl("cobre_job_start")
public func cobreJobStart(
  _ runs: UInt64, _ request: UnsafePointer<CChar>?, _ environment: UnsafePointer<CChar>?,
  _ job: UnsafeMutablePointer<UInt64>?
) -> Int32 {
  answering {
    let runs = try Handles.find(runs, Runs.self, "runs directory")
    let arguments = try Arguments(Texts.readObject(request, "request"), parameters: Runs.jobParameters)
    let variables = try environment == nil ? nil : Runs.variables(Texts.readObject(environment, "environment"))
    let run = DirectRun(request: Runs.request(arguments), home: .service(runs.service))
    let made = try Job(run: run, isInLockstep: arguments.integer("lockstep") == 1) { problem in
      guard let variables else { return LocalCommunicator() }
      return try CommunicatorFactory.make(environment: variables, problem: problem)
    }
    try Texts.give(made, to: job)
  }
}

@_cdecl("cobre_job_wait")
public func cobreJobWait(
  _ job: UInt64, _ after: Int64, _ seconds: Double, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let job = try Handles.find(job, Job.self, "job")
    let news = try job.wait(after: Int(clamping: after), seconds: checkedSeconds(seconds))
    try Texts.give(
      [
        "ended": .bool(news.outcome != nil), "iterations": .array(news.rows.map(Runs.json)),
        "outcome": news.outcome.map { .object(Runs.json($0)) } ?? .null,
        "remaining_seconds": news.remainingSeconds.map { .double($0) } ?? .null,
      ], to: json)
  }
}

@_cdecl("cobre_job_stop")
public func cobreJobStop(_ job: UInt64) -> Int32 {
  answering { try Handles.find(job, Job.self, "job").stop() }
}

private func checkedSeconds(_ seconds: Double) throws -> Double {
  guard seconds >= 0, seconds <= 86_400 else {
    throw Failure(.argument, "`seconds` must be from 0 to 86400; \(seconds) was given.")
  }
  return seconds
}
