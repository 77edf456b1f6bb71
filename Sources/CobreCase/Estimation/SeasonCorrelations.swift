/// Correlations of a plant's seasons with earlier ones, and with the annual mean if the model has one.
struct SeasonCorrelations {
  let seasons: Int
  /// Largest lag.
  let order: Int
  /// `[season * (order + 1) + lag]`, 1 for lag 0.
  private var lagged: [Double]
  /// Number of pairs behind each of `lagged`.
  private var pairs: [Int]
  /// Correlation of z_{t−i} with A_{t−1}, t in the season: `[season * (order + 1) + i]`, empty without the component.
  private var annual: [Double] = []
  /// Number of pairs behind each of `annual`.
  private var annualPairs: [Int] = []

  init(_ series: SeasonalSeries, moments: [SeasonMoments], annual means: AnnualMeans?, order: Int) {
    seasons = series.seasons
    self.order = max(0, order)
    let width = self.order + 1
    lagged = .init(repeating: 1, count: series.seasons * width)
    pairs = .init(repeating: 0, count: series.seasons * width)
    let chain = ObservationChain(series)
    for m in 0..<seasons {
      pairs[m * width] = moments[m].count
      for lag in 1..<max(1, width) {
        let found = chain.correlation(moments, season: m, lag: lag)
        lagged[m * width + lag] = found.value
        pairs[m * width + lag] = found.pairs
      }
    }
    if let means { (annual, annualPairs) = annualCorrelations(series, moments, means) }
  }

  var hasAnnual: Bool { !annual.isEmpty }

  /// ρ of a season with the one `lag` before it.
  func lagged(_ season: Int, _ lag: Int) -> Double { lagged[wrapped(season) * (order + 1) + lag] }

  /// Correlation of z_{t−i} with A_{t−1} for t in the season.
  func annual(_ season: Int, _ i: Int) -> Double { annual[wrapped(season) * (order + 1) + i] }

  private func wrapped(_ season: Int) -> Int { (season % seasons + seasons) % seasons }

  /// Smallest number of pairs behind any correlation that the equations of an order need.
  func support(_ m: Int, order p: Int) -> Int {
    var least = pairs[wrapped(m) * (order + 1)]
    for i in 0...max(0, p) {
      for j in i..<(max(0, p) + 1) where j > i { least = min(least, pairs[wrapped(m - i) * (order + 1) + j - i]) }
      if hasAnnual { least = min(least, annualPairs[wrapped(m) * (order + 1) + i]) }
    }
    return least
  }

  /// Pairs by the calendar.
  ///
  /// The divisor is the larger of the two sample sizes.
  private func annualCorrelations(
    _ series: SeasonalSeries, _ moments: [SeasonMoments], _ means: AnnualMeans
  ) -> (values: [Double], pairs: [Int]) {
    var counts = [Int](repeating: 0, count: seasons * (order + 1))
    var sums = [Double](repeating: 0, count: seasons * (order + 1))
    let valueAt = Dictionary(series.observations.map { ($0.time, $0.value) }) { first, _ in first }
    for (time, mean) in means.means.sorted(by: { $0.key < $1.key }) {
      // The window ends just before t.
      let m = wrapped((series.observations.first?.season ?? 0) + time + 1 - (series.observations.first?.time ?? 0))
      let annual = means.moments[wrapped(m - 1)].mean
      for i in 0...order {
        guard let value = valueAt[time + 1 - i] else { continue }
        counts[m * (order + 1) + i] += 1
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
    return (sums, counts)
  }
}

/// The observations of a series by time.
private struct ObservationChain {
  private let series: SeasonalSeries
  /// Time of the first observation.
  private let start: Int
  /// Index of the observation at each time from `start`, −1 if there is none.
  private let indices: [Int32]
  /// Indices of the observations of each season, ascending in time.
  private let ofSeason: [[Int32]]

  init(_ series: SeasonalSeries) {
    self.series = series
    start = series.observations.first?.time ?? 0
    let end = (series.observations.last?.time ?? start - 1) + 1
    var indices = [Int32](repeating: -1, count: max(0, end - start))
    var ofSeason = [[Int32]](repeating: [], count: series.seasons)
    for (index, observation) in series.observations.enumerated() {
      indices[observation.time - start] = Int32(index)
      ofSeason[observation.season].append(Int32(index))
    }
    self.indices = indices
    self.ofSeason = ofSeason
  }

  /// Correlation of a season with the one `lag` before it, over the pairs that are `lag` seasons apart in time.
  ///
  /// The mean of the products divided by deviations with divisor N. 0 without pairs or spread.
  func correlation(_ moments: [SeasonMoments], season m: Int, lag: Int) -> (value: Double, pairs: Int) {
    let n = series.seasons
    let other = ((m - lag) % n + n) % n
    let (mean, otherMean) = (moments[m].mean, moments[other].mean)
    var sum = 0.0
    var pairs = 0
    series.observations.withUnsafeBufferPointer { observations in
      indices.withUnsafeBufferPointer { indices in
        for index in ofSeason[m] {
          let own = observations[Int(index)]
          let place = own.time - lag - start
          guard place >= 0, indices[place] >= 0 else { continue }
          let before = observations[Int(indices[place])]
          guard before.season == other else { continue }
          sum += (own.value - mean) * (before.value - otherMean)
          pairs += 1
        }
      }
    }
    let scale = moments[m].deviation * moments[other].deviation
    guard pairs > 0, scale > 0 else { return (0, pairs) }
    return (min(1, max(-1, sum / (Double(pairs) * scale))), pairs)
  }
}
