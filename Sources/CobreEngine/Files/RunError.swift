/// Why a request about a run cannot be met, as a sentence that says what to do.
package struct RunError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of failure it is, for callers that act on it.
  package struct Code: RawRepresentable, Sendable, Hashable {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// An argument is out of range, or two arguments contradict each other.
    package static let invalidRequest = Code(rawValue: "invalid_request")
    /// The case cannot be read.
    ///
    /// `findings` says why.
    package static let invalidCase = Code(rawValue: "invalid_case")
    /// The name belongs to a run with another request.
    package static let nameTaken = Code(rawValue: "name_taken")
    /// There is no run with that id.
    package static let unknownRun = Code(rawValue: "unknown_run")
    /// The state of the run does not allow what was asked.
    package static let wrongState = Code(rawValue: "wrong_state")
    /// The run directory or its database cannot be read or written.
    package static let storage = Code(rawValue: "storage")
    /// A process could not be started.
    package static let launch = Code(rawValue: "launch")
    /// The backend asked for cannot be used here.
    package static let backend = Code(rawValue: "backend")
    /// A limit of this runs directory is reached.
    package static let limit = Code(rawValue: "limit")
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
