package import CobreCase

/// One noise vector of a stage, realised: what the stage LP needs to know of it.
package struct NoiseSample: Sendable, Equatable {
  /// Inflow in m³/s without the effect of lags, one value per hydro.
  package var inflows: [Double]
  /// Load in MW before block factors, one value per bus.
  package var loads: [Double]
  /// Available power in MW before block factors, one value per source.
  package var availabilities: [Double]
  /// Innovation of prices in $/MWh, one value per process.
  package var prices: [Double]

  /// Room for the values of a case.
  package init(study: StudyCase) {
    inflows = .init(repeating: 0, count: study.hydros.count)
    loads = .init(repeating: 0, count: study.buses.count)
    availabilities = .init(repeating: 0, count: study.sources.count)
    prices = .init(repeating: 0, count: study.priceProcesses.count)
  }
}
