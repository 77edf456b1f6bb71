/// Evaporated flow as a linear function of the mean volume: constant + slope · volume.
package struct EvaporationLine: Sendable, Equatable {
  /// k0 in m³/s.
  package var constant: Double
  /// k_v in m³/s per hm³.
  package var slope: Double

  /// Whether nothing evaporates at any volume.
  package var isZero: Bool { constant == 0 && slope == 0 }

  /// Flow in m³/s at a volume in hm³.
  package func flow(at volume: Double) -> Double { constant + slope * volume }
}

extension StudyCase {
  /// Evaporation of a plant in a stage, linear around the reference volume of the month; nil where it has none.
  ///
  /// 1 mm on 1 km² is 10⁻³ hm³, and 1 hm³ during H hours is 1/(0.0036·H) m³/s: hence the divisor 3.6·H. By the rule of
  /// the case H are the hours of the stage, which then takes the whole depth of the month whatever its length, or those
  /// of the calendar month.
  package func evaporation(stage: Int, hydro: Int) -> EvaporationLine? {
    let plant = hydros[hydro]
    let start = stages[stage].start
    let month: Int?
    let hours: Double
    switch conventions.evaporationRule {
    case .stageDepth:
      month = stages[stage].seasonID
      hours = stages[stage].hours
    case .calendarMonth:
      month = start.month - 1
      hours = 24 * Double(CalendarDate.daysInMonth(start.month, year: start.year))
    }
    guard let data = plant.evaporation, let month, data.coefficients.indices.contains(month) else {
      return nil
    }
    let middle = (plant.limits.minStorage + plant.limits.maxStorage) / 2
    let references = data.referenceVolumes ?? []
    let reference = references.indices.contains(month) ? references[month] : middle
    let area = plant.areaCurve
    let scale = data.coefficients[month] / (3.6 * hours)
    let slope = scale * area.slope(at: reference)
    return EvaporationLine(constant: scale * area.value(at: reference) - slope * reference, slope: slope)
  }
}
