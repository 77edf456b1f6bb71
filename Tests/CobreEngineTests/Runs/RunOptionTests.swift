import CobreRuns
internal import Foundation
internal import Testing

@testable internal import CobreBase
@testable internal import CobreCase
@testable internal import CobreEngine

/// One declaration of each option serves checks, comparisons, tools, flags and the document.
@Suite struct RunOptionTests {
  /// The ends of every range, which differ neither by tool nor by command.
  static let ranges: [(String, JSONValue, JSONValue)] = [
    ("num_workers", 1, 1024), ("threads_per_worker", 1, 1024), ("iterations", 1, 1_000_000),
    ("forward_passes", 1, 100_000), ("seed", -9_007_199_254_740_991, 9_007_199_254_740_991),
    ("time_limit_seconds", 0.001, 31_536_000.0), ("simulate_scenarios", 0, 1_000_000), ("target_gap", 1e-9, 0.999),
    ("statistical_gap", 1e-9, 0.999), ("scenario_seed", -9_007_199_254_740_991, 9_007_199_254_740_991),
    ("passes_together", 0, 100_000), ("trial_region", 0.0, 1.0), ("restarts", 0, 100),
    ("budget_seconds", 1.0, 31_536_000.0), ("budget_memory_mb", 16.0, 16_777_216.0), ("discount_rate", 0.0, 10.0),
    ("stages", 1, 100_000),
  ]

  @Test(arguments: ranges.indices)
  func everyRangeHasTheseEnds(index: Int) throws {
    let (name, low, high) = Self.ranges[index]
    let option = try #require(RunOption.all.first { $0.name == name })
    #expect(option.kind.allows(low) && option.kind.allows(high))
    for beyond in [low, high] {
      let step: JSONValue =
        switch beyond {
        case .int(let number): .int(beyond == low ? number - 1 : number + 1)
        default: .double(beyond == low ? (beyond.number ?? 0).nextDown : (beyond.number ?? 0).nextUp)
        }
      #expect(!option.kind.allows(step), "\(name) \(step)")
      var request = RunRequest(caseDirectory: "/a")
      option.set(&request, step)
      #expect(option.get(request) == step)
      let error = #expect(throws: RunError.self) { try request.check() }
      #expect(error?.message.hasPrefix("`\(name)` must be from ") == true, "\(error?.message ?? "")")
    }
  }

  @Test func everyNumberHasARangeInThisTest() {
    let names = RunOption.all.filter { option in
      switch option.kind {
      case .integer, .number: true
      default: false
      }
    }.map(\.name)
    #expect(Set(names) == Set(Self.ranges.map(\.0)))
  }

  /// Values as a command line gives them, each other than the default.
  @Test func everyOptionIsComparedUnderItsName() throws {
    let texts = [
      "backend": "tcp", "num_workers": "3", "threads_per_worker": "2", "hosts": "one,two", "iterations": "7",
      "forward_passes": "5", "passes_together": "2", "trial_region": "0.25",
      "seed": "-4", "time_limit_seconds": "1.5", "simulate_scenarios": "9", "target_gap": "0.01",
      "statistical_gap": "0.02", "solver": "highs", "simulation_detail": "blocks", "scheme": "external",
      "scenario_seed": "11", "restarts": "0", "continue_from": "earlier",
      "budget_seconds": "60", "budget_memory_mb": "500", "risk_measure": "cvar:0.1:0.5", "discount_rate": "0.08",
      "stages": "6",
      "case_edits": #"[{"file":"config.json","merge":{"training":{"forward_passes":3}}}]"#,
    ]
    let plain = RunRequest(caseDirectory: "/a")
    for option in RunOption.all {
      let text = try #require(texts[option.name], "\(option.name)")
      let value = try #require(option.kind.value(of: text))
      var request = plain
      option.set(&request, value)
      #expect(option.get(request) == value)
      #expect(request.differences(from: plain) == [option.name])
      // What is left out is the default.
      guard let standard = option.defaultValue else { continue }
      request = plain
      option.set(&request, standard)
      #expect(request.differences(from: plain) == [])
    }
    #expect(texts.count == RunOption.all.count)
  }

  @Test func aRiskMeasureIsOneWord() {
    for word in [
      "expectation", "worst_case", "cvar:0.1:0.5", "entropic:1e-6", "wasserstein:0.5", "modified_chi_squared:1",
    ] {
      #expect(RunOption.riskMeasure.kind.allows(.string(word)), "\(word)")
    }
    for word in [
      "", "cvar", "cvar:0.1", "cvar:0.1:0.5:1", "cvar::0.5", "cvar:nan:0.5", "cvar:0.1:inf", "risk:1", "expectation:1",
    ] {
      #expect(!RunOption.riskMeasure.kind.allows(.string(word)), "\(word)")
      let request = RunRequest(caseDirectory: "/a").with(.riskMeasure, .string(word))
      let error = #expect(throws: RunError.self) { try request.check() }
      #expect(error?.message.contains("cvar:ALPHA:LAMBDA") == true)
    }
  }

  @Test func flagsAreDistinct() {
    let flags = (RunOption.all + [.runName]).map(\.flag)
    #expect(Set(flags).count == flags.count)
  }

  @Test func wordsThatAreNoNumbersAreNone() {
    for text in ["", "x", "1e3", "0x1", " 1", "1.0"] {
      #expect(RunOption.iterations.kind.value(of: text) == nil, "\(text)")
    }
    for text in ["", "x", "nan", "inf", "-infinity"] {
      #expect(RunOption.targetGap.kind.value(of: text) == nil, "\(text)")
    }
    #expect(!RunOption.hosts.kind.allows(.array(["good", ""])))
    #expect(!RunOption.runName.kind.allows("no space"))
  }

  @Test func theDocumentIsMadeFromTheDeclarations() throws {
    var root = URL(filePath: #filePath)
    for _ in 0..<4 { root.deleteLastPathComponent() }
    let written = try String(contentsOf: root.appending(path: "Documentation/RunOptions.md"), encoding: .utf8)
    #expect(
      written == RunOptionsDocument.text,
      "Documentation/RunOptions.md is old; run cobre-worker options > Documentation/RunOptions.md")
  }
}
