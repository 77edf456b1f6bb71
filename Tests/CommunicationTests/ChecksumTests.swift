import CobreBase
import Testing

@Suite struct ChecksumTests {
  /// Check values of RFC 3720, appendix B.4, and of the CRC catalogue.
  @Test(
    arguments: [
      (Array("123456789".utf8), 0xe306_9283), ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
      ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43), ((0..<32).map { UInt8($0) }, 0x46dd_794e), ([], 0),
    ] as [([UInt8], UInt32)])
  func publishedValues(bytes: [UInt8], expected: UInt32) {
    #expect(bytes.withUnsafeBytes { Checksum.crc32c($0) } == expected)
    #expect(bytes.withUnsafeBytes { Checksum.portableCRC32C($0) } == expected)
  }

  /// Lengths around the steps of the fast paths, at every alignment, against the definition bit by bit.
  @Test(arguments: [1, 7, 8, 9, 63, 1023, 2047, 2048, 2303, 2304, 3071, 3072, 3073, 6144, 10_007])
  func everyPath(length: Int) {
    let bytes = (0..<(length + 8)).map { UInt8(truncatingIfNeeded: $0 &* 197 ^ $0 >> 5) }
    bytes.withUnsafeBytes { all in
      for start in 0..<8 {
        let part = UnsafeRawBufferPointer(rebasing: all[start..<(start + length)])
        let expected = RawGreeting.checksum(Array(part))
        #expect(Checksum.crc32c(part) == expected)
        var copy = [UInt8](repeating: 0, count: length + 1)
        #expect(copy.withUnsafeMutableBytes { Checksum.crc32c(part, copyingTo: $0) } == expected)
        #expect(copy == Array(part) + [0])
        #expect(Checksum.portableCRC32C(part) == expected)
      }
    }
  }
}
