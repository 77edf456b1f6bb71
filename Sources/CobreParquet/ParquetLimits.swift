/// What reading one file may cost at most.
///
/// A small hostile file can declare anything, so every size is checked against these limits before memory is allocated.
package struct ParquetLimits: Sendable {
  /// Bytes of the file.
  package var fileBytes = 1 << 30
  /// Bytes of the footer, which is decoded as a whole.
  package var footerBytes = 16 << 20
  /// Columns of the table.
  package var columns = 10_000
  /// Rows of the table.
  package var rows = 100_000_000
  /// Bytes of one page after decompression.
  package var pageBytes = 256 << 20
  /// Bytes of all columns that are read together, and of all their pages after decompression.
  package var decodedBytes = 4 << 30

  package init() {}
}

/// Bytes that may still be decoded.
struct DecodingBudget {
  private let limit: Int
  private var left: Int

  init(_ limit: Int) {
    self.limit = limit
    left = limit
  }

  /// Takes `count` elements of `size` bytes out of the budget.
  mutating func take(_ count: Int, of size: Int = 1) throws(ParquetError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, bytes >= 0, bytes <= left else {
      throw ParquetError(.limit, "decoding takes more than the allowed \(limit) bytes.")
    }
    left -= bytes
  }
}
