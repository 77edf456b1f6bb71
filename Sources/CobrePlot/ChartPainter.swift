/// Lays a chart out and draws it.
struct ChartPainter {
  private let chart: Chart
  private let canvas: Canvas
  private let width: Double
  private let height: Double
  private let magnitude: Magnitude
  private let xScale: AxisScale
  private let yScale: AxisScale
  private let legend: [[LegendEntry]]
  /// Left, right, top and bottom of the area in which values are drawn.
  private let left: Double
  private let right: Double
  private let top: Double
  private let bottom: Double

  private static let textSize = 15.0
  private static let titleSize = 18.0
  private static let legendRowHeight = 22.0
  private static let black = Chart.Color(0.1, 0.1, 0.1)
  private static let grey = Chart.Color(0.87, 0.87, 0.87)

  private struct LegendEntry {
    var name: String
    var color: Chart.Color
    /// Nil for a line.
    var opacity: Double?
    var isDashed = false
    var x: Double
  }

  init(chart: Chart, canvas: Canvas, width: Double, height: Double) {
    self.chart = chart
    self.canvas = canvas
    self.width = width
    self.height = height
    var low = chart.focus?.lowerBound ?? chart.values.min() ?? 0
    var high = chart.focus?.upperBound ?? chart.values.max() ?? 1
    if chart.startsAtZero {
      low = min(low, 0)
      high = max(high, 0)
    }
    let magnitude = Magnitude(largest: max(abs(low), abs(high)))
    self.magnitude = magnitude
    yScale = AxisScale(low / magnitude.factor...high / magnitude.factor, marks: 6)
    let places = (chart.places.first ?? 0)...max(chart.places.first ?? 0, chart.places.last ?? 1)
    xScale = AxisScale(places, marks: chart.placeNames == nil ? 12 : 9, isWhole: true, isTight: true)
    let scale = yScale
    let widest = scale.marks.map { canvas.textWidth(scale.text($0), size: Self.textSize) }.max() ?? 0
    left = 44 + widest
    right = width - 28
    legend = Self.legend(chart, canvas, from: left, to: width - 28)
    top = 52 + Double(legend.count) * Self.legendRowHeight
    bottom = height - 56
  }

  private static func legend(
    _ chart: Chart, _ canvas: Canvas, from left: Double, to right: Double
  ) -> [[LegendEntry]] {
    var entries = chart.lines.map {
      LegendEntry(name: Self.short($0.name), color: $0.color, opacity: nil, isDashed: $0.isDashed, x: 0)
    }
    entries += chart.bands.map {
      LegendEntry(name: Self.short($0.name), color: $0.color, opacity: $0.opacity, x: 0)
    }
    var rows: [[LegendEntry]] = []
    var x = left
    for var entry in entries where !entry.name.isEmpty {
      let needed = 34 + canvas.textWidth(entry.name, size: textSize) + 18
      if rows.isEmpty || x + needed > right {
        rows.append([])
        x = left
      }
      entry.x = x
      rows[rows.count - 1].append(entry)
      x += needed
    }
    return rows
  }

  /// A name that does not fill the chart.
  private static func short(_ text: String, to count: Int = 40) -> String {
    let text = String(text.filter { !$0.isNewline && $0 != "\0" })
    return text.count <= count ? text : text.prefix(count - 1) + "…"
  }

  func paint() {
    canvas.write(Self.short(chart.title, to: 90), x: left, y: 30, size: Self.titleSize)
    paintLegend()
    paintGrid()
    canvas.clipped(x: left, y: top, width: right - left, height: bottom - top) {
      for band in chart.bands { paint(band) }
      for line in chart.lines { paint(line) }
    }
    canvas.stroke([(left, top), (left, bottom), (right, bottom)], color: Self.black, width: 1.2)
    canvas.write(chart.xLabel, x: (left + right) / 2, y: height - 14, size: Self.textSize, anchor: .middle)
    let unit = [magnitude.name, chart.unit].filter { !$0.isEmpty }.joined(separator: " ")
    let label = unit.isEmpty ? chart.yLabel : "\(chart.yLabel) (\(unit))"
    canvas.write(
      Self.short(label, to: 60), x: 22, y: (top + bottom) / 2, size: Self.textSize, anchor: .middle, isUpright: true)
  }

  private func paintLegend() {
    for (row, entries) in legend.enumerated() {
      let y = 54 + Double(row) * Self.legendRowHeight
      for entry in entries {
        if let opacity = entry.opacity {
          canvas.fill(
            [(entry.x, y - 11), (entry.x + 26, y - 11), (entry.x + 26, y + 1), (entry.x, y + 1)], color: entry.color,
            opacity: opacity)
        } else {
          canvas.stroke(
            [(entry.x, y - 5), (entry.x + 26, y - 5)], color: entry.color, width: 2.5, isDashed: entry.isDashed)
        }
        canvas.write(entry.name, x: entry.x + 34, y: y, size: Self.textSize)
      }
    }
  }

  private func paintGrid() {
    for mark in yScale.marks {
      let y = bottom - (mark - yScale.lower) / (yScale.upper - yScale.lower) * (bottom - top)
      canvas.stroke([(left, y), (right, y)], color: Self.grey, width: 1)
      canvas.write(yScale.text(mark), x: left - 8, y: y + 5, size: Self.textSize, anchor: .end)
    }
    for mark in xScale.marks {
      let x = self.x(mark)
      canvas.stroke([(x, bottom), (x, bottom + 5)], color: Self.black, width: 1.2)
      canvas.write(name(of: mark), x: x, y: bottom + 22, size: Self.textSize, anchor: .middle)
    }
  }

  /// What stands at a mark: the name of its place where it has one.
  private func name(of mark: Double) -> String {
    guard let names = chart.placeNames else { return xScale.text(mark) }
    guard let index = chart.places.firstIndex(of: mark), names.indices.contains(index) else { return "" }
    return Self.short(names[index], to: 12)
  }

  private func x(_ place: Double) -> Double {
    left + (place - xScale.lower) / (xScale.upper - xScale.lower) * (right - left)
  }

  private func y(_ value: Double) -> Double {
    let share = (value / magnitude.factor - yScale.lower) / (yScale.upper - yScale.lower)
    // The library computes coordinates with 24 bits. What is far outside is clipped anyway.
    return bottom - min(max(share, -10), 10) * (bottom - top)
  }

  private func paint(_ band: Chart.Band) {
    for run in runs({ index in band.lower[safe: index] != nil && band.upper[safe: index] != nil }) {
      let upper = run.compactMap { index in band.upper[safe: index].map { (x(chart.places[index]), y($0)) } }
      let lower = run.compactMap { index in band.lower[safe: index].map { (x(chart.places[index]), y($0)) } }
      canvas.fill(upper + lower.reversed(), color: band.color, opacity: band.opacity)
      if run.count == 1, let from = lower.first, let to = upper.first {
        // A single position has no area. It is drawn as a bar.
        canvas.stroke([from, to], color: band.color, width: 6)
      }
    }
  }

  private func paint(_ line: Chart.Line) {
    for run in runs({ line.values[safe: $0] != nil }) {
      let points = run.compactMap { index in line.values[safe: index].map { (x: x(chart.places[index]), y: y($0)) } }
      canvas.stroke(points, color: line.color, width: line.width, isDashed: line.isDashed)
      if points.count <= 24 {
        for point in points { canvas.dot(x: point.x, y: point.y, radius: line.width + 1, color: line.color) }
      }
    }
  }

  /// Ranges of positions for which a condition holds.
  private func runs(_ holds: (Int) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in chart.places.indices where holds(index) {
      if let last = runs.last, last.upperBound == index {
        runs[runs.count - 1] = last.lowerBound..<(index + 1)
      } else {
        runs.append(index..<(index + 1))
      }
    }
    return runs
  }
}

extension [Double?] {
  /// The finite value at an index, or nil if there is none.
  fileprivate subscript(safe index: Int) -> Double? {
    guard indices.contains(index), let value = self[index], value.isFinite else { return nil }
    return value
  }
}
