import Testing

/// Infrastructure does not speak of the algorithm or of power systems: it would not be reusable if it did.
@Suite struct VocabularyTests {
  private static let infrastructure = [
    "Sources/CobreEngine/Solver", "Sources/CobreBase", "Sources/CobreCommunication", "Sources/CobreEngine/Support",
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

  /// Words that comments and messages of the sources avoid, in lower case, since a plainer one says the same at once.
  private static let obscureWords: Set<String> = ["whoever", "somebody", "nobody", "anew", "beside"]
  private static let obscurePhrases: [[String]] = [["as", "far", "as"]]

  /// The obscure words in the text after the first `//` of a line that is not part of an address.
  static func obscureWord(inCommentOf line: Substring) -> String? {
    guard let comment = line.firstMatch(of: /(?:^|\s)\/\/+(.*)$/) else { return nil }
    return obscureWord(in: comment.output.1)
  }

  /// The obscure words in the string literals of a line.
  static func obscureWord(inTextsOf line: Substring) -> String? {
    line.matches(of: /"((?:\\.|[^"\\])*)"/).lazy.compactMap { obscureWord(in: $0.output.1) }.first
  }

  private static func obscureWord(in text: Substring) -> String? {
    let found = text.lowercased().split { !$0.isLetter }.map(String.init)
    if let word = found.first(where: { obscureWords.contains($0) }) { return word }
    for phrase in obscurePhrases {
      for index in found.indices where found[index...].starts(with: phrase) { return phrase.joined(separator: " ") }
    }
    return nil
  }

  @Test func commentsAndMessagesUsePlainWords() {
    var faults: [String] = []
    for file in SourceTree.swiftSources where file.isIn("Sources") {
      for (number, line) in file.lines.enumerated() {
        guard let word = Self.obscureWord(inCommentOf: line) ?? Self.obscureWord(inTextsOf: line) else { continue }
        faults.append("\(file.path):\(number + 1): \(word)")
      }
    }
    #expect(faults == [], "say the rank, the caller, again, next to, besides, if: a newcomer understands them at once")
  }

  @Test func obscureWordsAreFoundInCommentsAndTextsAlone() {
    #expect(Self.obscureWord(inCommentOf: "  /// Whoever waits for this rank.") == "whoever")
    #expect(Self.obscureWord(inCommentOf: "let count = 1  // As far as it is known.") == "as far as")
    #expect(Self.obscureWord(inCommentOf: "// The file beside it.") == "beside")
    #expect(Self.obscureWord(inCommentOf: "// Besides, nobodyElse is a name.") == nil)
    #expect(Self.obscureWord(inCommentOf: "let beside = \"http://beside\"") == nil)
    #expect(Self.obscureWord(inTextsOf: #"let beside = "a \"file\" beside it""#) == "beside")
    #expect(Self.obscureWord(inTextsOf: "let beside = \"next\" + beside") == nil)
  }

  @Test func camelCaseIsTakenApart() {
    #expect(Self.fault(in: "let cutRow = 1") == "cut")
    #expect(Self.fault(in: "func runForwardPass()") == "forward pass")
    #expect(Self.fault(in: "let shortcut = executed") == nil)
  }
}
