internal import Foundation

/// Case directories with known optimal costs that are stored next to the project.
package enum ReferenceCollection {
  /// The directory that holds them, by `COBRE_REFERENCE_CASES` or next to the package, or nil if there is none.
  package static let directory: String? = {
    let given = ProcessInfo.processInfo.environment["COBRE_REFERENCE_CASES"]
    let beside = packageRoot + "/../shared/reference-cases"
    return [given, beside].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0 + "/expected.json")
    }
  }()

  /// Whether the cases can be found.
  ///
  /// Tests are skipped where they cannot.
  package static var areAvailable: Bool { directory != nil }

  /// Why tests were skipped.
  package static let absence =
    "the reference cases are not beside the package; set COBRE_REFERENCE_CASES to their directory"

  /// The root of the package, derived from the path of this file.
  package static let packageRoot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// An optimal cost in $ with its absolute tolerance.
  package struct Expectation: Decodable, Sendable {
    package let cost: Double
    package let tolerance: Double
  }

  /// The collection has no optimum for a case that a test named.
  package struct MissingExpectation: Error { package let name: String }

  /// The expected optimum of a case of the collection.
  package static func expectation(_ name: String) throws -> Expectation {
    let data = try Data(contentsOf: URL(fileURLWithPath: path(name: "expected.json")))
    let all = try JSONDecoder().decode([String: Expectation].self, from: data)
    guard let found = all[name] else { throw MissingExpectation(name: name) }
    return found
  }

  /// Path of a file or case of the collection.
  package static func path(name: String) -> String { (directory ?? packageRoot) + "/" + name }
}
