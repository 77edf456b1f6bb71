/// How a sampled noise vector that is not an opening changes the bounds of a stage LP.
struct SampleBounds: ~Copyable {
  /// Added to the bounds of each noise row.
  let shifts: FixedBuffer<Double>
  /// Upper bound of each noise column.
  let uppers: FixedBuffer<Double>
  /// Inflow without its lags of each inflow that may be truncated.
  let innovations: FixedBuffer<Double>
  /// Innovations of prices.
  let prices: FixedBuffer<Double>
  private let truncatedHydros: [Int]
  private let terms: StageLPTemplate.SampleTerms

  init(template: StageLPTemplate) {
    shifts = FixedBuffer(capacity: template.noiseRows.count, filledWith: 0)
    uppers = FixedBuffer(capacity: template.noiseColumns.count, filledWith: 0)
    innovations = FixedBuffer(capacity: template.truncations.count, filledWith: 0)
    prices = FixedBuffer(capacity: template.prices.steps.count, filledWith: 0)
    truncatedHydros = template.truncations.map(\.hydro)
    terms = template.sampleTerms
  }

  /// Takes over a sample.
  func take(_ sample: NoiseSample, rows: Int) {
    for row in 0..<rows { shifts[row] = 0 }
    for term in terms.inflows { shifts[term.position] += term.coefficient * sample.inflows[term.entity] }
    for term in terms.loads { shifts[term.position] += term.coefficient * sample.loads[term.entity] }
    for term in terms.availabilities { shifts[term.position] += term.coefficient * sample.availabilities[term.entity] }
    for term in terms.uppers { uppers[term.position] = term.coefficient * sample.availabilities[term.entity] }
    for (index, hydro) in truncatedHydros.enumerated() { innovations[index] = sample.inflows[hydro] }
    for process in 0..<min(prices.capacity, sample.prices.count) { prices[process] = sample.prices[process] }
  }
}
