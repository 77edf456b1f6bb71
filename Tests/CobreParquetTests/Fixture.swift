import CobreParquet
import Foundation

/// The files in `Fixtures`, and what their script says is in them.
enum Fixture {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  /// Files that hold the same table, by several writers in several encodings, codecs and page versions.
  static let files = [
    "arrow_plain", "arrow_dictionary", "arrow_delta", "arrow_split", "arrow_lz4", "polars", "duckdb_v1", "duckdb_v2",
  ]

  static func path(_ name: String) -> String { folder.appending(path: "\(name).parquet").path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// The table of all files, as written by Python in `expected.json`, where nil is a row without value.
  struct Expected: Decodable {
    let int8: [Int32]
    let int32: [Int32]
    let int64: [Int64]
    let uint8: [UInt32]
    let uint32: [UInt32]
    let uint64: [UInt64]
    let float: [Float]
    let double: [Double]
    let flag: [Bool]
    let day: [Int32]
    let word: [String]
    let someInt: [Int32?]
    let someDouble: [Double?]
    let someFlag: [Bool?]
    let someWord: [String?]
  }

  static func expected() throws -> Expected {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Expected.self, from: try Data(contentsOf: folder.appending(path: "expected.json")))
  }
}

extension ParquetColumn {
  /// The values with nil for rows without one, which must be stored as zero, false or nothing.
  func cells<Value>(_ values: [Value]?) -> [Value?]? {
    values.map { values in values.indices.map { isNull($0) ? nil : values[$0] } }
  }

  var strings: [String]? { text.map { text in (0..<text.count).map { text[$0] } } }
}
