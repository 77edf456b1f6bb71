import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Files of the largest kinds that the limits let through take seconds, not minutes.
@Suite struct ReadingEffortTests {
  private static func report(_ files: [String: String]) -> (report: CaseReport, seconds: Double) {
    var contents = CaseTemplate.twoAreas.files().mapValues { Array($0.utf8) }
    for (path, text) in files { contents[path] = Array(text.utf8) }
    let start = ContinuousClock.now
    let report = CaseReader.read(CaseFiles(contents: contents))
    return (report, start.duration(to: .now) / .seconds(1))
  }

  /// Every empty object lacks some keys.
  ///
  /// Once there are enough errors the rest is not read.
  @Test func emptyObjectsInGreatNumberEndTheReading() {
    let count = 200_000
    let list = String(repeating: "{},", count: count - 1) + "{}"
    let (report, seconds) = Self.report(["stages.json": "{\"policy_graph\":{},\"stages\":[\(list)]}"])
    #expect(report.study == nil)
    #expect(report.findings.contains { $0.code == 112 && $0.message.contains("reading stopped") })
    #expect(report.findings.count < 500)
    #expect(seconds < 10, "\(seconds) s")
  }

  @Test func rowsOfErrorsEndTheReading() {
    let rows = String(repeating: "x,y,z,w\n", count: 200_000)
    let (report, seconds) = Self.report([
      "scenarios/load_seasonal_stats.csv": "bus_id,stage_id,mean_mw,std_mw\n" + rows
    ])
    #expect(report.findings.contains { $0.code == 112 && $0.message.contains("reading stopped") })
    #expect(seconds < 10, "\(seconds) s")
  }

  /// Copying what has been unescaped so far at every quote would take a time of the square of their number.
  @Test func quotesInGreatNumberAreReadOnce() throws {
    let field = "\"" + String(repeating: "\"\"", count: 400_000) + "\""
    var reader = CSVReader(bytes: Array(field.utf8))
    var fields: [CSVReader.Field] = []
    let start = ContinuousClock.now
    try reader.next(into: &fields)
    #expect(fields.first?.unescaped?.count == 400_000)
    #expect(start.duration(to: .now) < .seconds(5))
  }

  @Test func unknownKeysInGreatNumberAreRemovedAtOnce() {
    let keys = (0..<30_000).map { "\"key\($0)\": 1" }.joined(separator: ",")
    var contents: [String: [UInt8]] = [:]
    contents[NovomodeloFile.genericParameters.path] = Array("{\(keys)}".utf8)
    let start = ContinuousClock.now
    let report = NovomodeloReader.read(CaseFiles(contents: contents))
    #expect(report.findings.contains { $0.code == 112 && $0.message.contains("unknown keys") })
    #expect(start.duration(to: .now) < .seconds(5))
  }

  @Test func filesOutOfPlaceInGreatNumberAreCounted() {
    var contents = CaseTemplate.twoAreas.files().mapValues { Array($0.utf8) }
    for number in 0..<5000 { contents["system/file-\(number).txt"] = [] }
    let start = ContinuousClock.now
    let report = CaseReader.read(CaseFiles(contents: contents))
    #expect(report.study != nil)
    #expect(report.findings.filter { $0.code == 104 }.count == 201)
    #expect(start.duration(to: .now) < .seconds(10))
  }
}
