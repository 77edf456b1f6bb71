internal import CobreBase
internal import CobreEngine
internal import Foundation

/// The contents of `run.json`: what was requested and decided when the run was created.
///
/// It never changes afterwards.
package struct RunManifest: Codable, Sendable, Equatable {
  /// Layout of this file.
  ///
  /// A reader refuses a newer one.
  package static let currentFormat = 1

  package var format = RunManifest.currentFormat
  package var runID: String
  /// Seconds since 1970, UTC.
  package var createdAt: Double
  package var engineVersion: String
  /// As the caller made it, with the case directory resolved.
  package var request: RunRequest
  /// Hash of the files of the case.
  ///
  /// The ranks refuse to compute on other contents.
  package var caseHash: String
  /// Hash of what training depends on: the files without stopping rules, simulation and exports.
  ///
  /// `nil` in runs of engines that had none.
  package var trainingHash: String?
  package var settings: RunSettings
  package var backend: String
  package var backendReason: String
  package var workers: Int
  package var warnings: [String]
  /// What its bounds are bounds of.
  ///
  /// `nil` in runs of engines that did not say.
  package var bounds: BoundKind?

  package init(
    runID: String, createdAt: Double, engineVersion: String, request: RunRequest, caseHash: String,
    settings: RunSettings, backend: String, backendReason: String, workers: Int, warnings: [String]
  ) {
    self.runID = runID
    self.createdAt = createdAt
    self.engineVersion = engineVersion
    self.request = request
    self.caseHash = caseHash
    self.settings = settings
    self.backend = backend
    self.backendReason = backendReason
    self.workers = workers
    self.warnings = warnings
  }

  /// Writes the file, once.
  package func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let data: Data
    do {
      data = try encoder.encode(self)
    } catch {
      throw RunError(.invalidRequest, "The request cannot be written as JSON; numbers must be finite.")
    }
    guard case .object(var members) = try? JSONParser.parse(Array(data)) else {
      throw RunError(.invalidRequest, "The request cannot be written as JSON.")
    }
    members[Self.checksumKey] = .string(Self.checksum(of: members))
    let contents = JSONValue.object(members).serialized(JSONValue.WritingOptions(isIndented: true))
    try AtomicFile.write(contents + [UInt8(ascii: "\n")], to: path)
  }

  /// Reads the file of an existing run.
  package static func read(from path: String) throws -> RunManifest {
    let bytes = try AtomicFile.read(path, limit: 1 << 20)
    let manifest: RunManifest
    let members: JSONObject?
    do {
      // The decoder takes what the parser does not, such as a key twice.
      members = try JSONParser.parse(bytes).object
      manifest = try JSONDecoder().decode(RunManifest.self, from: Data(bytes))
    } catch {
      throw RunError(.storage, "The file \(path) is damaged: it does not hold a run's request.")
    }
    if let members, let kept = members[checksumKey], kept != .string(checksum(of: members)) {
      throw RunError(
        .storage,
        "The file \(path) is damaged: it does not hold what was written when the run was created, as its checksum shows. Put "
          + "back a copy of it, or start the run again. If it was edited on purpose, take the member \(checksumKey) out of it."
      )
    }
    guard manifest.format <= currentFormat else {
      throw RunError(
        .storage, "The file \(path) was written by a newer engine (\(manifest.engineVersion)); use that one to read it."
      )
    }
    return manifest
  }

  /// The member that shows whether the others are those that were written; engines before it wrote none.
  private static let checksumKey = "checksum"

  /// The checksum of all other members, however they are laid out.
  private static func checksum(of members: JSONObject) -> String {
    var others = members
    others[checksumKey] = nil
    let bytes = JSONValue.object(others).serialized(JSONValue.WritingOptions(sortedKeys: true))
    return "crc32c:" + Checksum.hexadecimal(bytes.withUnsafeBytes { Checksum.crc32c($0) })
  }
}
