/// A small seeded generator (Steele, Lea, Flood, 2014), so that random tests repeat.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { bound <= 0 ? 0 : Int(next() % UInt64(bound)) }

  /// A few edits: bytes replaced, removed, inserted, or a piece repeated.
  mutating func mutate(_ seed: [UInt8]) -> [UInt8] {
    let interesting = Array("{}[]\",:\\\n\r\t 0123456789eE+-.truefalsnNaI\u{0}\u{7f}".utf8) + [0x80, 0xC3, 0xEF, 0xFF]
    var bytes = seed
    for _ in 0...below(4) {
      let place = below(bytes.count + 1)
      switch below(5) {
      case 0 where place < bytes.count: bytes[place] = interesting[below(interesting.count)]
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2: bytes.insert(interesting[below(interesting.count)], at: place)
      case 3:
        let end = min(bytes.count, place + below(20))
        bytes.insert(contentsOf: bytes[min(place, end)..<end], at: place)
      default: bytes.removeLast(bytes.count - place)
      }
    }
    return bytes
  }
}
