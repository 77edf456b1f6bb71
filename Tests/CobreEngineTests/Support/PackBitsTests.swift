internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

@Suite struct PackBitsTests {
  /// The example of the scheme's description by Apple (technical note TN1023).
  @Test func unpacksThePublishedExample() {
    let packed: [UInt8] = [
      0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA,
    ]
    let plain: [UInt8] =
      [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A] + [0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22]
      + .init(repeating: 0xAA, count: 10)
    #expect(PackBits.unpack(packed) == plain)
    #expect(PackBits.pack(plain) == packed)
  }

  @Test func everythingComesBack() {
    var random = TestRandom(seed: 5)
    for length in [0, 1, 2, 3, 127, 128, 129, 256, 257, 1000, 5000] {
      for kinds in [1, 2, 256] {
        let bytes = (0..<length).map { _ in UInt8(random.integer(0...(kinds - 1))) }
        #expect(PackBits.unpack(PackBits.pack(bytes)) == bytes)
      }
    }
    #expect(PackBits.pack(.init(repeating: 3, count: 12800)).count == 200)
  }

  @Test func brokenBytesAreRefused() {
    #expect(PackBits.unpack([5, 1, 2]) == nil)
    #expect(PackBits.unpack([0x81]) == nil)
    #expect(PackBits.unpack([0x80]) == [])
  }
}
