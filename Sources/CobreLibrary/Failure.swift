internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobreHeader
internal import CobreMCP
internal import CobreRuns
internal import Glibc

/// Why a call failed, as foreign code gets it: a code, a sentence, and details as JSON.
struct Failure: Error, Sendable {
  /// The values of `cobre_code` in the header, with the names that the JSON uses.
  enum Code: String, Sendable, CaseIterable {
    case argument, backend, worker, solver, policy, run, storage, interrupted, forked
    case invalidCase = "case"
    case other = "internal"

    var number: Int32 {
      let code =
        switch self {
        case .argument: COBRE_ARGUMENT
        case .invalidCase: COBRE_CASE
        case .backend: COBRE_BACKEND
        case .worker: COBRE_WORKER
        case .solver: COBRE_SOLVER
        case .policy: COBRE_POLICY
        case .run: COBRE_RUN
        case .storage: COBRE_STORAGE
        case .interrupted: COBRE_INTERRUPTED
        case .forked: COBRE_FORKED
        case .other: COBRE_INTERNAL
        }
      return Int32(code.rawValue)
    }
  }

  var code: Code
  var message: String
  var details: JSONObject

  init(_ code: Code, _ message: String, _ details: JSONObject = [:]) {
    self.code = code
    self.message = message
    self.details = details
  }

  /// What an error of the engine or of a tool means to foreign code.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as InvalidCaseError:
      self.init(
        .invalidCase, error.description,
        ["case_dir": .string(error.caseDirectory), "findings": .array(error.findings.map(FindingView.json))])
    case let error as ToolError:
      self.init(.argument, error.text, ["problems": .array(error.problems.map { .string($0) })])
    case let error as RunError: self.init(Self.code(of: error), error.message, ["reason": .string(error.code.rawValue)])
    case let error as CommunicationError: self.init(error)
    case let error as RankFailure:
      self.init(error.kind == .invalidCase ? .invalidCase : .worker, error.message, ["rank": .int(Int64(error.rank))])
    case let error as TrainingError:
      self.init(
        .solver, error.description,
        [
          "stage": .int(Int64(error.stage)), "opening": .int(Int64(error.opening)),
          "iteration": .int(Int64(error.iteration)), "file": error.file.map { .string($0) } ?? .null,
        ])
    case let error as LPError: self.init(.solver, error.detail)
    case let error as PolicyMismatch: self.init(.policy, String(describing: error))
    default: self.init(.other, String(describing: error))
    }
  }

  private init(_ error: CommunicationError) {
    let isAboutJoining = [.configuration, .connectFailed, .rejected, .system].contains(error.code)
    var details: JSONObject = ["reason": .string("\(error.code)")]
    if let peer = error.peer { details["rank"] = .int(Int64(peer)) }
    self.init(isAboutJoining ? .backend : .worker, error.description, details)
  }

  private static func code(of error: RunError) -> Code {
    switch error.code {
    case .invalidRequest: .argument
    case .invalidCase: .invalidCase
    case .backend, .launch: .backend
    case .storage: .storage
    default: .run
    }
  }

  var json: String {
    var members: JSONObject = ["code": .string(code.rawValue), "message": .string(message)]
    for (key, value) in details.members { members[key] = value }
    return JSONValue.object(members).text()
  }
}

/// The last failure of each thread, as C texts.
///
/// An object belongs to one thread, and only that thread accesses it.
final class LastFailure {
  private(set) var code: Int32 = 0
  private(set) var message: UnsafeMutablePointer<CChar>?
  private(set) var json: UnsafeMutablePointer<CChar>?

  deinit {
    free(message)
    free(json)
  }

  func take(_ failure: Failure) {
    free(message)
    free(json)
    code = failure.code.number
    message = strdup(failure.message)
    json = strdup(failure.json)
  }

  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key) { thing in
      if let thing { Unmanaged<LastFailure>.fromOpaque(thing).release() }
    }
    return key
  }()

  static var current: LastFailure {
    if let found = pthread_getspecific(key) { return Unmanaged<LastFailure>.fromOpaque(found).takeUnretainedValue() }
    let made = LastFailure()
    pthread_setspecific(key, Unmanaged.passRetained(made).toOpaque())
    return made
  }
}

/// Runs the body of an interface function.
///
/// Its failure, if any, is stored for the calling thread.
func answering(_ body: () throws -> Void) -> Int32 {
  do {
    try ForkGuard.check()
    try body()
    return 0
  } catch {
    let failure = Failure(error)
    LastFailure.current.take(failure)
    return failure.code.number
  }
}
