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
  package init?(inflow study: StudyCase, process: InflowProcess) {
    if let fault = study.residualFaults.first {
      self.init(description: fault)
      return
    }
    guard study.conventions.seedsLagsFromWindows, study.inflowModelSource == .given else { return nil }
    let seeds = LagSeeds(study: study, calendar: process.calendar, counts: process.layout.lagCounts)
    let hydros = study.hydros.count
    let read = process.lagsRead(hydros: hydros)
    // Up to the largest order of any stage a lag must be known; beyond it, only if something follows from it.
    let gaps = seeds.gaps.enumerated().map { hydro, lags in
      let order = study.stages.indices.map { process.lagCoefficients[$0 * hydros + hydro].count }.max() ?? 0
      return lags.filter { $0 <= order || read[hydro].indices.contains($0 - 1) && read[hydro][$0 - 1] }
    }
    guard let hydro = gaps.firstIndex(where: { !$0.isEmpty }), let lag = gaps[hydro].first else { return nil }
    self.init(
      description:
        "Lag \(lag) of the inflow of hydro \(study.hydros[hydro].id) before the study is not wholly observed. Give "
        + "recent_observations or inflow_history that cover all of it.")
  }
}

/// What keeps the noise of a case from being drawn, as sentences.
struct NoiseFaults {
  /// Coefficients that belong to no stationary model, by plant.
  var coefficients: [String] = []
  /// A lag before the study that given coefficients need and that is not wholly observed.
  var past: String?
  /// The history has no year that can be replayed.
  var windows: String?
}

extension GivenCase {
  /// Why trainings or simulations of the case would find no noise.
  ///
  /// The model is only built where its coefficients are given or past years are replayed.
  mutating func noiseFaults() -> NoiseFaults {
    let (configuration, stages) = (tables.configuration, tables.stages)
    let sources = [configuration.training.scenarioSource, configuration.simulation.scenarioSource]
    var replayed: [ScenarioSource.HistoricalYears] = []
    for source in sources where source.inflow == .historical && !replayed.contains(source.historicalYears) {
      replayed.append(source.historicalYears)
    }
    if tables.noiseOpenings == nil, stages.contains(where: { $0.samplingMethod == .historicalResiduals }) {
      replayed.append(.all)
    }
    var faults = NoiseFaults()
    guard tables.inflowModelSource == .given || !replayed.isEmpty else { return faults }
    let study = resolved()
    faults.coefficients = study.residualFaults
    guard faults.coefficients.isEmpty else { return faults }
    let process = InflowProcess(study: study)
    faults.past = SamplingError(inflow: study, process: process)?.description
    for selection in replayed where faults.windows == nil {
      do throws(SamplingError) {
        _ = try HistoricalReplay(study: study, process: process, selection: selection)
      } catch {
        faults.windows = error.description
      }
    }
    return faults
  }
}
