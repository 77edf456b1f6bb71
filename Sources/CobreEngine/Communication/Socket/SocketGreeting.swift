internal import CobrePlatformShim

/// The first message of a connection, from a rank to rank 0, and the answer to it; the only place that knows their bytes.
///
/// Little-endian. The first 16 bytes of a greeting keep their meaning in every version of the protocol, so that another
/// version can be told apart and told so.
enum SocketGreeting {
  static let magic: UInt64 = 0x5043_5445_5242_4f43
  static let answerMagic: UInt64 = 0x5245_5753_4e41_4f43
  static let version: UInt32 = 4
  static let mostToken = 256
  static let mostText = 512

  /// Greeting: magic u64, version u32, length of all u32, rank u32, size u32, problem u64, pid u32, length of token u32,
  /// token, CRC-32C u32.
  static let fixedBytes = 40
  static let mostBytes = fixedBytes + mostToken + 4

  struct Hello: Equatable {
    var rank: UInt32
    var size: UInt32
    var problem: UInt64
    var pid: UInt32
    var token: [UInt8]
  }

  enum Decoded: Equatable {
    case incomplete
    case garbage
    case otherVersion(UInt32)
    case hello(Hello)
  }

  static func encode(_ hello: Hello) -> [UInt8] {
    var bytes: [UInt8] = []
    append(magic, to: &bytes)
    append(version, to: &bytes)
    append(UInt32(fixedBytes + hello.token.count + 4), to: &bytes)
    append(hello.rank, to: &bytes)
    append(hello.size, to: &bytes)
    append(hello.problem, to: &bytes)
    append(hello.pid, to: &bytes)
    append(UInt32(hello.token.count), to: &bytes)
    bytes.append(contentsOf: hello.token)
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  static func decode(_ bytes: [UInt8]) -> Decoded {
    // A stranger is known by its first bytes, however few there are.
    let start = withUnsafeBytes(of: magic.littleEndian) { Array($0) }
    guard bytes.prefix(8).elementsEqual(start.prefix(bytes.count)) else { return .garbage }
    guard bytes.count >= 16 else { return .incomplete }
    let version = number(bytes, 8, UInt32.self)
    guard version == Self.version else { return .otherVersion(version) }
    let length = Int(number(bytes, 12, UInt32.self))
    guard length >= fixedBytes + 4, length <= mostBytes, bytes.count <= length else { return .garbage }
    guard bytes.count == length else { return .incomplete }
    let token = Int(number(bytes, 36, UInt32.self))
    guard token == length - fixedBytes - 4,
      number(bytes, length - 4, UInt32.self) == checksum(Array(bytes[..<(length - 4)]))
    else { return .garbage }
    return .hello(
      Hello(
        rank: number(bytes, 16, UInt32.self), size: number(bytes, 20, UInt32.self),
        problem: number(bytes, 24, UInt64.self), pid: number(bytes, 32, UInt32.self),
        token: Array(bytes[fixedBytes..<(fixedBytes + token)])))
  }

  /// Answer: magic u64, version u32, accepted u32, pid u32, length of text u32, text padded to 512 bytes, CRC-32C u32.
  static let answerBytes = 24 + mostText + 4

  struct Answer: Equatable {
    var isAccepted: Bool
    var pid: UInt32
    var text: String
  }

  static func encode(_ answer: Answer) -> [UInt8] {
    let text = Array(answer.text.utf8.prefix(mostText))
    var bytes: [UInt8] = []
    append(answerMagic, to: &bytes)
    append(version, to: &bytes)
    append(UInt32(answer.isAccepted ? 1 : 0), to: &bytes)
    append(answer.pid, to: &bytes)
    append(UInt32(text.count), to: &bytes)
    bytes.append(contentsOf: text)
    bytes.append(contentsOf: [UInt8](repeating: 0, count: mostText - text.count))
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  /// Reads an answer of ``answerBytes`` bytes, nil where it is none.
  static func decodeAnswer(_ bytes: [UInt8]) -> Answer? {
    guard bytes.count == answerBytes, number(bytes, 0, UInt64.self) == answerMagic,
      number(bytes, answerBytes - 4, UInt32.self) == checksum(Array(bytes[..<(answerBytes - 4)]))
    else { return nil }
    let length = min(Int(number(bytes, 20, UInt32.self)), mostText)
    return Answer(
      isAccepted: number(bytes, 12, UInt32.self) == 1, pid: number(bytes, 16, UInt32.self),
      text: String(decoding: bytes[24..<(24 + length)], as: UTF8.self))
  }

  /// Compares secrets in a time that does not depend on where they differ.
  static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == b.count else { return false }
    var difference: UInt8 = 0
    for index in a.indices { difference |= a[index] ^ b[index] }
    return difference == 0
  }

  private static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: [UInt8], _ offset: Int, _ type: T.Type
  ) -> T {
    bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { cobre_crc32c(0, $0.baseAddress, $0.count) }
  }
}
