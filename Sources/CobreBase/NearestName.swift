/// Finding the name that was probably meant.
package enum NearestName {
  /// The candidate closest to the text by edit distance, or nil if none is near.
  package static func nearest(to text: String, among candidates: some Sequence<String>) -> String? {
    let source = Array(text.lowercased().utf8.prefix(64))
    let limit = max(1, min(6, source.count / 2))
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let target = Array(candidate.lowercased().utf8.prefix(64))
      // A name that only lacks its unit, or has an extra one, is near however long the unit is.
      let shared = min(source.count, target.count)
      let isPrefix = shared >= 4 && source.prefix(shared) == target.prefix(shared)
      let distance = isPrefix ? min(1, abs(source.count - target.count)) : distance(source, target)
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// The path closest to the text, or the one whose last part is, since folders are forgotten.
  package static func nearestPath(to text: String, among paths: [String]) -> String? {
    func name(_ path: String) -> String { String(path.split(separator: "/").last ?? "") }
    if let path = paths.first(where: { $0 == text || $0.hasSuffix("/" + text) }) { return path }
    let last = nearest(to: text, among: paths.map(name))
    return nearest(to: text, among: paths) ?? paths.first { name($0) == last }
  }

  /// Least number of insertions, deletions, substitutions and swaps of neighbours (Damerau, 1964).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    var current = [Int](repeating: 0, count: b.count + 1)
    for i in a.indices {
      current[0] = i + 1
      for j in b.indices {
        var cost = min(previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
        current[j + 1] = cost
      }
      (older, previous, current) = (previous, current, older)
    }
    return previous[b.count]
  }
}
