/// Past years replayed over the study, as noise of the inflow model.
package struct HistoricalReplay: Sendable, Equatable {
  /// First year of each window, ascending.
  package let years: [Int]
  package let noise: ScenarioReplay
  /// Inflow memory before each window, with the storages of the case.
  private let initialStates: [[Double]]

  /// State at the start of a window.
  package func initialState(window: Int) -> [Double] { initialStates[window] }

  /// Finds the windows that have an observation of every plant in every stage and in every lag before the first one.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - process: its inflow model.
  ///   - selection: first years that may be used.
  /// - Throws: `SamplingError` if there is none.
  package init(
    study: StudyCase, process: InflowProcess, selection: ScenarioSource.HistoricalYears
  ) throws(SamplingError) {
    var years: [Int] = []
    var states: [[Double]] = []
    var values = [[Double]](repeating: [], count: study.stages.count)
    for window in Self.windows(study, process) where selection.contains(window.year) {
      years.append(window.year)
      states.append(window.state)
      var inversion = InflowInversion(process: process, state: window.state)
      var noise: [Double] = []
      for stage in study.stages.indices {
        // Nodes at the same time position get the same noise.
        if study.opensPlace(stage) { noise = inversion.noise(stage: stage) { window.inflows[stage][$0] } }
        values[stage] += noise
      }
    }
    guard !years.isEmpty else { throw .noWindow }
    self.years = years
    initialStates = states
    noise = ScenarioReplay(isRealised: false, count: years.count, entities: study.hydros.count, values: values)
  }

  /// First years of the complete windows, ascending.
  static func completeYears(_ study: StudyCase, _ process: InflowProcess) -> [Int] {
    windows(study, process).map(\.year)
  }

  /// A complete window: its memory at the beginning, and its inflows in m³/s by stage and plant.
  private struct Window {
    let year: Int
    let state: [Double]
    let inflows: [[Double]]
  }

  private static func windows(_ study: StudyCase, _ process: InflowProcess) -> [Window] {
    let hydros = study.hydros.count
    let history = PastInflows(study: study)
    // Streams belong to a format whose windows give noise only: every scenario starts from the lags of the case.
    let startsFromCase = study.noiseGenerator == .streams
    let lags = startsFromCase ? 0 : process.layout.lagCounts.max() ?? 0
    let first = study.stages.first?.start.year ?? 0
    return history.years.compactMap { year in
      let periods = process.calendar.steps.map { $0.period.shifted(years: year - first, seasons: study.seasons) }
      guard let start = periods.first.flatMap({ $0 }) else { return nil }
      let before = (0..<lags).map { process.calendar.period($0 + 1, before: start) }
      var state = process.initialState
      for hydro in 0..<hydros where !startsFromCase {
        for lag in 0..<process.layout.lagCounts[hydro] {
          state[process.layout.lag(lag + 1, hydro: hydro)] = history.mean(hydro: hydro, over: before[lag]) ?? .nan
        }
      }
      let inflows = periods.map { period in
        (0..<hydros).map { hydro in period.flatMap { history.mean(hydro: hydro, over: $0) } ?? .nan }
      }
      guard inflows.allSatisfy({ $0.allSatisfy(\.isFinite) }), state.allSatisfy(\.isFinite) else { return nil }
      return Window(year: year, state: state, inflows: inflows)
    }
  }
}
