internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreHeader
internal import CobreMCP
internal import CobreRuns
internal import CobreServerProgram
internal import CobreWorkerProgram
internal import Glibc

// The functions of `cobre.h` that concern the library as a whole, and cases. Their contracts are in the header.

@_cdecl("cobre_abi")
public func cobreABI() -> Int32 { COBRE_ABI_MAJOR << 16 | COBRE_ABI_MINOR }

private let versionText = VersionText()

/// The version as a C text that lives as long as the process, never written after it was made.
private struct VersionText: @unchecked Sendable {
  let text = strdup(engineVersion)
}

@_cdecl("cobre_version")
public func cobreVersion() -> UnsafePointer<CChar>? { versionText.text.map { UnsafePointer($0) } }

@_cdecl("cobre_program")
public func cobreProgram(_ name: UnsafePointer<CChar>?) -> Int32 {
  answering {
    switch try Texts.read(name, "name") {
    case "cobre-mcp": CobreMCPCommand.main()
    case "cobre-worker": CobreWorker.start()
    default: throw Failure(.argument, "`name` must be cobre-mcp or cobre-worker.")
    }
    // A command that has nothing more to do returns.
    exit(0)
  }
}

@_cdecl("cobre_error_code")
public func cobreErrorCode() -> Int32 { LastFailure.current.code }

@_cdecl("cobre_error_message")
public func cobreErrorMessage() -> UnsafePointer<CChar>? { LastFailure.current.message.map { UnsafePointer($0) } }

@_cdecl("cobre_error_json")
public func cobreErrorJSON() -> UnsafePointer<CChar>? { LastFailure.current.json.map { UnsafePointer($0) } }

@_cdecl("cobre_free")
public func cobreFree(_ text: UnsafeMutableRawPointer?) { free(text) }

@_cdecl("cobre_close")
public func cobreClose(_ handle: UInt64) -> Int32 {
  answering {
    let thing = try Handles.remove(handle)
    if let job = thing as? Job { job.stop() }
  }
}

/// A case that was read without errors.
final class Study: Sendable {
  let directory: String
  let warnings: [Finding]
  let study: StudyCase

  init(directory: String) throws {
    let directory = FilePath.resolve(directory) ?? directory
    let report = CaseReader.read(directory: directory)
    guard let study = report.study else {
      throw InvalidCaseError(caseDirectory: directory, findings: report.findings)
    }
    self.directory = directory
    self.study = study
    warnings = report.warnings
  }
}

@_cdecl("cobre_case_validate")
public func cobreCaseValidate(
  _ directory: UnsafePointer<CChar>?, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let path = try Texts.read(directory, "directory")
    let report = CaseReader.read(directory: FilePath.resolve(path) ?? path)
    try Texts.give(
      ["valid": .bool(report.study != nil), "findings": .array(report.findings.map(FindingView.json))], to: json)
  }
}

@_cdecl("cobre_study_open")
public func cobreStudyOpen(_ directory: UnsafePointer<CChar>?, _ study: UnsafeMutablePointer<UInt64>?) -> Int32 {
  answering { try Texts.give(try Study(directory: Texts.read(directory, "directory")), to: study) }
}

@_cdecl("cobre_study_describe")
public func cobreStudyDescribe(
  _ study: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let study = try Handles.find(study, Study.self, "study")
    var description = CaseView.json(study.study)
    description["case_dir"] = .string(study.directory)
    description["state_names"] = .array(study.study.stateNames.map { .string($0) })
    description["initial_state"] = .array(InflowProcess(study: study.study).initialState.map { .double($0) })
    description["warnings"] = .array(study.warnings.map(FindingView.json))
    try Texts.give(description, to: json)
  }
}

@_cdecl("cobre_study_stochastic")
public func cobreStudyStochastic(
  _ study: UInt64, _ json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
) -> Int32 {
  answering {
    let study = try Handles.find(study, Study.self, "study")
    try Texts.give(
      StochasticView.json(
        study.study, hydros: Array(study.study.hydros.indices), warnings: study.warnings), to: json)
  }
}
