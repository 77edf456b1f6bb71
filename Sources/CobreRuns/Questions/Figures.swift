internal import Foundation

/// Formats numbers for sentences.
package enum Figures {
  /// Three digits, which are enough to act on.
  static func text(_ value: Double) -> String {
    guard value.isFinite else { return "unknown" }
    let magnitude = abs(value)
    guard magnitude >= 1000, magnitude < 1e15 else { return String(format: "%.3g", value) }
    // Whole numbers without an exponent.
    var scale = 1.0
    while magnitude / scale >= 1000 { scale *= 10 }
    return String(Int64((value / scale).rounded() * scale))
  }

  /// A change, as the end of a sentence.
  static func step(from first: Double, to second: Double) -> String {
    let (before, after) = (text(first), text(second))
    if before != after { return "goes from \(before) to \(after)" }
    return first == second
      ? "stays at \(before)" : "\(second > first ? "rises" : "falls") by \(text(abs(second - first))) from \(before)"
  }

  /// A number of things, whose word gets an s unless there is one.
  package static func count(_ number: Int, _ word: String) -> String { "\(number) \(word)\(number == 1 ? "" : "s")" }

  /// A share as a percentage.
  static func percent(_ share: Double) -> String { text(share * 100) + " %" }

  /// A duration in the unit that suits it.
  static func duration(_ seconds: Double) -> String {
    if seconds < 0.1 { return text(seconds * 1000) + " ms" }
    if seconds < 120 { return text(seconds) + " s" }
    if seconds < 7200 { return text(seconds / 60) + " min" }
    return text(seconds / 3600) + " h"
  }

  /// Seven digits, for tables.
  static func digits(_ value: Double) -> String { String(format: "%.7g", value) }
}
