/// A piece of a tailrace curve: a polynomial between two outflows.
package struct TailraceSegment: Sendable, Equatable {
  package var id: Int
  /// Outflow in m³/s where the segment begins.
  package var from: Double
  /// Outflow in m³/s at its end.
  package var to: Double
  /// Level in m, ascending powers of the outflow in m³/s.
  package var coefficients: [Double]

  package init(id: Int, from: Double, to: Double, coefficients: [Double]) {
    self.id = id
    self.from = from
    self.to = to
    self.coefficients = coefficients
  }

  func level(at outflow: Double) -> Double { coefficients.reversed().reduce(0) { $0 * outflow + $1 } }
}

/// A tailrace curve of a plant for one level of the reservoir below it.
package struct TailraceFamily: Sendable, Equatable {
  package var id: Int
  /// Level of the reservoir below in m, or nil if the plant has one family.
  package var level: Double?
  /// By id.
  ///
  /// Each begins where the one before ends.
  package var segments: [TailraceSegment]

  package init(id: Int, level: Double?, segments: [TailraceSegment]) {
    self.id = id
    self.level = level
    self.segments = segments.sorted { $0.id < $1.id }
  }

  /// Level in m.
  ///
  /// Outflows outside the segments count as the nearest end. At the point where two segments meet, the later one
  /// counts.
  package func level(at outflow: Double) -> Double {
    let (segment, place) = locate(outflow)
    return segment?.level(at: place) ?? 0
  }

  /// Slope in m per m³/s; 0 outside the segments.
  package func slope(at outflow: Double) -> Double {
    let (segment, place) = locate(outflow)
    guard let segment, place == outflow else { return 0 }
    let coefficients = segment.coefficients
    return coefficients.indices.dropFirst().reversed().reduce(0) { $0 * outflow + Double($1) * coefficients[$1] }
  }

  private func locate(_ outflow: Double) -> (TailraceSegment?, Double) {
    guard let first = segments.first, let last = segments.last else { return (nil, outflow) }
    let place = min(max(outflow, first.from), last.to)
    return (segments.last { $0.from <= place } ?? first, place)
  }

  /// Messages on what is wrong with the families of a plant, empty if they can be used.
  package static func problems(_ families: [TailraceFamily]) -> [String] {
    var problems: [String] = []
    for family in families {
      if families.count > 1, family.level == nil {
        problems.append("Family \(family.id) has no downstream_reference_level_m, which tells several families apart.")
      }
      for segment in family.segments where !(segment.from < segment.to) {
        problems.append(
          "Segment \(segment.id) of family \(family.id) ends at \(segment.to) m³/s, not after \(segment.from).")
      }
      for (left, right) in zip(family.segments, family.segments.dropFirst()) {
        if abs(left.to - right.from) > 1e-6 {
          problems.append(
            "Segment \(right.id) of family \(family.id) begins at \(right.from) m³/s, but the one before ends at "
              + "\(left.to).")
          continue
        }
        let (end, start) = (left.level(at: left.to), right.level(at: right.from))
        if abs(end - start) > max(1e-3, 1e-4 * abs(end)) {
          problems.append(
            "Family \(family.id) jumps at \(left.to) m³/s from \(end) to \(start) m between segments \(left.id) "
              + "and \(right.id).")
        }
      }
    }
    let levels = families.compactMap(\.level)
    if Set(levels).count < levels.count { problems.append("Two families have the same downstream_reference_level_m.") }
    return problems
  }
}
