internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreParquet

/// Tables of what a study leaves to the one after it: past releases whose water is still on its way, and deliveries
/// that were decided.
extension NovomodeloExport {
  /// What plants released before the end of the study within their travel time, ready as `past_defluences` of a later
  /// study.
  ///
  /// A row has the mean over one stage, or one window of the case's own past releases where the travel time is longer
  /// than the study. As there, windows count by their dates and not by the hours of blocks.
  func writeReleases(to directory: borrowing StagedDirectory) throws -> RunExport.File? {
    let senders = study.hydros.indices.filter { study.hydros[$0].travels }
    guard !senders.isEmpty, let last = study.timeline.last else { return nil }
    let end = study.stages[last].end
    /// Whether water that a plant released up to a date is under way at the end.
    func isUnderWay(_ hydro: Int, until date: CalendarDate) -> Bool {
      24 * Double(CalendarDate.days(from: date, to: end)) < study.hydros[hydro].travelTime ?? 0
    }
    let folder = Folder(
      "transit_seed", keys: [], ids: ["hydro_id"], dates: ["start_date", "end_date"], amounts: ["value_m3s"])
    return try write(["turbined", "spilled"], into: folder, to: directory) { folder, stage, isFirst in
      func append(_ hydro: Int, _ start: CalendarDate, _ end: CalendarDate, _ flow: Double) {
        folder.append([
          Double(study.hydros[hydro].id), Double(start.dayNumber), Double(end.dayNumber), flow,
        ])
      }
      if isFirst {
        for release in study.initialConditions.pastReleases
        where senders.contains(release.hydro) && isUnderWay(release.hydro, until: release.end) {
          append(release.hydro, release.start, release.end, release.flow)
        }
      }
      let period = study.stages[stage.stage]
      for hydro in senders where isUnderWay(hydro, until: period.end) {
        var flow = 0.0
        for row in stage.rows where row.entity == hydro {
          flow += (row.figures[0] + row.figures[1]) * (row.block.map { period.blocks[$0].hours / period.hours } ?? 1)
        }
        append(hydro, period.start, period.end, flow)
      }
    }
  }

  /// What each stage decided for the time after the study, by the month in which the delivery begins.
  func writeDeliveries(to directory: borrowing StagedDirectory) throws -> RunExport.File? {
    let horizon = study.timeline.count
    /// Deliveries of each plant that each time position decides, in their order.
    let decided = study.thermals.indices.map { thermal in
      (0..<horizon).map { position in
        commitments.deciders[thermal].indices.filter {
          commitments.decides(thermal: thermal, delivery: $0, at: position)
        }
      }
    }
    let isThere = decided.contains { $0.contains { $0.contains { $0 >= horizon } } }
    let most = decided.joined().map(\.count).max() ?? 0
    guard isThere else { return nil }
    let names = most > 1 ? (1...most).map { SimulationQuantity.decision($0) } : ["decision"]
    let folder = Folder(
      "anticipated_lanes", keys: Array(Self.keys(nil).dropLast()), ids: ["thermal_id", "delivery_date"],
      amounts: ["deposited_decision_mw", "carried_committed_mw"])
    return try write(names, of: .thermal, into: folder, to: directory) { folder, stage, _ in
      let position = study.position(of: stage.stage)
      for row in stage.rows {
        for (number, delivery) in decided[row.entity][position].enumerated() where delivery >= horizon {
          let start = study.postStudyStages[delivery - horizon].start
          folder.append(
            keys(of: stage.stage, block: nil).dropLast() + [
              Double(study.thermals[row.entity].id), Double(start.year * 10_000 + start.month * 100 + 1),
              row.figures[number], row.figures[number],
            ])
        }
      }
    }
  }
}
