import Foundation
import Testing

/// Folders of the engine use only the folders below them, although the compiler sees one module.
@Suite struct LayerTests {
  /// For each folder those it may use, itself left out.
  static let mayUse: [String: [String]] = [
    "Support": [],
    "Solver": ["Support"],
    "Stochastic": ["Support"],
    "Policy": ["Support", "Stochastic", "Solver"],
    "StageLP": ["Support", "Stochastic", "Solver", "Policy"],
    "StageSolve": ["Support", "Stochastic", "Solver", "Policy", "StageLP"],
    "Training": ["Support", "Stochastic", "Solver", "Policy", "StageLP", "StageSolve"],
    "Simulation": ["Support", "Stochastic", "Solver", "Policy", "StageLP", "StageSolve"],
    "Files": ["Support", "Policy", "Training"],
    "PublicAPI": [
      "Support", "Stochastic", "Solver", "Policy", "StageLP", "StageSolve", "Training",
      "Simulation", "Files",
    ],
  ]

  private static let engine = "Sources/CobreEngine/"

  private static func room(of file: SourceTree.File) -> String? {
    guard file.path.hasPrefix(engine) else { return nil }
    return file.path.dropFirst(engine.count).split(separator: "/").first.map(String.init)
  }

  /// The words of the code: identifiers, with comments and the contents of string literals left out.
  static func identifiers(in text: String) -> Set<String> {
    var code = text.replacing(/\/\/[^\n]*/, with: "")
    code = code.replacing(/(?s)""".*?"""/, with: "\"\"")
    code = code.replacing(/"(\\.|[^"\\\n])*"/, with: "\"\"")
    return Set(code.matches(of: /[A-Za-z_][A-Za-z0-9_]*/).map { String($0.output) })
  }

  /// Types declared at the top level of a file, private ones left out.
  static func declaredTypes(in file: SourceTree.File) -> [String] {
    let declaration =
      /^(?:@\w+ )*(?:package |public |internal )?(?:final |indirect )?(?:struct|class|enum|protocol|actor|typealias) (\w+)/
    return file.lines.compactMap { $0.firstMatch(of: declaration).map { String($0.1) } }
  }

  /// Types declared anywhere in a file, nested and private ones too: inside it they hide others of that name.
  static func localTypes(in file: SourceTree.File) -> Set<String> {
    let declaration = /\b(?:struct|class|enum|protocol|actor|typealias|associatedtype) (\w+)/
    return Set(file.text.matches(of: declaration).map { String($0.1) })
  }

  @Test func everyFolderOfTheEngineHasALayer() {
    let rooms = Set(SourceTree.swiftSources.compactMap(Self.room))
    #expect(rooms.subtracting(Self.mayUse.keys).sorted() == [])
  }

  @Test(arguments: mayUse.keys.sorted())
  func folderUsesOnlyTypesOfTheFoldersBelow(folder: String) {
    var owners: [String: Set<String>] = [:]
    for file in SourceTree.swiftSources {
      guard let room = Self.room(of: file) else { continue }
      for type in Self.declaredTypes(in: file) { owners[type, default: []].insert(room) }
    }
    let allowed = Set(Self.mayUse[folder] ?? []).union([folder])
    var faults: [String] = []
    for file in SourceTree.swiftSources where Self.room(of: file) == folder {
      for name in Self.identifiers(in: file.text).subtracting(Self.localTypes(in: file)) {
        if let rooms = owners[name], rooms.isDisjoint(with: allowed) {
          faults.append("\(file.path) uses \(name) of \(rooms.sorted().joined(separator: ", "))")
        }
      }
    }
    #expect(faults.sorted() == [])
  }

  /// Functions that a file declares, by name and first label, such as `weights(costs`: extensions may add them to types
  /// of any folder.
  static func declaredFunctions(in file: SourceTree.File) -> Set<String> {
    Set(file.text.matches(of: /\bfunc (\w+)(?:<[^>]*>)?\(\s*(\w+)/).map { "\($0.1)(\($0.2)" })
  }

  /// Functions that a file calls on something, in the same form.
  static func calledFunctions(in file: SourceTree.File) -> Set<String> {
    let code = file.text.replacing(/\/\/[^\n]*/, with: "")
    return Set(code.matches(of: /\.(\w+)\(\s*(\w+):/).map { "\($0.1)(\($0.2)" })
  }

  /// Functions of that name and label that are declared outside of the engine too may be those.
  @Test func foldersCallOnlyFunctionsOfTheFoldersBelow() {
    var owners: [String: Set<String>] = [:]
    for file in SourceTree.swiftSources {
      for name in Self.declaredFunctions(in: file) {
        owners[name, default: []].insert(Self.room(of: file) ?? file.folder)
      }
    }
    var faults: [String] = []
    for file in SourceTree.swiftSources {
      guard let room = Self.room(of: file), let below = Self.mayUse[room] else { continue }
      for name in Self.calledFunctions(in: file) {
        guard let rooms = owners[name], rooms.isSubset(of: Self.mayUse.keys) else { continue }
        if rooms.isDisjoint(with: below + [room]) {
          faults.append("\(file.path) calls \(name):) of \(rooms.sorted().joined(separator: ", "))")
        }
      }
    }
    #expect(faults.sorted() == [])
  }

  /// Cases leave the reader with their inflow model, so that nothing else has to think of estimating it.
  @Test func onlyTheReaderHasCasesWithoutTheirInflowModel() {
    let others = SourceTree.swiftSources.filter {
      !$0.isIn("Sources/CobreCase") && Self.identifiers(in: $0.text).contains("GivenCase")
    }
    #expect(others.map(\.path) == [])
  }

  @Test func declarationsAndIdentifiersAreRecognised() {
    let file = SourceTree.File(
      path: "a.swift",
      text: """
        package final class Pump {
          struct Inner {}
        }
        private struct Hidden {}
        let a = Motor() // Valve "x"
        let b = "Dam"
        let c = \"""
          Turbine
          \"""
        """)
    let extended = SourceTree.File(
      path: "b.swift",
      text: """
        extension Pump {
          func start<Motor>(with motor: Motor) { other.stop(after: 1) } // .turn(by: 2)
        }
        """)
    #expect(Self.declaredFunctions(in: extended) == ["start(with"])
    #expect(Self.calledFunctions(in: extended) == ["stop(after"])
    #expect(Self.declaredTypes(in: file) == ["Pump"])
    #expect(Self.localTypes(in: file) == ["Pump", "Inner", "Hidden"])
    let names = Self.identifiers(in: file.text)
    #expect(names.contains("Motor"))
    #expect(!names.contains("Valve"))
    #expect(!names.contains("Dam"))
    #expect(!names.contains("Turbine"))
  }
}
