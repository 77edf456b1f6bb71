internal import Foundation

/// Case directories of Novomodelo, with the results of that program, that are stored next to the project.
package enum NovomodeloCollection {
  /// The directory that holds them, by `COBRE_NOVOMODELO_CASES` or next to the package, or nil if there is none.
  package static let directory: String? = {
    let given = ProcessInfo.processInfo.environment["COBRE_NOVOMODELO_CASES"]
    let beside = ReferenceCollection.packageRoot + "/../shared/novomodelo-cases"
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
    "the Novomodelo cases are not beside the package; set COBRE_NOVOMODELO_CASES to their directory"

  /// What the program reached, and how closely a test may hold a result to it.
  package struct Expectation: Decodable, Sendable {
    /// $, or nil if none is given.
    package let lowerBound: Double?
    /// $, or nil if the bound had not converged.
    package let tolerance: Double?

    private enum CodingKeys: String, CodingKey {
      case lowerBound = "lower_bound"
      case tolerance
    }
  }

  private struct Document: Decodable {
    let cases: [String: Expectation]
  }

  /// The expectations by case, empty if the collection is absent.
  package static let expectations: [String: Expectation] = {
    guard let directory, let data = FileManager.default.contents(atPath: directory + "/expected.json"),
      let document = try? JSONDecoder().decode(Document.self, from: data)
    else { return [:] }
    return document.cases
  }()

  /// Names of the cases with a directory, in order.
  package static let names: [String] = {
    guard let directory else { return [] }
    return expectations.keys.sorted().filter {
      FileManager.default.fileExists(atPath: "\(directory)/\($0)/config.json")
    }
  }()

  /// Path of a case.
  package static func path(name: String) -> String { (directory ?? "") + "/" + name }
}
