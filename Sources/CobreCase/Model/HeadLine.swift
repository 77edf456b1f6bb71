/// How the productivity of a plant with linearized head follows its volume: reference · (constant + slope · volume).
package struct HeadLine: Sendable, Equatable {
  /// Productivity at the reference volume, in MW/(m³/s).
  package var reference: Double
  package var constant: Double
  /// Per hm³.
  package var slope: Double
  /// Volumes in hm³ beyond which the productivity is constant.
  package var volumes: ClosedRange<Double>

  /// Productivity in MW/(m³/s) at a volume in hm³, never negative.
  package func productivity(at volume: Double) -> Double {
    let inside = min(max(volume, volumes.lowerBound), volumes.upperBound)
    return reference * max(0, constant + slope * inside)
  }
}

extension StudyCase {
  /// The head correction of a plant in a stage, or nil if the model is another, or the plant has no level curve.
  ///
  /// The line is the tangent of the level curve at 65 % of the useful storage, relative to the level there.
  package func headLine(stage: Int, hydro: Int) -> HeadLine? {
    let model = production(stage: stage, hydro: hydro)
    let plant = hydros[hydro]
    guard model.kind == .linearizedHead, plant.geometry.count > 1 else { return nil }
    let (low, high) = (plant.limits.minStorage, plant.limits.maxStorage)
    let volume = low + 0.65 * (high - low)
    let curve = plant.levelCurve
    let level = curve.value(at: volume)
    guard level > 0, low <= high else { return nil }
    let slope = curve.slope(at: volume) / level
    return HeadLine(
      reference: model.productivity, constant: 1 - slope * volume, slope: slope, volumes: low...high)
  }
}
