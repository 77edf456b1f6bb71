internal import CobrePlatformShim

/// The messages by which a connection begins.
///
/// No other code knows their bytes.
///
/// The rank that has connected says hello, the other side answers with a challenge that proves its own knowledge of the
/// secret, the rank proves that it knows the secret too, and gets an answer. Little-endian. The first 16 bytes of a
/// hello and all of an answer keep their meaning in every version of the protocol, so that a peer of another version
/// can be recognised and informed.
enum SocketGreeting {
  static let magic: UInt64 = 0x5043_5445_5242_4f43
  static let answerMagic: UInt64 = 0x5245_5753_4e41_4f43
  static let challengeMagic: UInt64 = 0x4547_4e4c_4c48_4f43
  static let proofMagic: UInt64 = 0x464f_4f52_5045_4f43
  static let version: UInt32 = 5
  static let mostToken = 256
  static let mostText = 512
  static let nonceBytes = 32
  static let proofBytes = 32

  /// Hello: magic u64, version u32, length of all u32, rank u32, size u32, problem u64, pid u32, whether messages carry
  /// proofs u32, nonce, CRC-32C u32.
  static let helloBytes = 40 + nonceBytes + 4

  struct Hello: Equatable {
    var rank: UInt32
    var size: UInt32
    var problem: UInt64
    var pid: UInt32
    var provesMessages: Bool
    var nonce: [UInt8]
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
    append(UInt32(helloBytes), to: &bytes)
    append(hello.rank, to: &bytes)
    append(hello.size, to: &bytes)
    append(hello.problem, to: &bytes)
    append(hello.pid, to: &bytes)
    append(UInt32(hello.provesMessages ? 1 : 0), to: &bytes)
    bytes.append(contentsOf: hello.nonce)
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
    guard number(bytes, 12, UInt32.self) == UInt32(helloBytes), bytes.count <= helloBytes else { return .garbage }
    guard bytes.count == helloBytes else { return .incomplete }
    guard isSound(bytes) else { return .garbage }
    return .hello(
      Hello(
        rank: number(bytes, 16, UInt32.self), size: number(bytes, 20, UInt32.self),
        problem: number(bytes, 24, UInt64.self), pid: number(bytes, 32, UInt32.self),
        provesMessages: number(bytes, 36, UInt32.self) != 0, nonce: Array(bytes[40..<(40 + nonceBytes)])))
  }

  /// Challenge: magic u64, version u32, pid u32, nonce, proof, CRC-32C u32.
  static let challengeBytes = 16 + nonceBytes + proofBytes + 4

  struct Challenge: Equatable {
    var pid: UInt32
    var nonce: [UInt8]
    var proof: [UInt8]
  }

  static func encode(_ challenge: Challenge) -> [UInt8] {
    var bytes: [UInt8] = []
    append(challengeMagic, to: &bytes)
    append(version, to: &bytes)
    append(challenge.pid, to: &bytes)
    bytes.append(contentsOf: challenge.nonce)
    bytes.append(contentsOf: challenge.proof)
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  /// Reads a challenge of ``challengeBytes`` bytes, nil if the bytes are not one.
  static func decodeChallenge(_ bytes: [UInt8]) -> Challenge? {
    guard bytes.count == challengeBytes, number(bytes, 0, UInt64.self) == challengeMagic, isSound(bytes) else {
      return nil
    }
    return Challenge(
      pid: number(bytes, 12, UInt32.self), nonce: Array(bytes[16..<(16 + nonceBytes)]),
      proof: Array(bytes[(16 + nonceBytes)..<(16 + nonceBytes + proofBytes)]))
  }

  /// Proof: magic u64, proof, CRC-32C u32.
  static let proofMessageBytes = 8 + proofBytes + 4

  static func encode(proof: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    append(proofMagic, to: &bytes)
    bytes.append(contentsOf: proof)
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  /// Reads a proof of ``proofMessageBytes`` bytes, nil if the bytes are not one.
  static func decodeProof(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == proofMessageBytes, number(bytes, 0, UInt64.self) == proofMagic, isSound(bytes) else {
      return nil
    }
    return Array(bytes[8..<(8 + proofBytes)])
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

  /// Reads an answer of ``answerBytes`` bytes, nil if the bytes are not one.
  static func decodeAnswer(_ bytes: [UInt8]) -> Answer? {
    guard bytes.count == answerBytes, number(bytes, 0, UInt64.self) == answerMagic, isSound(bytes) else { return nil }
    let length = min(Int(number(bytes, 20, UInt32.self)), mostText)
    return Answer(
      isAccepted: number(bytes, 12, UInt32.self) == 1, pid: number(bytes, 16, UInt32.self),
      text: String(decoding: bytes[24..<(24 + length)], as: UTF8.self))
  }

  /// Number of bytes of the reply to a hello, from its first eight, or nil if these do not begin a reply.
  static func replyBytes(_ start: [UInt8]) -> Int? {
    guard start.count >= 8 else { return nil }
    switch number(start, 0, UInt64.self) {
    case challengeMagic: return challengeBytes
    case answerMagic: return answerBytes
    default: return nil
    }
  }

  static func append<T: FixedWidthInteger>(_ value: T, to bytes: inout [UInt8]) {
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

  // Whether the last four bytes are the checksum of those before.
  private static func isSound(_ bytes: [UInt8]) -> Bool {
    number(bytes, bytes.count - 4, UInt32.self) == checksum(Array(bytes[..<(bytes.count - 4)]))
  }
}
