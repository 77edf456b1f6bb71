internal import CobreCase
internal import Foundation

/// Innovations of the price processes in the openings, in $/MWh.
///
/// Where a table gives none, the openings of a stage have the midpoints of as many equally probable parts of the normal
/// distribution, scaled to variance 1, in an order of their own for each process and stage: the mean is 0 and the
/// deviation that of the case, whatever the number of openings.
package enum PriceInnovations {
  /// Entity word of the first process in the counters of the generator.
  private static let counterBase: UInt32 = 3 << 24

  /// By opening and process, `[opening * processes + process]`.
  static func openings(_ study: StudyCase, stage: Int, count: Int, seed: Int64) -> [Double] {
    let processes = study.priceProcesses.count
    guard processes > 0 else { return [] }
    if let table = study.priceOpenings, table.count(stage) == count { return Array(table.values[table.rows(stage)]) }
    let quantiles = standardised(count)
    let generator = Philox(seed: seed, purpose: .openingNoise)
    var result = [Double](repeating: 0, count: count * processes)
    for process in 0..<processes {
      let deviation = study.priceStep(stage: stage, process: process).deviation
      let order = generator.permutation(
        of: count, entity: Int(counterBase) + process, stage: UInt32(truncatingIfNeeded: stage),
        iteration: 0)
      for opening in 0..<count { result[opening * processes + process] = deviation * quantiles[Int(order[opening])] }
    }
    return result
  }

  /// A fresh innovation of a trajectory.
  static func fresh(
    _ study: StudyCase, stage: Int, process: Int, generator: Philox, step: Int, trajectory: Int, iteration: UInt32
  ) -> Double {
    let deviation = study.priceStep(stage: stage, process: process).deviation
    guard deviation > 0 else { return 0 }
    return deviation
      * generator.normal(
        entity: counterBase + UInt32(truncatingIfNeeded: process), sample: UInt32(truncatingIfNeeded: trajectory),
        stage: UInt32(truncatingIfNeeded: step), iteration: iteration)
  }

  /// Normal quantiles at the midpoints of equal parts, with variance 1; a single one is 0.
  package static func standardised(_ count: Int) -> [Double] {
    let raw = (0..<count).map { normalQuantile((Double($0) + 0.5) / Double(count)) }
    let squares = raw.reduce(0) { $0 + $1 * $1 }
    let scale = squares > 0 ? (Double(count) / squares).squareRoot() : 0
    return raw.map { $0 * scale }
  }
}
