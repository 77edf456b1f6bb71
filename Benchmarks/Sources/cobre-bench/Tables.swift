import ArgumentParser
internal import CobreBase
import CobreCase
import CobreEngine
import CobreParquet
import CobreRuns
import Foundation

/// Reads one Parquet table again and again and prints what that took as one line of JSON.
struct Tables: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table", abstract: "Read a Parquet table, warm, and write it again.")

  @Argument(help: "The file.") var path: String
  @Option(help: "How often.") var count = 100

  func run() throws {
    let reader = ParquetReader()
    let table = try reader.read(path: path)
    let figures = Figures(
      rows: table.rowCount, readMilliseconds: try median { _ = try reader.read(path: path) },
      writeMilliseconds: try median { _ = try ParquetWriter.bytes(of: table) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(figures), as: UTF8.self))
  }

  private func median(_ body: () throws -> Void) throws -> Double {
    let clock = ContinuousClock()
    let times = try (0..<max(1, count)).map { _ in
      let begin = clock.now
      try body()
      return (clock.now - begin).seconds * 1000
    }
    return times.sorted()[times.count / 2]
  }

  struct Figures: Encodable {
    let rows: Int
    let readMilliseconds: Double
    let writeMilliseconds: Double
  }
}
