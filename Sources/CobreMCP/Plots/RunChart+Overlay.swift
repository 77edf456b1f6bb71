internal import CobreEngine
internal import CobrePlot
internal import CobreRuns

/// Charts of several runs on top of each other.
extension RunChart {
  /// The leading lines and bands of all charts in one, in a colour for each run.
  ///
  /// Limits and other lines are those of the first run.
  static func overlaid(_ runs: [(run: RunSnapshot, drawn: Drawn)], _ kind: Kind) throws -> Drawn {
    guard let first = runs.first, !first.drawn.leading.isEmpty else {
      throw ToolError("A chart of all sources on top of each other shows one run only. Name an element by `id`.")
    }
    var chart = first.drawn.chart
    chart.title = title(of: first.drawn.chart.title, runs.map { name($0.run) })
    chart.places = Set(runs.flatMap(\.drawn.chart.places)).sorted()
    var names: [Double: String] = [:]
    for (place, name) in runs.flatMap({ Array(zip($0.drawn.chart.places, $0.drawn.chart.placeNames ?? [])) }) {
      names[place] = names[place] ?? name
    }
    if !names.isEmpty { chart.placeNames = chart.places.map { names[$0] ?? "" } }
    chart.bands = []
    chart.lines = []
    for (index, (run, drawn)) in runs.enumerated() {
      let color = Chart.Color.palette[index % Chart.Color.palette.count]
      func placed(_ values: [Double?]) -> [Double?] {
        let known = Dictionary(zip(drawn.chart.places, values), uniquingKeysWith: { first, _ in first })
        return chart.places.map { known[$0] ?? nil }
      }
      for (position, line) in drawn.leading.enumerated() {
        let own = drawn.chart.lines[line]
        chart.lines.append(
          .init(
            "\(own.name), \(name(run))", placed(own.values), color: color, width: position == 0 ? 2.5 : 1.2,
            isDashed: position > 0))
      }
      if let band = drawn.leadingBand {
        let own = drawn.chart.bands[band]
        chart.bands.append(
          .init(
            "\(own.name), \(name(run))", lower: placed(own.lower), upper: placed(own.upper), color: color, opacity: 0.16
          ))
      }
      if let focus = drawn.chart.focus, let all = chart.focus {
        chart.focus = min(focus.lowerBound, all.lowerBound)...max(focus.upperBound, all.upperBound)
      }
    }
    let grey = Chart.Color(0.35, 0.35, 0.35)
    for line in first.drawn.chart.lines where line.color == grey && kind != .spaghetti {
      let known = Dictionary(zip(first.drawn.chart.places, line.values), uniquingKeysWith: { first, _ in first })
      chart.lines.append(
        .init(line.name, chart.places.map { known[$0] ?? nil }, color: grey, width: line.width, isDashed: true))
    }
    return Drawn(
      chart: chart, sentence: runs.map(\.drawn.sentence).joined(separator: " "), id: first.drawn.id)
  }

  /// The name of a run, or its id where it has none.
  private static func name(_ run: RunSnapshot) -> String {
    LogTail.sanitized((run.runName ?? run.runID).utf8.prefix(24))
  }

  /// The title without its case, and with the runs.
  private static func title(of title: String, _ names: [String]) -> String {
    let subject = title.split(separator: " — ", maxSplits: 1).first.map(String.init) ?? title
    return "\(subject) — \(names.joined(separator: ", "))"
  }
}
