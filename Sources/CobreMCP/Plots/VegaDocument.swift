internal import CobreBase
internal import CobreEngine
package import CobrePlot
internal import Foundation

/// A chart as a Vega-Lite document with its data, for notebooks and pages.
package enum VegaDocument {
  /// The document as JSON text.
  package static func text(_ chart: Chart) -> String {
    var layers: [JSONValue] = []
    for (index, band) in chart.bands.enumerated() {
      let values = chart.places.indices.compactMap { place -> JSONValue? in
        guard let low = value(band.lower, place), let high = value(band.upper, place) else { return nil }
        return ["x": x(chart, place), "low": .double(low), "high": .double(high)]
      }
      layers.append([
        "name": .string("band \(index)"), "description": .string(band.name), "data": ["values": .array(values)],
        "mark": ["type": "area", "opacity": .double(band.opacity), "color": .string(color(band.color))],
        "encoding": ["x": axis(chart), "y": amount(chart, "low"), "y2": ["field": "high"]],
      ])
    }
    for (index, line) in chart.lines.enumerated() {
      let values = chart.places.indices.compactMap { place -> JSONValue? in
        value(line.values, place).map { ["x": x(chart, place), "value": .double($0)] }
      }
      layers.append([
        "name": .string("line \(index)"), "description": .string(line.name), "data": ["values": .array(values)],
        "mark": [
          "type": "line", "color": .string(color(line.color)), "strokeWidth": .double(line.width),
          "strokeDash": line.isDashed ? [6, 4] : [1, 0],
        ],
        "encoding": ["x": axis(chart), "y": amount(chart, "value")],
      ])
    }
    let document: JSONValue = [
      "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "title": .string(chart.title), "width": 860,
      "height": 480, "layer": .array(layers),
    ]
    return document.text(.init(isIndented: true)) + "\n"
  }

  private static func value(_ values: [Double?], _ place: Int) -> Double? {
    values.indices.contains(place) ? values[place].flatMap { $0.isFinite ? $0 : nil } : nil
  }

  private static func x(_ chart: Chart, _ place: Int) -> JSONValue {
    guard let names = chart.placeNames, names.indices.contains(place) else { return .double(chart.places[place]) }
    return .string(names[place])
  }

  private static func axis(_ chart: Chart) -> JSONValue {
    [
      "field": "x", "type": chart.placeNames == nil ? "quantitative" : "ordinal", "title": .string(chart.xLabel),
      "sort": .null,
    ]
  }

  private static func amount(_ chart: Chart, _ field: String) -> JSONValue {
    var scale: JSONObject = ["zero": .bool(chart.startsAtZero), "clamp": true]
    if let focus = chart.focus {
      let low = chart.startsAtZero ? min(0, focus.lowerBound) : focus.lowerBound
      scale["domain"] = [.double(low), .double(focus.upperBound)]
    }
    return [
      "field": .string(field), "type": "quantitative", "title": .string("\(chart.yLabel) (\(chart.unit))"),
      "scale": .object(scale),
    ]
  }

  private static func color(_ color: Chart.Color) -> String {
    func byte(_ part: Double) -> Int { Int((min(max(part, 0), 1) * 255).rounded()) }
    return String(format: "#%02x%02x%02x", byte(color.red), byte(color.green), byte(color.blue))
  }
}
