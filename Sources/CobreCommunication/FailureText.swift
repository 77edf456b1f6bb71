/// An error as bytes that other ranks can read: code, operation, two spare bytes, origin and peer (i32), text.
package enum FailureText {
  package static let mostText = 2048

  package static func encode(_ error: CommunicationError) -> [UInt8] {
    var bytes: [UInt8] = [error.code.rawValue, error.operation.rawValue, 0, 0]
    for number in [error.rank ?? -1, error.peer ?? -1] {
      withUnsafeBytes(of: Int32(truncatingIfNeeded: number).littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.append(contentsOf: error.message.utf8.prefix(mostText))
    return bytes
  }

  /// The error as rank `rank` must report it.
  package static func decode(_ bytes: UnsafeRawBufferPointer, to rank: Int) -> CommunicationError {
    guard bytes.count >= 12 else {
      return CommunicationError(.abortedByPeer, .barrier, rank: rank, "The group was broken by another rank.")
    }
    func number(_ offset: Int) -> Int? {
      let value = Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
      return value >= 0 ? value : nil
    }
    return CommunicationError.relayed(
      code: CommunicationError.Code(rawValue: bytes[0]) ?? .abortedByPeer,
      operation: CollectiveCall.Operation(rawValue: bytes[1]) ?? .barrier, origin: number(4), peer: number(8),
      message: String(decoding: bytes[12...].prefix(mostText), as: UTF8.self), to: rank)
  }
}
