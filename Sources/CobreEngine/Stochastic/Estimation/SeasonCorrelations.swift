/// Correlations of a plant's seasons with earlier ones, and with the annual mean where the model has it.
struct SeasonCorrelations {
  let seasons: Int
  /// Largest lag.
  let order: Int
  /// `[season * (order + 1) + lag]`, 1 for lag 0.
  private var lagged: [Double]
  /// Correlation of z_{t−i} with A_{t−1}, t in the season: `[season * (order + 1) + i]`; empty without the component.
  private var annual: [Double] = []

  init(_ series: SeasonalSeries, moments: [SeasonMoments], annual means: AnnualMeans?, order: Int) {
    seasons = series.seasons
    self.order = max(0, order)
    lagged = .init(repeating: 1, count: series.seasons * (max(0, order) + 1))
    for m in 0..<seasons {
      for lag in 1..<max(1, self.order + 1) {
        lagged[m * (self.order + 1) + lag] = Self.correlation(series, moments, season: m, lag: lag)
      }
    }
    if let means { annual = annualCorrelations(series, moments, means) }
  }

  var hasAnnual: Bool { !annual.isEmpty }

  /// ρ of a season with the one `lag` before it.
  func lagged(_ season: Int, _ lag: Int) -> Double { lagged[wrapped(season) * (order + 1) + lag] }

  /// Correlation of z_{t−i} with A_{t−1} for t in the season.
  func annual(_ season: Int, _ i: Int) -> Double { annual[wrapped(season) * (order + 1) + i] }

  private func wrapped(_ season: Int) -> Int { (season % seasons + seasons) % seasons }

  /// Values are paired by their position among the years of their season.
  private static func correlation(
    _ series: SeasonalSeries, _ moments: [SeasonMoments], season m: Int, lag: Int
  ) -> Double {
    let n = series.seasons
    let other = ((m - lag) % n + n) % n
    let years = lag < n ? (other >= m ? 1 : 0) : lag / n
    let pairs = min(series.values[m].count - years, series.values[other].count)
    let scale = moments[m].deviation * moments[other].deviation
    guard pairs > 0, scale > 0 else { return 0 }
    var sum = 0.0
    let (mean, otherMean) = (moments[m].mean, moments[other].mean)
    series.values[m].withUnsafeBufferPointer { values in
      series.values[other].withUnsafeBufferPointer { others in
        for i in 0..<pairs { sum += (values[i + years] - mean) * (others[i] - otherMean) }
      }
    }
    return min(1, max(-1, sum / (Double(pairs) * scale)))
  }

  /// Pairs by the calendar; the divisor is the larger of the two sample sizes.
  private func annualCorrelations(
    _ series: SeasonalSeries, _ moments: [SeasonMoments], _ means: AnnualMeans
  ) -> [Double] {
    var sums = [Double](repeating: 0, count: seasons * (order + 1))
    let valueAt = Dictionary(series.observations.map { ($0.time, $0.value) }) { first, _ in first }
    for (time, mean) in means.means.sorted(by: { $0.key < $1.key }) {
      // The window ends just before t.
      let m = wrapped((series.observations.first?.season ?? 0) + time + 1 - (series.observations.first?.time ?? 0))
      let annual = means.moments[wrapped(m - 1)].mean
      for i in 0...order {
        guard let value = valueAt[time + 1 - i] else { continue }
        sums[m * (order + 1) + i] += (value - moments[wrapped(m - i)].mean) * (mean - annual)
      }
    }
    for m in 0..<seasons {
      let before = wrapped(m - 1)
      for i in 0...order {
        let own = wrapped(m - i)
        let count = Double(max(moments[own].count, means.counts[before]))
        let scale = count * moments[own].deviation * means.moments[before].deviation
        let index = m * (order + 1) + i
        sums[index] = scale > 0 ? min(1, max(-1, sums[index] / scale)) : 0
      }
    }
    return sums
  }
}
