/// Lags of a given inflow model whose own period has no usable statistics, so that their effect is not what the rows of
/// the case say at first sight.
struct LagGaps: Equatable {
  /// One lag, by indices of plant and stage, with the number of others of its kind.
  struct Place: Equatable {
    var hydro: Int
    var stage: Int
    var lag: Int
    var others = 0
  }

  /// A coefficient without effect: nothing is known of its period, or the deviation of that is 0.
  private(set) var dropped: Place?
  /// Statistics are made of those of shorter periods.
  private(set) var parts: Place?
  /// The annual component counts a mean of 0.
  private(set) var annual: Place?

  /// A model that is fitted to a history knows every season.
  init(study: StudyCase) {
    guard study.inflowModelSource == .given, !study.stages.isEmpty else { return }
    let lookup = LagStatistics(
      study: study, tables: InflowTables(study: study), calendar: LagCalendar(study: study))
    for stage in study.stages.indices {
      for hydro in study.hydros.indices where (lookup.own(stage: stage, hydro: hydro)?.deviation ?? 0) > 0 {
        for row in lookup.coefficients(stage: stage, hydro: hydro) where row.coefficient != 0 {
          let before = lookup.before(stage: stage, lag: row.lag, hydro: hydro)
          let place = Place(hydro: hydro, stage: stage, lag: row.lag)
          if before.statistics.deviation == 0 {
            Self.count(place, in: &dropped)
          } else if before.source == .parts {
            Self.count(place, in: &parts)
          }
        }
        guard let component = lookup.annualComponent(stage: stage, hydro: hydro), component.coefficient != 0 else {
          continue
        }
        for lag in 1...12 where lookup.before(stage: stage, lag: lag, hydro: hydro).source == .nothing {
          Self.count(Place(hydro: hydro, stage: stage, lag: lag), in: &annual)
        }
      }
    }
  }

  private static func count(_ place: Place, in known: inout Place?) {
    if known == nil { known = place } else { known?.others += 1 }
  }

  /// Each kind that there is, with the first place and what it means.
  func messages(_ study: StudyCase) -> [(place: Place, message: String, isAnnual: Bool)] {
    func name(_ place: Place) -> String {
      let stage = study.stages[place.stage]
      return "Lag \(place.lag) of the inflow of hydro \(study.hydros[place.hydro].id) at stage "
        + "\(stage.declaredID ?? stage.id)" + (place.others > 0 ? " (and \(place.others) more)" : "")
    }
    var result: [(place: Place, message: String, isAnnual: Bool)] = []
    if let dropped {
      result.append(
        (
          dropped,
          name(dropped) + " has no statistics of its period, or their deviation is 0: its coefficient has no effect.",
          false
        ))
    }
    if let parts {
      result.append(
        (
          parts,
          name(parts)
            + " is a period without statistics: its mean is taken from the shorter periods in it, its deviation "
            + "from the last of them.", false
        ))
    }
    if let annual {
      result.append(
        (
          annual,
          name(annual)
            + " has no statistics: its mean counts as 0 in the annual component, so that the inflow lies above "
            + "or below its own mean.", true
        ))
    }
    return result
  }
}
