/// The rules that a case must keep, by number.
package struct Rule: Sendable, Equatable {
  /// First digit = layer: 1 structure, 2 schema, 3 references, 4 coverage, 5 meaning, 6 Novomodelo cases, 7 defaults
  /// in use, 8 plausibility.
  package var code: Int
  package var severity: Finding.Severity
  /// What must hold.
  ///
  /// "Reported:" says what must not.
  package var sentence: String

  package var layer: Int { code / 100 }

  /// All rules by number.
  package static let all: [Rule] =
    structure + schema + references + coverage + meaning + novomodelo + defaults + plausibility

  private static let byCode = Dictionary(all.map { ($0.code, $0) }) { first, _ in first }

  /// The rule of a number.
  package static func rule(_ code: Int) -> Rule? { byCode[code] }

  static func severity(_ code: Int) -> Finding.Severity { byCode[code]?.severity ?? .error }
  static func sentence(_ code: Int) -> String { byCode[code]?.sentence ?? "" }

  static func error(_ code: Int, _ sentence: String) -> Rule { Rule(code: code, severity: .error, sentence: sentence) }
  static func note(_ code: Int, _ sentence: String) -> Rule { Rule(code: code, severity: .note, sentence: sentence) }
  static func warning(_ code: Int, _ sentence: String) -> Rule {
    Rule(code: code, severity: .warning, sentence: sentence)
  }
}
