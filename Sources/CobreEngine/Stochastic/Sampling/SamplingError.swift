/// Noise that a case asks for and that its data cannot give, as a sentence.
package struct SamplingError: Error, Sendable, Equatable, CustomStringConvertible {
  package var description: String

  /// The history has no window.
  static let noWindow = SamplingError(
    description:
      "No past year can be replayed: no window of the inflow history has all plants in all stages and in the "
      + "lags before them. Give a longer history, or allow more years by historical_years.")
}

extension SamplingError {
  /// Why an inflow model cannot be used, or nil if it can.
  ///
  /// Its coefficients give no stationary model, or the lags before the study that given coefficients need are not
  /// completely observed.
  init?(inflow study: StudyCase, process: InflowProcess) {
    if let fault = study.residualFaults.first {
      self.init(description: fault)
      return
    }
    guard study.conventions.seedsLagsFromWindows, study.inflowModelSource == .given else { return nil }
    let seeds = LagSeeds(study: study, calendar: process.calendar, counts: process.layout.lagCounts)
    guard let hydro = seeds.gaps.firstIndex(where: { !$0.isEmpty }), let lag = seeds.gaps[hydro].first else {
      return nil
    }
    self.init(
      description:
        "Lag \(lag) of the inflow of hydro \(study.hydros[hydro].id) before the study is not wholly observed. Give "
        + "recent_observations or inflow_history that cover all of it.")
  }
}
