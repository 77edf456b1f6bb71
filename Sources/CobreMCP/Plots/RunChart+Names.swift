internal import CobreCase
internal import CobreEngine
internal import CobrePlot
internal import CobreRuns

/// Months, names and limits of the case in charts; without its files numbers have to do.
extension RunChart {
  /// An element as sentences name it.
  static func element(_ kind: String, _ id: Int, _ study: StudyCase?) -> String {
    guard kind != "system" else { return "the whole system" }
    let words = ["hydro": "hydro plant", "thermal": "thermal plant"]
    let plain = "\(words[kind] ?? kind) \(id)"
    guard let study, let entity = ElementKind(rawValue: kind),
      let name = ElementNames(study).name(entity, id: id)
    else { return plain }
    return "\(plain) \(LogTail.sanitized(name.utf8.prefix(40)))"
  }

  /// Lets the axis show months, or days where stages do not begin with one.
  static func nameStages(_ chart: inout Chart, _ study: StudyCase?) {
    guard let study else { return }
    let days = chart.places.map { place -> String in
      let stage = Int(place)
      return study.stages.indices.contains(stage) ? study.stages[stage].start.description : ""
    }
    let isMonthly = days.allSatisfy { $0.hasSuffix("-01") }
    chart.placeNames = days.map { isMonthly ? String($0.dropLast(3)) : $0 }
    chart.xLabel = isMonthly ? "month" : "first day of the stage"
  }

  /// Adds the limits of a reservoir and what it held at the start.
  static func addLimits(_ chart: inout Chart, _ study: StudyCase?, entity: Int) {
    guard let study, let hydro = study.hydros.firstIndex(where: { $0.id == entity }) else { return }
    let limits = chart.places.map { place in
      study.stages.indices.contains(Int(place)) ? study.limits(stage: Int(place), hydro: hydro) : nil
    }
    let initial = InflowProcess(study: study).initialState
    addLimits(
      &chart, limits.map { $0.map { ($0.minStorage, $0.maxStorage) } },
      start: initial.indices.contains(hydro) ? initial[hydro] : nil)
  }

  /// Adds the limits of a battery and what it held at the start.
  static func addBatteryLimits(_ chart: inout Chart, _ study: StudyCase?, entity: Int) {
    guard let study, let battery = study.batteries.firstIndex(where: { $0.id == entity }) else { return }
    let limits = chart.places.map { place in
      study.stages.indices.contains(Int(place)) ? study.limits(stage: Int(place), battery: battery) : nil
    }
    addLimits(
      &chart, limits.map { $0.map { ($0.minEnergy, $0.maxEnergy) } }, start: study.batteries[battery].initialEnergy)
  }

  private static func addLimits(_ chart: inout Chart, _ limits: [(least: Double, most: Double)?], start: Double?) {
    let grey = Chart.Color(0.35, 0.35, 0.35)
    chart.lines.append(.init("least and largest", limits.map { $0?.least }, color: grey, width: 1.2, isDashed: true))
    chart.lines.append(.init("", limits.map { $0?.most }, color: grey, width: 1.2, isDashed: true))
    if let start {
      chart.lines.append(
        .init(
          "at the start", chart.places.map { _ in start }, color: Chart.Color.palette[2], width: 1.2, isDashed: true))
    }
    let values = limits.compactMap { $0 }.flatMap { [$0.least, $0.most] } + [chart.focus?.upperBound ?? 0]
    if let high = values.max(), let low = values.min() { chart.focus = min(low, chart.focus?.lowerBound ?? low)...high }
  }
}
