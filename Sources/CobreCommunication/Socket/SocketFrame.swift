internal import CobrePlatformShim

/// The header before everything that is sent over an established connection.
///
/// No other code knows its bytes.
///
/// 128 bytes, little-endian:
///
///     0  magic            u32       32  source rank             u32
///     4  kind             u8        36  bytes that follow       u32
///     5  operation        u8        40  offset in contribution  u64
///     6  element width    u16       48  whole contribution      u64
///     8  sequence         u64       56  CRC-32C of what follows u32
///     16 number of call   u64       60  CRC-32C of bytes 0–59   u32
///     24 fingerprint      u64       64  SHA-256 of what follows
///                                   96  HMAC-SHA-256 of bytes 0–95
///
/// The last two are zero if the group has no secret, or does not prove messages. The sequence numbers the messages of a
/// connection, so that none can be left out, repeated or moved.
///
/// The highest bit of the kind asks for a receipt.
struct SocketFrame: Equatable {
  enum Kind: UInt8 {
    /// What the sender calls, and perhaps a piece of payload.
    case data = 1
    /// The group is broken.
    ///
    /// The payload says why.
    case failure = 2
    /// A sign of life.
    case heartbeat = 3
    /// The sender leaves in an orderly way.
    case leave = 4
    /// All ranks have joined.
    case start = 5
    /// What the sender calls, after it has waited long for a broadcast.
    case waiting = 6
    /// The sender has read all frames before the one that `offset` numbers.
    case receipt = 7
  }

  static let magic: UInt32 = 0x3246_4243
  static let headerBytes = 128
  private static let digestPlace = 64
  private static let proofPlace = 96
  /// Most payload bytes in one frame.
  ///
  /// Larger payloads take several.
  static let mostPayload = 1 << 20
  /// Source of a frame that carries the contributions of all ranks.
  static let everyone = UInt32.max

  private static let receiptBit: UInt8 = 0x80

  var kind: Kind
  /// Whether the receiver must acknowledge this frame when it has read it.
  var asksForReceipt = false
  var operation: UInt8 = 0
  var elementWidth: UInt16 = 0
  var sequence: UInt64 = 0
  var call: UInt64 = 0
  var fingerprint: UInt64 = 0
  var source: UInt32 = 0
  var length: UInt32 = 0
  var offset: UInt64 = 0
  var total: UInt64 = 0
  var payloadChecksum: UInt32 = 0
  var payloadDigest = Digest()

  init(kind: Kind) { self.kind = kind }

  /// Adds checksum and, where messages are proved, digest of what follows.
  ///
  /// - Parameters:
  ///   - payload: what follows.
  ///   - checksum: its CRC-32C, where that is known already.
  ///   - isProved: whether the connection has keys.
  mutating func describe(_ payload: UnsafeRawPointer?, checksum: UInt32? = nil, isProved: Bool) {
    guard length > 0, let payload else { return }
    payloadChecksum = checksum ?? cobre_crc32c(0, payload, Int(length))
    if isProved { payloadDigest = RunningDigest.digest(of: payload, Int(length)) }
  }

  /// Writes the header.
  ///
  /// With a key, also writes the proof that the sender has that key.
  func encode(into header: UnsafeMutableRawPointer, key: KeyedHash?) {
    header.storeBytes(of: Self.magic.littleEndian, toByteOffset: 0, as: UInt32.self)
    header.storeBytes(of: kind.rawValue | (asksForReceipt ? Self.receiptBit : 0), toByteOffset: 4, as: UInt8.self)
    header.storeBytes(of: operation, toByteOffset: 5, as: UInt8.self)
    header.storeBytes(of: elementWidth.littleEndian, toByteOffset: 6, as: UInt16.self)
    header.storeBytes(of: sequence.littleEndian, toByteOffset: 8, as: UInt64.self)
    header.storeBytes(of: call.littleEndian, toByteOffset: 16, as: UInt64.self)
    header.storeBytes(of: fingerprint.littleEndian, toByteOffset: 24, as: UInt64.self)
    header.storeBytes(of: source.littleEndian, toByteOffset: 32, as: UInt32.self)
    header.storeBytes(of: length.littleEndian, toByteOffset: 36, as: UInt32.self)
    header.storeBytes(of: offset.littleEndian, toByteOffset: 40, as: UInt64.self)
    header.storeBytes(of: total.littleEndian, toByteOffset: 48, as: UInt64.self)
    header.storeBytes(of: payloadChecksum.littleEndian, toByteOffset: 56, as: UInt32.self)
    let checksum = cobre_crc32c(0, header, 60)
    header.storeBytes(of: checksum.littleEndian, toByteOffset: 60, as: UInt32.self)
    payloadDigest.store(at: header + Self.digestPlace)
    if let key {
      key.prove(header, Self.proofPlace, into: header + Self.proofPlace)
    } else {
      Digest().store(at: header + Self.proofPlace)
    }
  }

  /// Whether the sender of a header has the key.
  static func isProved(_ header: UnsafeRawPointer, by key: KeyedHash) -> Bool {
    key.confirms(header, proofPlace, header + proofPlace)
  }

  /// Reads a header, and returns nil if the bytes are not a header.
  init?(decoding header: UnsafeRawPointer) {
    func load<T: FixedWidthInteger>(_ offset: Int, _ type: T.Type) -> T where T: BitwiseCopyable {
      T(littleEndian: header.loadUnaligned(fromByteOffset: offset, as: type))
    }
    guard load(0, UInt32.self) == Self.magic, load(60, UInt32.self) == cobre_crc32c(0, header, 60),
      let kind = Kind(rawValue: load(4, UInt8.self) & ~Self.receiptBit), load(36, UInt32.self) <= Self.mostPayload
    else { return nil }
    self.kind = kind
    asksForReceipt = load(4, UInt8.self) & Self.receiptBit != 0
    operation = load(5, UInt8.self)
    elementWidth = load(6, UInt16.self)
    sequence = load(8, UInt64.self)
    call = load(16, UInt64.self)
    fingerprint = load(24, UInt64.self)
    source = load(32, UInt32.self)
    length = load(36, UInt32.self)
    offset = load(40, UInt64.self)
    total = load(48, UInt64.self)
    payloadChecksum = load(56, UInt32.self)
    payloadDigest = Digest(at: header + Self.digestPlace)
  }

  /// What the sender says about its call.
  var statement: CallStatement {
    CallStatement(
      operation: UInt16(operation), elementWidth: elementWidth, fingerprint: fingerprint, bytes: total, call: call)
  }
}
