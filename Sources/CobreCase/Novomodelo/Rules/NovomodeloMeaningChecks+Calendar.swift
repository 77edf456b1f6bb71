/// What Novomodelo refuses about stages of one season, and about water that travels to plants which are not there yet.
extension NovomodeloMeaningChecks {
  /// Days by which the stages of a season may differ there.
  private static let seasonTolerance = 7

  /// Rule 611: a season is one length of time for the inflow model, so that a week and a month have seasons of their
  /// own.
  mutating func checkSeasonLengths() {
    var known: [Int: (shortest: Int, longest: Int)] = [:]
    for stage in study.timeline {
      guard let season = study.stages[stage].seasonID else { continue }
      let days = study.stages[stage].days
      let before = known[season] ?? (stage, stage)
      let shortest = days < study.stages[before.shortest].days ? stage : before.shortest
      let longest = days > study.stages[before.longest].days ? stage : before.longest
      known[season] = (shortest, longest)
    }
    for (season, ends) in known.sorted(by: { $0.key < $1.key }) {
      let (short, long) = (study.stages[ends.shortest], study.stages[ends.longest])
      guard long.days - short.days > Self.seasonTolerance else { continue }
      let place = context.stages.index[long.declaredID ?? long.id] ?? 0
      report(
        611, .stages, context.stages.path(place, "season_id"), entity: context.stages.entity(place),
        value: String(season),
        "Season \(season) has stages of \(short.days) and of \(long.days) days. They may differ by "
          + "\(Self.seasonTolerance) days.", "Give the shorter or the longer stages seasons of their own.")
    }
  }

  /// Rule 621: there the balance of a plant that is still to come cannot take water that was released before.
  ///
  /// Refused as soon as the plant is not in service at the first stage, whenever the water would arrive.
  mutating func checkArrivals() {
    for (index, hydro) in study.hydros.enumerated() where hydro.travels {
      guard let travel = hydro.travelTime, let below = hydro.downstream, (study.hydros[below].service.entry ?? 0) > 0
      else { continue }
      report(
        621, .hydros, hydros.path(index, "travel_time_hours"), entity: hydros.entity(index), value: String(travel),
        "Water that travels goes to plant \(study.hydros[below].id), which enters service after the study has begun.",
        "Leave the travel time out, or let the plant below be in service from the first stage on.")
    }
  }
}
