import CobreParquet
import CobreTestSupport
import Foundation
import Testing

/// Damaged files are refused or read, never more: no trap, no memory beyond the limits.
///
/// `COBRE_FUZZ_COUNT` is the number of files.
@Suite struct TableFuzzTests {
  private static let count = Int(ProcessInfo.processInfo.environment["COBRE_FUZZ_COUNT"] ?? "") ?? 20_000

  @Test func `damaged files do no harm`() throws {
    var seeds = try (Fixture.files + ["other_types", "no_rows"]).map { try Fixture.bytes($0) }
    // Without compression every byte of a page reaches a decoder.
    var options = ParquetWriterOptions()
    options.codec = .uncompressed
    options.rowsPerGroup = 20
    for file in ["arrow_plain", "polars"] {
      let table = try ParquetReader().read(bytes: try Fixture.bytes(file))
      seeds.append(try ParquetWriter.bytes(of: table, options: options))
    }
    let reader = ParquetReader(limits: Self.limits)
    var random = TestRandom(seed: 1)
    var read = 0
    for number in 0..<Self.count {
      var bytes = seeds[number % seeds.count]
      Self.mutate(&bytes, &random)
      guard let table = try? reader.read(bytes: bytes) else { continue }
      read += 1
      for column in table.columns {
        guard column.rowCount == table.rowCount, column.validity.map({ $0.count == table.rowCount }) ?? true else {
          Issue.record("columns differ in length")
          return
        }
      }
    }
    // Both outcomes must be met, or the mutations show nothing.
    #expect(read > Self.count / 100)
    #expect(read < Self.count)
  }

  /// So small that a test process never feels what a file declares.
  private static var limits: ParquetLimits {
    var limits = ParquetLimits()
    limits.rows = 100_000
    limits.pageBytes = 1 << 20
    limits.decodedBytes = 8 << 20
    return limits
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout TestRandom) {
    for _ in 0..<(1 + Int(random.next() % 3)) {
      let place = Int(random.next() % UInt64(bytes.count))
      switch random.next() % 8 {
      case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
      case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
      case 3: for index in place..<min(place + 9, bytes.count) { bytes[index] = 0xFF }
      case 4: bytes.remove(at: place)
      case 5: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
      case 6:
        // The metadata are at the end.
        let back = Int(random.next() % UInt64(min(1500, bytes.count))) + 1
        bytes[bytes.count - back] = UInt8(truncatingIfNeeded: random.next())
      default:
        let from = Int(random.next() % UInt64(bytes.count))
        for index in 0..<min(16, bytes.count - max(place, from)) { bytes[place + index] = bytes[from + index] }
      }
    }
  }
}
