/// A curve through points, linear between them and constant beyond its ends.
package struct LinearCurve: Sendable, Equatable {
  /// Strictly increasing.
  private(set) var positions: [Double]
  private var values: [Double]

  /// - Parameter points: at least one. Positions strictly increasing.
  package init(_ points: [(position: Double, value: Double)]) {
    positions = points.map(\.position)
    values = points.map(\.value)
  }

  package var first: Double { positions.first ?? 0 }
  package var last: Double { positions.last ?? 0 }

  /// The value at a position.
  ///
  /// Outside the points, the value of the nearest end. 0 without points.
  package func value(at position: Double) -> Double {
    guard positions.count > 1, position > first else { return values.first ?? 0 }
    guard position < last else { return values.last ?? 0 }
    let segment = segment(at: position)
    return values[segment] + slope(of: segment) * (position - positions[segment])
  }

  /// The slope of the segment that contains the position, and at a point the slope of the segment to its right.
  ///
  /// Outside the points, the slope of the nearest segment.
  package func slope(at position: Double) -> Double {
    positions.count > 1 ? slope(of: segment(at: position)) : 0
  }

  private func segment(at position: Double) -> Int {
    var (low, high) = (0, positions.count - 2)
    while low < high {
      let middle = (low + high + 1) / 2
      if positions[middle] <= position { low = middle } else { high = middle - 1 }
    }
    return low
  }

  private func slope(of segment: Int) -> Double {
    let width = positions[segment + 1] - positions[segment]
    return width > 0 ? (values[segment + 1] - values[segment]) / width : 0
  }
}

extension Hydro {
  /// Level in m by volume in hm³.
  package var levelCurve: LinearCurve { LinearCurve(geometry.map { ($0.volume, $0.height) }) }
  /// Area in km² by volume in hm³.
  package var areaCurve: LinearCurve { LinearCurve(geometry.map { ($0.volume, $0.area) }) }
}
