import Testing

@testable import CobreCase
@testable import CobreEngine

@Suite struct PackedIntegersTests {
  /// By hand: the differences, twice their size and one less where they are negative, seven bits a byte.
  @Test func bytesAreThoseOfTheDescription() {
    #expect(PackedIntegers.pack([0, 1, 0]) == [0, 2, 1])
    #expect(PackedIntegers.pack([64]) == [0x80, 0x01])
    #expect(PackedIntegers.pack([300, 300, 301]) == [0xd8, 0x04, 0, 2])
    #expect(PackedIntegers.pack([]) == [])
  }

  @Test func numbersComeBack() {
    let values: [Int64] = [0, .max, .min, -1, 1, 1 << 40, 63, 64, -64, -65]
    let bytes = PackedIntegers.pack(values)
    #expect(PackedIntegers.unpack(bytes[...], count: values.count) == values)
  }

  @Test func otherBytesAreNone() {
    let bytes = PackedIntegers.pack([1, 1000, 5])
    #expect(PackedIntegers.unpack(bytes[...], count: 2) == nil)
    #expect(PackedIntegers.unpack(bytes[...], count: 4) == nil)
    #expect(PackedIntegers.unpack(bytes.dropLast(), count: 3) == nil)
    #expect(PackedIntegers.unpack([UInt8](repeating: 0x80, count: 40)[...], count: 1) == nil)
    #expect(PackedIntegers.unpack([UInt8](repeating: 0xff, count: 9)[...] + [2], count: 1) == nil)
    #expect(PackedIntegers.unpack([], count: .max) == nil)
  }
}
