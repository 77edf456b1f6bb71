package import CobreBase
internal import CobreEngine

/// An error of the protocol itself.
///
/// A failure inside a tool is a result with `isError`, not one of these.
package struct RPCError: Error, Sendable, Equatable {
  /// Codes of JSON-RPC and of the Model Context Protocol (2026-07-28).
  ///
  /// The project has no codes of its own.
  package struct Code: RawRepresentable, Sendable, Hashable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    package static let parse = Code(rawValue: -32700)
    package static let invalidRequest = Code(rawValue: -32600)
    package static let methodNotFound = Code(rawValue: -32601)
    package static let invalidParams = Code(rawValue: -32602)
    package static let `internal` = Code(rawValue: -32603)
    /// Up to 2025-11-25 only.
    ///
    /// Later versions say `invalidParams`.
    package static let legacyResourceNotFound = Code(rawValue: -32002)
    package static let missingClientCapability = Code(rawValue: -32021)
    package static let unsupportedVersion = Code(rawValue: -32022)
  }

  package let code: Code
  package let message: String
  package let data: JSONValue?

  package init(_ code: Code, _ message: String, data: JSONValue? = nil) {
    self.code = code
    self.message = message
    self.data = data
  }

  package static func unknownMethod(_ method: String) -> RPCError {
    RPCError(.methodNotFound, "Method not found: \(method.prefix(200))", data: .string(String(method.prefix(200))))
  }

  package var json: JSONValue {
    var members: JSONObject = ["code": .int(code.rawValue), "message": .string(message)]
    if let data { members["data"] = data }
    return .object(members)
  }
}
