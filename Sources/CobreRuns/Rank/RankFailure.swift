internal import CobreEngine
internal import Foundation

/// Why a rank gave up, as it wrote it down for its supervisor.
package struct RankFailure: Codable, Sendable, Equatable {
  /// What kind of failure.
  ///
  /// Each kind has an exit code (of sysexits.h where one fits).
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// The case cannot be read, or is not the case that the run was created for.
    case invalidCase = "case"
    /// A linear program could not be solved, or something in the computation failed.
    case computation
    /// It used more memory than it was granted.
    case memory
    /// The run directory cannot be written.
    case storage
    /// Another rank died, was silent, or the transport failed.
    case communication

    package var exitCode: Int32 {
      switch self {
      case .invalidCase: 65
      case .computation: 70
      case .memory: 71
      case .storage: 74
      case .communication: 76
      }
    }

    /// The kind of an exit code.
    ///
    /// `nil` for codes of other programs and crashes.
    package init?(exitCode: Int32) {
      guard let kind = Self.allCases.first(where: { $0.exitCode == exitCode }) else { return nil }
      self = kind
    }
  }

  package var rank: Int
  package var kind: Kind
  /// A sentence.
  package var message: String

  package init(rank: Int, kind: Kind, message: String) {
    self.rank = rank
    self.kind = kind
    self.message = message
  }

  package func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(encoder.encode(self)), to: path)
  }

  /// The failure that a rank recorded.
  ///
  /// `nil` if it recorded none.
  package static func read(from path: String) -> RankFailure? {
    guard let bytes = try? AtomicFile.read(path, limit: 1 << 16) else { return nil }
    return try? JSONDecoder().decode(RankFailure.self, from: Data(bytes))
  }
}
