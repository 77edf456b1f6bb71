/// A chart over one axis of integers, such as steps of time: areas, bands and lines with a legend.
///
/// It knows nothing of what the numbers mean.
package struct Chart: Sendable, Equatable {
  /// A colour by its parts from 0 to 1.
  package struct Color: Sendable, Equatable {
    package var red: Double
    package var green: Double
    package var blue: Double

    package init(_ red: Double, _ green: Double, _ blue: Double) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    /// Colours that people with colour blindness can distinguish too (Okabe, Ito).
    package static let palette = [
      Color(0.00, 0.45, 0.70), Color(0.84, 0.37, 0.00), Color(0.00, 0.62, 0.45), Color(0.80, 0.47, 0.65),
      Color(0.90, 0.62, 0.00), Color(0.34, 0.71, 0.91), Color(0.50, 0.50, 0.50), Color(0.75, 0.70, 0.10),
      Color(0.35, 0.25, 0.55), Color(0.60, 0.30, 0.20),
    ]
  }

  /// A line through points, which nil breaks.
  package struct Line: Sendable, Equatable {
    package var name: String
    package var values: [Double?]
    package var color: Color
    package var width: Double
    package var isDashed: Bool

    package init(_ name: String, _ values: [Double?], color: Color, width: Double = 2, isDashed: Bool = false) {
      self.name = name
      self.values = values
      self.color = color
      self.width = width
      self.isDashed = isDashed
    }
  }

  /// The area between two lines.
  package struct Band: Sendable, Equatable {
    package var name: String
    package var lower: [Double?]
    package var upper: [Double?]
    package var color: Color
    /// From 0 (invisible) to 1.
    package var opacity: Double

    package init(_ name: String, lower: [Double?], upper: [Double?], color: Color, opacity: Double) {
      self.name = name
      self.lower = lower
      self.upper = upper
      self.color = color
      self.opacity = opacity
    }
  }

  package var title: String
  package var xLabel: String
  package var yLabel: String
  /// Unit of the values.
  ///
  /// A factor such as "million" is put before it if numbers are large.
  package var unit: String
  /// Positions of the values, ascending.
  package var places: [Double]
  /// What stands at the places in words of its own, such as months; nil for their numbers.
  package var placeNames: [String]?
  package var bands: [Band] = []
  package var lines: [Line] = []
  /// Whether the axis of the values begins at 0 if none of them is negative.
  package var startsAtZero = true
  /// Values that the axis shows in any case, while others may be outside, or nil for all.
  package var focus: ClosedRange<Double>?

  package init(title: String, xLabel: String, yLabel: String, unit: String, places: [Double]) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.unit = unit
    self.places = places
  }

  /// Adds areas on top of each other.
  ///
  /// Missing values count as 0.
  package mutating func stack(_ layers: [(name: String, values: [Double?])]) {
    var base = [Double](repeating: 0, count: places.count)
    for (index, layer) in layers.enumerated() {
      let top = base.indices.map { base[$0] + ($0 < layer.values.count ? layer.values[$0] ?? 0 : 0) }
      bands.append(
        Band(
          layer.name, lower: base, upper: top, color: Color.palette[index % Color.palette.count], opacity: 0.85))
      base = top
    }
  }

  /// Every value that is drawn.
  var values: [Double] {
    (bands.flatMap { $0.lower + $0.upper } + lines.flatMap(\.values)).compactMap { $0 }.filter(\.isFinite)
  }
}
