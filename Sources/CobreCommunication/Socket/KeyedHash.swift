internal import CobreDigestShim

/// HMAC-SHA-256 (Krawczyk, Bellare and Canetti, RFC 2104, 1997): it proves the origin of a message to a receiver with
/// the same key.
package final class KeyedHash {
  package static let bytes = Int(COBRE_DIGEST_BYTES)

  private let key = UnsafeMutableRawPointer.allocate(byteCount: cobre_key_bytes(), alignment: 16)

  package init(key bytes: [UInt8]) {
    bytes.withUnsafeBytes { cobre_key_set(key, $0.baseAddress ?? UnsafeRawPointer(key), $0.count) }
  }

  deinit {
    key.initializeMemory(as: UInt8.self, repeating: 0, count: cobre_key_bytes())
    key.deallocate()
  }

  /// The proof of a message, 32 bytes.
  package func proof(of message: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.bytes) { buffer, count in
      message.withUnsafeBytes { cobre_key_prove(key, $0.baseAddress, $0.count, buffer.baseAddress) }
      count = Self.bytes
    }
  }

  /// Writes the proof of a message, 32 bytes.
  func prove(_ message: UnsafeRawPointer, _ length: Int, into proof: UnsafeMutableRawPointer) {
    cobre_key_prove(key, message, length, proof)
  }

  /// Whether a message has this proof.
  func confirms(_ message: UnsafeRawPointer, _ length: Int, _ proof: UnsafeRawPointer) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: Self.bytes, alignment: 8) { own in
      guard let address = own.baseAddress else { return false }
      cobre_key_prove(key, message, length, address)
      return cobre_proofs_equal(address, proof) != 0
    }
  }

  /// Compares proofs in a time that does not depend on where they differ.
  static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    guard a.count == bytes, b.count == bytes else { return false }
    return cobre_proofs_equal(a, b) != 0
  }
}

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
package final class RunningDigest {
  private let digest = UnsafeMutableRawPointer.allocate(byteCount: cobre_digest_bytes(), alignment: 16)

  package init() { cobre_digest_begin(digest) }

  deinit { digest.deallocate() }

  package func add(_ bytes: UnsafeRawPointer, _ length: Int) { cobre_digest_update(digest, bytes, length) }

  /// The digest of what was added since the last call.
  package func end() -> Digest {
    withUnsafeTemporaryAllocation(byteCount: KeyedHash.bytes, alignment: 8) { buffer in
      guard let address = buffer.baseAddress else { return Digest() }
      cobre_digest_end(digest, address)
      return Digest(at: address)
    }
  }

  /// The digest of a message.
  static func digest(of bytes: UnsafeRawPointer, _ length: Int) -> Digest {
    let digest = RunningDigest()
    digest.add(bytes, length)
    return digest.end()
  }
}

/// The 32 bytes of a digest, in memory order.
package struct Digest: Equatable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  package init() {}

  /// The SHA-256 digest of a message.
  package init(of message: [UInt8]) {
    let running = RunningDigest()
    message.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { running.add(start, bytes.count) }
    }
    self = running.end()
  }

  /// Its 32 bytes as 64 digits in lower case.
  package var hexadecimal: String {
    withUnsafeTemporaryAllocation(byteCount: KeyedHash.bytes, alignment: 8) { buffer in
      guard let address = buffer.baseAddress else { return "" }
      store(at: address)
      return buffer.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }

  init(at address: UnsafeRawPointer) {
    func word(_ index: Int) -> UInt64 { address.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
    words = (word(0), word(1), word(2), word(3))
  }

  func store(at address: UnsafeMutableRawPointer) {
    address.storeBytes(of: words.0, toByteOffset: 0, as: UInt64.self)
    address.storeBytes(of: words.1, toByteOffset: 8, as: UInt64.self)
    address.storeBytes(of: words.2, toByteOffset: 16, as: UInt64.self)
    address.storeBytes(of: words.3, toByteOffset: 24, as: UInt64.self)
  }

  package var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

  package static func == (a: Digest, b: Digest) -> Bool {
    (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1) | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
  }
}
