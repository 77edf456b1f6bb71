internal import CobrePlatformShim

/// CRC-32C (Castagnoli), the checksum of everything that goes over a socket.
package enum Checksum {
  /// The checksum of the bytes, by the processor's instruction where it has one.
  package static func crc32c(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    cobre_crc32c(0, bytes.baseAddress, bytes.count)
  }

  /// The same by tables, as on processors without the instruction.
  package static func portableCRC32C(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    cobre_crc32c_portable(0, bytes.baseAddress, bytes.count)
  }

  /// The checksum of the bytes, which are copied on the way to `target`, where there must be room for them.
  package static func crc32c(
    _ bytes: UnsafeRawBufferPointer, copyingTo target: UnsafeMutableRawBufferPointer
  ) -> UInt32 {
    precondition(target.count >= bytes.count)
    return cobre_crc32c_copy(target.baseAddress, bytes.baseAddress, bytes.count)
  }
}
