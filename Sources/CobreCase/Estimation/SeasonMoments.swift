internal import Glibc

/// Mean and deviation of one season, with degenerate series recognised.
struct SeasonMoments {
  var count: Int
  var mean = 0.0
  /// Divisor N; 0 for degenerate series and fewer than two values.
  var deviation = 0.0
  var remark: PeriodicFit.Remark?

  init(_ values: [Double]) {
    count = values.count
    guard let first = values.first else { return }
    if values.allSatisfy({ abs($0 - first) <= 1e-6 }) {
      mean = first
      remark = count > 1 ? .constant : nil
      return
    }
    let isNegative = 10 * values.count { $0 < 0 } > count
    if isNegative {
      remark = .negative
    } else if let mode = Self.majority(of: values) {
      mean = mode
      remark = .repeated
      return
    }
    var sum = 0.0
    for value in values { sum += value }
    mean = sum / Double(count)
    var squares = 0.0
    for value in values { squares += (value - mean) * (value - mean) }
    deviation = (squares / Double(count)).squareRoot()
  }

  /// The integer to which more than half of the values round.
  private static func majority(of values: [Double]) -> Double? {
    // Majority vote (Boyer and Moore 1991), then a count.
    var candidate = 0.0
    var votes = 0
    for value in values {
      let rounded = value.rounded()
      if votes == 0 { candidate = rounded }
      votes += rounded == candidate ? 1 : -1
    }
    return 2 * values.count { $0.rounded() == candidate } > values.count ? candidate : nil
  }
}

/// Means of twelve seasons in a row, by the last of them.
///
/// Windows with a gap, and windows without an observation in the next season, do not count.
struct AnnualMeans {
  /// Moments by season, divisor N.
  let moments: [SeriesStatistics]
  /// Number of windows by season.
  let counts: [Int]
  /// Mean of the window that ends at a time.
  let means: [Int: Double]

  /// - Returns: nil for fewer than 13 observations.
  init?(_ series: SeasonalSeries) {
    let observations = series.observations
    guard observations.count >= 13 else { return nil }
    var values = [[Double]](repeating: [], count: series.seasons)
    var means: [Int: Double] = [:]
    for last in 11..<(observations.count - 1)
    where observations[last].time - observations[last - 11].time == 11
      && observations[last + 1].time == observations[last].time + 1
    {
      var sum = 0.0
      for index in (last - 11)...last { sum += observations[index].value }
      values[observations[last].season].append(sum / 12)
      means[observations[last].time] = sum / 12
    }
    self.means = means
    counts = values.map(\.count)
    moments = values.map { list in
      guard !list.isEmpty else { return .zero }
      let mean = list.reduce(0, +) / Double(list.count)
      let squares = list.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return SeriesStatistics(mean: mean, deviation: (squares / Double(list.count)).squareRoot())
    }
  }
}
