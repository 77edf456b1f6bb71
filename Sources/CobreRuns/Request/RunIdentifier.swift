/// Ids of runs that cannot be guessed: `run_` and 128 random bits in base 32.
package enum RunIdentifier {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
  private static let prefix = "run_"
  private static let digits = 26

  /// A new name, from the generator of the operating system.
  package static func make() -> String {
    var bits = UInt128.random(in: .min ... .max)
    var text: [UInt8] = []
    for _ in 0..<digits {
      text.append(alphabet[Int(truncatingIfNeeded: bits & 31)])
      bits >>= 5
    }
    return prefix + String(decoding: text, as: UTF8.self)
  }

  /// Whether the text has the form of a name, so that it cannot lead out of the runs directory.
  package static func isValid(_ text: String) -> Bool {
    guard text.hasPrefix(prefix), text.utf8.count == prefix.utf8.count + digits else { return false }
    return text.utf8.dropFirst(prefix.utf8.count).allSatisfy { alphabet.contains($0) }
  }

  /// Whether the text may name a run: 1 to 64 letters, digits, dots, underscores and hyphens.
  package static func isValidName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
          || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      }
  }
}
