import CobreTestSupport

/// Messages of clients with bytes changed, lost, put in and taken from one another.
///
/// Each message gets ids that no other of the sequence has, half of them strings, so that answers can be distinguished.
struct MessageMutator {
  private static let fragments: [[UInt8]] = [
    "{", "}", "[", "]", "\"", ",", ":", "null", "true", "1e999", "-0", "9223372036854775808", "\\u0000", "\\ud800",
    "\u{7F}", "\u{FEFF}", "\"id\":7,", "\"method\":\"ping\",", "\"params\":{}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
  ].map { Array($0.utf8) }

  private let seeds: [[String]]
  private var random: TestRandom
  private var lastID = 0

  /// - Parameters:
  ///   - seeds: messages in which each `@` is replaced by an id.
  ///   - seed: of the random numbers.
  init(_ seeds: [String], seed: UInt64) {
    self.seeds = seeds.map { $0.split(separator: "@", omittingEmptySubsequences: false).map { String($0) } }
    random = TestRandom(seed: seed, label: "messages")
  }

  /// The next message, which may hold line breaks.
  mutating func next() -> [UInt8] {
    var bytes = whole()
    for _ in 0..<random.integer(0...4) {
      let position = random.integer(0...bytes.count)
      switch random.integer(0...5) {
      case 0 where position < bytes.count: bytes[position] = byte()
      case 1 where position < bytes.count: bytes.remove(at: position)
      case 2: bytes.insert(contentsOf: Self.fragments[random.integer(0...(Self.fragments.count - 1))], at: position)
      case 3: bytes.removeSubrange(position..<min(bytes.count, position + random.integer(0...20)))
      case 4:
        let other = whole()
        bytes.replaceSubrange(position..., with: other[min(position, other.count)...])
      default: bytes.insert(byte(), at: position)
      }
    }
    return bytes
  }

  private mutating func whole() -> [UInt8] {
    let parts = seeds[random.integer(0...(seeds.count - 1))]
    var text = parts.first ?? ""
    for part in parts.dropFirst() {
      lastID += 1
      text += (random.chance(0.5) ? "\(lastID)" : "\"s\(lastID)\"") + part
    }
    return Array(text.utf8)
  }

  private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }
}
