/// Which past years can be replayed over the study.
///
/// A window that starts in year y needs, for every plant, an observation in the calendar month of each study stage and
/// of each lag before it, counted from the study's first stage moved to year y.
struct HistoricalWindows {
  /// First years of the complete windows, ascending.
  let completeYears: [Int]

  /// First years of the complete windows that a source may use, ascending.
  func years(in selection: ScenarioSource.HistoricalYears) -> [Int] { completeYears.filter(selection.contains) }

  init(_ study: StudyCase) {
    guard let first = study.stages.first, !study.hydros.isEmpty else {
      completeYears = []
      return
    }
    var months = [Set<Int>](repeating: [], count: study.hydros.count)
    var years: Set<Int> = []
    for observation in study.inflowHistory {
      let (year, month, _) = observation.date.civil
      months[observation.hydro].insert(year * 12 + month - 1)
      years.insert(year)
    }
    let lags = study.autoregressiveCoefficients.map(\.lag).max() ?? 0
    let start = first.start.civil
    var offsets = study.stages.map { ($0.start.year - start.year) * 12 + $0.start.month - 1 }
    let opening = start.month - 1
    offsets += (0..<lags).map { opening - 1 - $0 }
    completeYears = years.sorted().filter { year in
      months.allSatisfy { known in offsets.allSatisfy { known.contains(year * 12 + $0) } }
    }
  }
}
