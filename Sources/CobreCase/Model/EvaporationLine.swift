/// Evaporated flow as a linear function of the mean volume: constant + slope · volume.
package struct EvaporationLine: Sendable, Equatable {
  /// k0 in m³/s.
  package var constant: Double
  /// k_v in m³/s per hm³.
  package var slope: Double

  /// Whether nothing evaporates at any volume.
  package var isZero: Bool { constant == 0 && slope == 0 }

  /// Whether it is rain, of which a larger surface catches more.
  package var isRain: Bool { slope < 0 || (slope == 0 && constant < 0) }

  /// Flow in m³/s at a volume in hm³.
  package func flow(at volume: Double) -> Double { constant + slope * volume }
}

extension StudyCase {
  /// Evaporation of a plant in a stage, linear around the reference volume of the month, or nil if it has none.
  ///
  /// 1 mm on 1 km² is 10⁻³ hm³, and 1 hm³ during H hours is 1/(0.0036·H) m³/s: hence the divisor 3.6·H. Depending on
  /// the convention of the case, H are the hours of the stage, which takes its share of the depth by days, or the hours
  /// of the calendar month.
  package func evaporation(stage: Int, hydro: Int) -> EvaporationLine? {
    let plant = hydros[hydro]
    let start = stages[stage].start
    let month: Int?
    let hours: Double
    var share = 1.0
    switch conventions.evaporationRule {
    case .monthShare:
      month = stages[stage].seasonID
      hours = stages[stage].hours
      share = monthShare(stage: stage)
    case .calendarMonth:
      month = start.month - 1
      hours = 24 * Double(CalendarDate.daysInMonth(start.month, year: start.year))
    }
    guard let data = plant.evaporation, let month, data.coefficients.indices.contains(month) else {
      return nil
    }
    let reference = evaporationReference(hydro, month: month).volume
    let area = plant.areaCurve
    let scale = share * data.coefficients[month] / (3.6 * hours)
    let slope = scale * area.slope(at: reference)
    return EvaporationLine(constant: scale * area.value(at: reference) - slope * reference, slope: slope)
  }

  /// The volume in hm³ about which the evaporation of a plant in a stage is linear, and whether the case gives it.
  ///
  /// Nil if the plant has no evaporation.
  package func evaporationReference(stage: Int, hydro: Int) -> (volume: Double, isGiven: Bool)? {
    let month = conventions.evaporationRule == .monthShare ? stages[stage].seasonID : stages[stage].start.month - 1
    guard let month, hydros[hydro].evaporation != nil else { return nil }
    return evaporationReference(hydro, month: month)
  }

  private func evaporationReference(_ hydro: Int, month: Int) -> (volume: Double, isGiven: Bool) {
    let plant = hydros[hydro]
    let given = plant.evaporation?.referenceVolumes ?? []
    guard !given.indices.contains(month) else { return (given[month], true) }
    return ((plant.limits.minStorage + plant.limits.maxStorage) / 2, false)
  }

  /// The part of a calendar month's depth that falls on a stage, by days: 1 for a whole month.
  ///
  /// The month is given by the season id if the stage has days in it, else it is the month with most of its days.
  package func monthShare(stage: Int) -> Double {
    let (start, finish) = (stages[stage].start, stages[stage].end)
    let named = stages[stage].seasonID ?? -1
    var best: (days: Int, length: Int, isNamed: Bool) = (0, 1, false)
    var date = start
    while date < finish {
      let length = CalendarDate.daysInMonth(date.month, year: date.year)
      let end = min(CalendarDate(dayNumber: date.dayNumber - date.day + 1 + length), finish)
      let found = (
        days: CalendarDate.days(from: date, to: end), length: length, isNamed: date.month - 1 == named
      )
      if (found.isNamed && !best.isNamed) || (found.isNamed == best.isNamed && found.days > best.days) { best = found }
      date = end
    }
    return Double(CalendarDate.days(from: start, to: finish)) / Double(best.length)
  }
}
