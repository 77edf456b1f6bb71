import CobreCase
import CobreEngine
import Foundation
import Testing

/// Where the reference cases are, if this machine has them.
enum ReferenceCases {
  static let directory: String? = {
    let named = ProcessInfo.processInfo.environment["COBRE_REFERENCE_CASES"]
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
      "../../../../shared/reference-cases"
    ).standardized.path
    return [named, beside].compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0 + "/expected.json") }
  }()

  static let names: [String] = {
    guard let directory else { return [] }
    return ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted().filter {
      FileManager.default.fileExists(atPath: "\(directory)/\($0)/config.json")
    }
  }()
}

@Suite("Reading the reference cases", .enabled(if: ReferenceCases.directory != nil, "COBRE_REFERENCE_CASES is not set"))
struct ReferenceCaseTests {
  @Test(arguments: ReferenceCases.names)
  func readsWithoutErrors(_ name: String) throws {
    let directory = try #require(ReferenceCases.directory)
    let report = CaseReader.read(directory: "\(directory)/\(name)")
    #expect(report.errors.isEmpty, "\(report.errors.map(\.description).joined(separator: "\n"))")
    #expect(report.study != nil)
    let doubts = report.findings.filter { Rule.rule($0.code)?.layer == 8 }
    #expect(doubts.isEmpty, "\(doubts.map(\.description).joined(separator: "\n"))")
  }

  @Test func resolvesTheFourRegionCase() throws {
    let directory = try #require(ReferenceCases.directory)
    let study = try #require(CaseReader.read(directory: "\(directory)/4ree").study)
    #expect(study.thermals.count == 126)
    #expect(study.stages.count == 12)
    #expect(study.hydros.count == 4)
    #expect(study.thermalLimits.count == 126 * 12)
  }
}
