import Testing

/// Who may import what.
///
/// The reasons are in `Documentation/Modules.md`.
@Suite struct ImportTests {
  private static let engine = "Sources/CobreEngine"

  /// Modules that only some folders may import.
  private static let rooms: [(module: String, folders: [String])] = [
    ("CobreClpShim", ["\(engine)/Solver"]),
    ("CobreHiGHSShim", ["\(engine)/Solver"]),
    ("CobreSimplex", ["\(engine)/Solver"]),
    ("CClp", []),
    ("CHiGHS", []),
    ("CobreMPIShim", ["Sources/CobreMPI"]),
    ("CobreMPI", ["Sources/CobreWorkerProgram"]),
    (
      "CobrePlatformShim",
      [
        "Sources/CobreBase", "Sources/CobreCommunication", "\(engine)/Support", "Sources/CobreLibrary",
        "Sources/CobreRuns",
      ]
    ),
    (
      "CobreCommunication",
      ["PublicAPI", "Simulation", "StageSolve", "Training"].map { "\(engine)/\($0)" }
        + ["CobreLibrary", "CobreMCP", "CobreMPI", "CobreRuns", "CobreWorkerProgram"].map { "Sources/\($0)" }
    ),
    ("CobreDigestShim", ["Sources/CobreCommunication/Socket"]),
    ("CobreCodecShim", ["Sources/CobreParquet"]),
    ("CobreParquet", ["Sources/CobreCase", "Sources/CobreRuns", "Sources/CobreWorkerProgram"]),
    ("CobreSobolTable", ["\(engine)/Stochastic"]),
    ("GRDB", ["\(engine)/Files", "Sources/CobreRuns"]),
    ("GRDBSQLite", ["Sources/CobreRuns"]),
    ("CCairo", ["Sources/CobrePlot"]),
    ("CobrePlot", ["Sources/CobreMCP"]),
    ("ArgumentParser", ["Sources/CobreServerProgram", "Sources/CobreWorkerProgram"]),
    ("CobreMCP", ["Sources/CobreServerProgram", "Sources/CobreLibrary"]),
    ("CobreServerProgram", ["Sources/cobre-mcp", "Sources/CobreLibrary"]),
    ("CobreWorkerProgram", ["Sources/cobre-worker", "Sources/CobreLibrary"]),
    ("CobreHeader", ["Sources/CobreLibrary"]),
    ("CobreCutKernel", ["\(engine)/Policy", "Sources/CobreLibrary"]),
  ]

  @Test(arguments: rooms.map(\.module))
  func moduleIsImportedOnlyInItsRooms(module: String) {
    let folders = Self.rooms.first { $0.module == module }?.folders ?? []
    let strangers = SourceTree.swiftSources.filter { file in
      file.imports.contains(module) && !folders.contains { file.isIn($0) }
    }
    #expect(strangers.map(\.path) == [], "\(module) may be imported only in \(folders)")
  }

  @Test func importsAreRecognised() {
    let file = SourceTree.File(
      path: "Sources/X/Y.swift",
      text: "@preconcurrency internal import Foundation\nimport struct Glibc.stat\n// import Nothing\nlet x = 1")
    #expect(file.imports == ["Foundation", "Glibc"])
  }

  @Test func theTreeIsThere() {
    #expect(SourceTree.swiftSources.contains { $0.path == "Sources/CobreEngine/Support/EngineVersion.swift" })
    #expect(SourceTree.sources.contains { $0.path.hasSuffix(".c") })
  }
}
