package import CobreBase
internal import CobreEngine

/// The versions of the Model Context Protocol that the server speaks.
package enum ProtocolVersion: String, Sendable, CaseIterable {
  case november2024 = "2024-11-05"
  case march2025 = "2025-03-26"
  case june2025 = "2025-06-18"
  case november2025 = "2025-11-25"
  case july2026 = "2026-07-28"

  /// Version offered to a client that asks for an unknown one.
  ///
  /// It is never a modern one, since legacy clients would give up.
  package static let newestLegacy = ProtocolVersion.november2025
  package static let modern = ProtocolVersion.july2026

  /// Whether it is opened by `initialize`.
  package var isLegacy: Bool { self != .july2026 }

  /// Only one version had batches.
  ///
  /// Later ones removed them.
  package var allowsBatches: Bool { self == .march2025 }

  /// Whether results may hold links to resources.
  package var hasResourceLinks: Bool { rawValue >= ProtocolVersion.june2025.rawValue }

  /// The versions that a modern client may choose from, newest first.
  package static let supportedList: JSONValue = [.string(modern.rawValue), .string(newestLegacy.rawValue)]

  /// Answer to the version in a legacy `initialize`.
  package static func negotiated(requested: String) -> ProtocolVersion {
    if let version = ProtocolVersion(rawValue: requested), version.isLegacy { return version }
    return newestLegacy
  }
}
