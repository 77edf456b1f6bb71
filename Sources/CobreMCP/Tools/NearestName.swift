/// Finds what a misspelt name was meant to be.
package enum NearestName {
  /// The candidate with the fewest edits, if that is at most a third of the name (and at least two are allowed).
  package static func of(_ name: String, among candidates: [String]) -> String? {
    let word = Array(name.lowercased().utf8.prefix(80))
    let limit = max(2, word.count / 3)
    let rated = candidates.map { (name: $0, distance: distance(word, Array($0.lowercased().utf8))) }
    guard let best = rated.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
    return best.name
  }

  /// Number of insertions, deletions and replacements between two words (Levenshtein, 1966).
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (index, byte) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let substituted = diagonal + (byte == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
