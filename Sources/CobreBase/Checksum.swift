internal import CobrePlatformShim

/// CRC-32C (Castagnoli), the checksum of everything that goes over a socket, and of what is kept in files.
package enum Checksum {
  /// The checksum of the bytes, by the processor's instruction where it has one.
  ///
  /// - Parameters:
  ///   - bytes: what it is taken of.
  ///   - earlier: the checksum of bytes before them, to which they are added.
  /// - Returns: that of all.
  package static func crc32c(_ bytes: UnsafeRawBufferPointer, after earlier: UInt32 = 0) -> UInt32 {
    cobre_crc32c(earlier, bytes.baseAddress, bytes.count)
  }

  /// Eight digits.
  package static func hexadecimal(_ checksum: UInt32) -> String {
    let digits = String(checksum, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }

  /// The checksum by tables, as on processors without the instruction.
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
