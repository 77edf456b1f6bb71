import Testing

/// Infrastructure does not speak of the algorithm or of power systems: it would not be reusable if it did.
@Suite struct VocabularyTests {
  private static let infrastructure = [
    "Sources/CobreEngine/Solver", "Sources/CobreEngine/Communication", "Sources/CobreEngine/Support",
    "Sources/CobrePlot", "Sources/CobreParquet",
  ]

  /// Words, in lower case, that stand alone or as a part of a camel-case name.
  private static let words: Set<String> = [
    "cut", "cuts", "benders", "sddp", "hydro", "hydros", "thermal", "reservoir", "reservoirs", "inflow", "inflows",
  ]
  private static let phrases: [[String]] = [["forward", "pass"], ["backward", "pass"]]

  /// The words of a line, with camel-case names taken apart, in lower case.
  static func words(in line: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var previousIsLower = false
    for character in line {
      if !character.isLetter {
        if !word.isEmpty { words.append(word) }
        word = ""
        previousIsLower = false
        continue
      }
      if character.isUppercase && previousIsLower {
        words.append(word)
        word = ""
      }
      word.append(Character(character.lowercased()))
      previousIsLower = character.isLowercase
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private static func fault(in line: Substring) -> String? {
    let found = words(in: line)
    if let word = found.first(where: { words.contains($0) }) { return word }
    for phrase in phrases {
      for index in found.indices where found[index...].starts(with: phrase) { return phrase.joined(separator: " ") }
    }
    return nil
  }

  @Test(arguments: infrastructure)
  func infrastructureKnowsNoWordsOfTheAlgorithm(folder: String) {
    var faults: [String] = []
    for file in SourceTree.swiftSources where file.isIn(folder) {
      for (number, line) in file.lines.enumerated() {
        if let word = Self.fault(in: line) { faults.append("\(file.path):\(number + 1): \(word)") }
      }
    }
    #expect(faults == [])
  }

  @Test func camelCaseIsTakenApart() {
    #expect(Self.fault(in: "let cutRow = 1") == "cut")
    #expect(Self.fault(in: "func runForwardPass()") == "forward pass")
    #expect(Self.fault(in: "let shortcut = executed") == nil)
  }
}
