internal import CobreBase
internal import Foundation

extension NovomodeloMeaningChecks {
  /// Rules 403 to 406, and 628 and 634 on supplied coefficients.
  mutating func checkStatistics() {
    checkSources()
    // Plants whose statistics come from the history need no rows of statistics.
    // Without coefficients a plant that is not there needs no row: its inflow is 0 then, as in Novomodelo.
    let isBare = context.table(.inflowARCoefficients) == nil && context.table(.inflowHistory) == nil
    checkCovered(.inflowSeasonalStats, 403, "hydro_id", .hydro) { study, stage, hydro in
      !isBare || study.exists(stage: stage, hydro: hydro)
    }
    checkCovered(.loadSeasonalStats, 404, "bus_id", .bus) { _, _, _ in true }
    if context.table(.loadSeasonalStats) == nil, study.configuration.training.scenarioSource.load != .external {
      report(405, .loadSeasonalStats, "", "There is no load file: the load is 0.")
    }
    if let table = context.table(.inflowAnnualComponent), table.rowCount > 0, let cycle = study.seasons?.cycle,
      cycle != .monthly
    {
      report(
        634, .inflowAnnualComponent, "", value: cycle.rawValue,
        "The annual component is the mean of twelve months, but the seasons are not those of a monthly cycle.",
        "Set season_definitions.cycle_type to monthly, or remove the table.")
    }
    guard let table = context.table(.inflowARCoefficients) else { return }
    if context.table(.inflowSeasonalStats) == nil, context.table(.inflowHistory) == nil {
      report(
        110, .inflowARCoefficients, "",
        "The table is ignored: there is neither inflow_seasonal_stats nor inflow_history.",
        "Add \(NovomodeloFile.inflowSeasonalStats.path).")
    }
    guard study.inflowModelSource == .given else { return }
    checkLags(table)
    let coefficients = table.numbers("coefficient")
    for row in context.rows(.inflowARCoefficients, "hydro_id", .hydro)
    where coefficients[row.row] != 0 && study.inflowStatistics(stage: row.stage, hydro: row.entity).deviation == 0 {
      report(
        628, .inflowARCoefficients, table.place(row.row), entity: hydros.entity(row.entity),
        "Hydro \(hydros.ids[row.entity]) has coefficients at stage \(context.stages.ids[row.stage]) where std_m3s is 0.",
        "Remove the rows, or give a deviation.")
    }
  }

  /// Rule 112 on lags, 307 on periods before the study that are not declared, and 626 on lags that leave out one.
  private mutating func checkLags(_ table: Table) {
    let (ids, stages, lags) = (table.integers("hydro_id"), table.integers("stage_id"), table.integers("lag"))
    let early = Set(context.root(.stages)["pre_study_stages"].elements.map { $0["id"].int })
    var given: [[Int]: (first: Int, largest: Int, count: Int)] = [:]
    for row in 0..<table.rowCount {
      if lags[row] > MeaningChecks.largestOrder {
        report(
          112, .inflowARCoefficients, table.place(row, "lag"), entity: hydros.entity(id: ids[row]),
          value: String(lags[row]), "Lags reach back \(MeaningChecks.largestOrder) periods at most.",
          "Correct the lag, or remove the row.")
      }
      if stages[row] < 0, !early.contains(stages[row]) {
        report(
          307, .inflowARCoefficients, table.place(row, "stage_id"), entity: hydros.entity(id: ids[row]),
          value: String(stages[row]), "No pre-study stage has the id \(stages[row]), so that the row has no season.",
          "Declare the period in pre_study_stages, or remove the row.")
      }
      let known = given[[ids[row], stages[row]]] ?? (row, 0, 0)
      given[[ids[row], stages[row]]] = (known.first, max(known.largest, lags[row]), known.count + 1)
    }
    for (_, lag) in given.sorted(by: { $0.value.first < $1.value.first }) where lag.largest > lag.count {
      report(
        626, .inflowARCoefficients, table.place(lag.first, "lag"), entity: hydros.entity(id: ids[lag.first]),
        value: String(lag.largest),
        "Some lag up to \(lag.largest) has no row. Novomodelo takes the coefficients as those of lags 1 to \(lag.count); "
          + "Cobre takes each for its own lag.", "Give a row with coefficient 0 for each lag that is left out.")
    }
  }

  /// Rule 625 on sources whose statistics leave out stages.
  private mutating func checkSources() {
    let registry = context.registry(.nonControllableSource)
    var given: [Int: Set<Int>] = [:]
    for row in context.rows(.nonControllableStats, "ncs_id", .nonControllableSource) {
      given[row.entity, default: []].insert(row.stage)
    }
    for (source, stages) in given.sorted(by: { $0.key < $1.key }) {
      guard let stage = study.stages.indices.first(where: { !stages.contains($0) }) else { continue }
      report(
        625, .nonControllableStats, "", entity: registry.entity(source), value: "stage \(context.stages.ids[stage])",
        "Source \(registry.ids[source]) has statistics, but not at stage \(context.stages.ids[stage]): it gives nothing "
          + "there, whatever its capacity and ncs_bounds say.", "Give a row for every stage.")
    }
  }

  /// Whether every element has a row at every stage.
  ///
  /// A missing row is an error where `isNeeded`, else it counts as 0, with a warning.
  private mutating func checkCovered(
    _ file: NovomodeloFile, _ code: Int, _ key: String, _ kind: EntityKind, isNeeded: (StudyCase, Int, Int) -> Bool
  ) {
    guard let table = context.table(file), table.rowCount > 0 else { return }
    let registry = context.registry(kind)
    var given = [Bool](repeating: false, count: registry.count * study.stages.count)
    for row in context.rows(file, key, kind) { given[row.stage * registry.count + row.entity] = true }
    for entity in 0..<registry.count {
      let missing = study.stages.indices.filter { !given[$0 * registry.count + entity] }
      let needed = missing.first { isNeeded(study, $0, entity) }
      guard let stage = needed ?? missing.first else { continue }
      report(
        code, severity: needed == nil ? .warning : nil, file, "", entity: registry.entity(entity),
        value: "stage \(context.stages.ids[stage])",
        "There is no row for \(kind.words) \(registry.ids[entity]) at stage \(context.stages.ids[stage])"
          + (needed == nil ? ", where it is out of service: the value is 0." : "."),
        "Give a row for every \(kind.words) and stage.")
    }
  }

  /// Rules 410 and 411.
  mutating func checkExternals() {
    let classes: [(NoiseClass, NovomodeloFile, String, ScenarioTable?)] = [
      (.inflow, .externalInflows, "hydro_id", study.externalInflows),
      (.load, .externalLoads, "bus_id", study.externalLoads),
      (.ncs, .externalAvailabilities, "ncs_id", study.externalAvailabilities),
    ]
    let sources = [study.configuration.training.scenarioSource, study.configuration.simulation.scenarioSource]
    for (noiseClass, file, key, built) in classes {
      let isUsed = sources.contains { $0.scheme(noiseClass) == .external }
      let registry = context.registry(noiseClass.registry)
      guard let table = context.table(file) else {
        if isUsed, registry.count > 0 {
          report(
            410, file, "", "The scheme of \(noiseClass.rawValue) is external, but \(file.path) is missing.", "Add it.")
        }
        continue
      }
      guard isUsed else {
        report(627, file, "", "The table is not used: no scheme of \(noiseClass.rawValue) is external.")
        continue
      }
      checkComplete(table, file, "scenario_id", key, registry, built)
    }
  }

  /// Every stage has the scenarios 0…n−1, each with every entity.
  private mutating func checkComplete(
    _ table: Table, _ file: NovomodeloFile, _ index: String, _ key: String, _ registry: Registry,
    _ built: ScenarioTable?
  ) {
    guard let built else {
      report(411, file, "", "The numbers in \(index) have gaps.", "Number the scenarios of each stage 0…n−1.")
      return
    }
    var rows = [Int](repeating: 0, count: study.stages.count)
    for row in context.rows(file, key, registry.kind) { rows[row.stage] += 1 }
    for stage in study.stages.indices where rows[stage] == 0 || rows[stage] != built.count(stage) * registry.count {
      report(
        411, file, "", entity: context.stages.entity(stage), value: "\(rows[stage]) rows",
        rows[stage] == 0
          ? "Stage \(context.stages.ids[stage]) has no scenario."
          : "Stage \(context.stages.ids[stage]) has \(built.count(stage)) scenarios of \(registry.count) elements, but "
            + "\(rows[stage]) rows.", "Give every element in every scenario of every stage.")
    }
  }

  /// Rules 409, 424 and 627 on given openings.
  mutating func checkOpenings() {
    let isRead = NovomodeloBuilder(context: context).readsOpenings
    for (index, stage) in study.stages.enumerated() where stage.samplingMethod == .selective && !isRead {
      report(
        424, .stages, context.stages.path(index, "sampling_method"), entity: context.stages.entity(index),
        value: "selective", "Selective openings need a file of openings.",
        "Set training.scenario_source.openings to { \"source\": \"file\" } and give noise_openings.parquet.")
    }
    guard let table = context.table(.noiseOpenings) else { return }
    guard isRead else {
      report(
        627, .noiseOpenings, "", "The table is not used: openings are generated.",
        "Set training.scenario_source.openings to { \"source\": \"file\" } to use it.")
      return
    }
    let dimension = NovomodeloBuilder(context: context).noiseComponents(study).count
    let entities = table.integers("entity_index")
    if let row = entities.firstIndex(where: { $0 >= dimension }) {
      report(
        409, .noiseOpenings, table.place(row, "entity_index"), value: String(entities[row]),
        "The noise of this case has \(dimension) components.", "Components are 0…\(dimension - 1).")
    }
    let stages = table.integers("stage_id")
    var rows = [Int](repeating: 0, count: study.stages.count)
    for id in stages { if let stage = context.stages.index[id] { rows[stage] += 1 } }
    for (stage, value) in study.stages.enumerated() {
      let wanted = context.stages.nodes[stage]["num_openings"].int * dimension
      guard rows[stage] != wanted || study.noiseOpenings?.count(stage) != value.openings else { continue }
      report(
        409, .noiseOpenings, "", entity: context.stages.entity(stage), value: "\(rows[stage]) rows",
        "Stage \(context.stages.ids[stage]) has \(value.openings) openings of \(dimension) components, but \(rows[stage]) "
          + "rows.", "Give every component of openings 0…num_openings−1.")
    }
  }

  /// Rules 412, 413, 535 and 207 on correlation.
  mutating func checkCorrelation() {
    let root = context.root(.correlation)
    guard let profiles = root["profiles"].value?.object else { return }
    if profiles.count > 1, !profiles.contains("default") {
      report(
        413, .correlation, "profiles", "Several profiles need one named default.", "Name the usual one \"default\".")
    }
    for (name, profile) in profiles.members {
      var seen: [Int: String] = [:]
      for (position, group) in Node(profile)["correlation_groups"].elements.enumerated() {
        let place = "profiles.\(name.printable(limit: 40)).correlation_groups[\(position)]"
        checkMatrix(group, place)
        for entity in group["entities"].elements {
          if let earlier = seen[entity["id"].int] {
            report(
              207, .correlation, "\(place).entities", value: String(entity["id"].int),
              "The id \(entity["id"].int) stands in \(earlier) already; ids are compared without their type.",
              "Put each id into one group only.")
          }
          seen[entity["id"].int] = place
        }
      }
    }
  }

  private mutating func checkMatrix(_ group: Node, _ place: String) {
    let entities = group["entities"].elements
    let rows = group["matrix"].elements.map(\.numbers)
    if Set(entities.map { $0["type"].text }).count > 1 {
      report(535, .correlation, "\(place).entities", "A group holds series of one type.", "Split the group.")
    }
    guard rows.count == entities.count, rows.allSatisfy({ $0.count == entities.count }) else {
      report(
        412, .correlation, "\(place).matrix", value: "\(rows.count) rows",
        "The matrix must have \(entities.count) rows and columns, one per entity.", "Complete the matrix.")
      return
    }
    for row in rows.indices {
      for column in rows.indices {
        let value = rows[row][column]
        let isWrong =
          row == column ? abs(value - 1) > 1e-10 : abs(value) > 1 || abs(value - rows[column][row]) > 1e-10
        guard isWrong else { continue }
        report(
          535, .correlation, "\(place).matrix[\(row)][\(column)]", value: String(value),
          "A correlation matrix is symmetric, with 1 on its diagonal and values in [−1, 1].", "Correct the value.")
        return
      }
    }
  }

  /// Whether a stage before the study has statistics, but lacks coefficients or an annual component that a stage of the
  /// study in the same season has.
  private var hasBareSeasons: Bool {
    guard study.inflowModelSource == .given, let seasons = study.seasons else { return false }
    // Coefficients and annual components alike: what a season has in the study it needs in its row before the study.
    let models = [
      Set(study.autoregressiveCoefficients.map { [$0.hydro, $0.stageID] }),
      Set(study.annualComponents.map { [$0.hydro, $0.stageID] }),
    ]
    let modelledSeasons = models.map { known in
      Set(
        known.compactMap { row -> [Int]? in
          guard study.stages.indices.contains(row[1]) else { return nil }
          return seasons.onlySeason(of: study.stages[row[1]].start).map { [row[0], $0] }
        })
    }
    let starts = Dictionary(study.preStudyStages.map { ($0.id, $0.start) }) { first, _ in first }
    return study.preStudyStatistics.contains { row in
      guard let start = starts[row.stageID], let season = seasons.onlySeason(of: start) else { return false }
      return zip(models, modelledSeasons).contains { known, modelled in
        modelled.contains([row.hydro, season]) && !known.contains([row.hydro, row.stageID])
      }
    }
  }

  /// Whether a source with external values has block factors, but no statistics.
  private var hasBareFactors: Bool {
    let sources = [study.configuration.training.scenarioSource, study.configuration.simulation.scenarioSource]
    guard sources.contains(where: { $0.ncs == .external }) else { return false }
    let known = Set(context.table(.nonControllableStats)?.integers("ncs_id") ?? [])
    return context.root(.nonControllableFactors)["non_controllable_factors"].elements.contains { node in
      !known.contains(node["ncs_id"].int) && node["block_factors"].elements.contains { $0["factor"].number != 1 }
    }
  }

  /// Rules 625 and 626: what a user of our own format would not expect, and where Novomodelo would answer differently.
  mutating func checkConventions() {
    func tell(_ code: Int, _ isMet: Bool, _ file: NovomodeloFile, _ place: String, _ message: String) {
      if isMet { report(code, file, place, message) }
    }
    tell(
      625, study.lines.contains { $0.lossesPercent > 0 }, .lines, "lines",
      "Losses of lines are reported only; all of the flow arrives.")
    tell(
      625, study.hydros.contains { $0.diversion != nil && $0.limits.minOutflow > 0 }, .hydros, "hydros",
      "Diverted water does not count in the limits of the outflow.")
    tell(
      625, study.hydroCosts.contains { $0.fphaTurbined > 0 } && study.productionModels.contains { $0.kind != .fpha },
      .penalties, "hydro.turbined_cost", "The turbined cost is charged on every plant, not only on those with planes.")
    tell(
      625, !study.sources.isEmpty, .nonControllableSources, "non_controllable_sources",
      "The cost of curtailment counts as a reward of generation, so that the total cost may be below 0.")
    let blockRow = context.rows(.ncsBounds, "ncs_id", .nonControllableSource).contains {
      $0.block != nil && context.blocks($0.stage) > 1
    }
    tell(
      626, blockRow, .ncsBounds, "block_id",
      "Novomodelo applies the last row of a source and stage to all blocks, whatever block it names; Cobre applies each row "
        + "to its block.")
    tell(
      626, hasBareFactors, .nonControllableFactors, "non_controllable_factors",
      "Novomodelo passes over the block factors of a source that has external values and no row of statistics; Cobre "
        + "applies them.")
    // Water cannot be followed downstream in a circle.
    let isCircular = collector.findings.contains { $0.code == 501 }
    let arrivals = isCircular ? [] : TransitPlan(study: study).past
    let last = study.timeline.count - 1
    tell(
      626, arrivals.contains { $0.indices.contains(last) && $0[last] > 0 }, .initialConditions, "past_defluences",
      "Water released before the study arrives in its last stage, where Novomodelo loses it; in Cobre it arrives.")
    let hasHardWithdrawal = study.stages.indices.contains { stage in
      study.hydros.indices.contains {
        !study.isPresent(stage: stage, hydro: $0) && study.limits(stage: stage, hydro: $0).withdrawal > 0
      }
    }
    tell(
      626, hasHardWithdrawal, .hydroBounds, "water_withdrawal_m3s",
      "A plant out of service has a withdrawal. Novomodelo must meet it or finds no solution; in Cobre it may be missed at its "
        + "price.")
    tell(
      626, hasBareSeasons, .inflowSeasonalStats, "stage_id",
      "A stage before the study has statistics and the season of a stage of the study, but not its coefficients or annual "
        + "component. Novomodelo then derives the residual's deviation from the earlier stage; Cobre derives it from the "
        + "stage of the study.")
    let hasRevenue =
      study.contractLimits.contains { $0.price < 0 && $0.maxPower > 0 } || !study.sources.isEmpty
    tell(
      626, hasRevenue, .stages, "stages",
      "Costs may be negative here. Novomodelo keeps its future cost at 0 or above, so that its lower bound can lie above the "
        + "optimum; Cobre bounds it by what the case can earn.")
    var hasLags = !study.autoregressiveCoefficients.isEmpty || !study.annualComponents.isEmpty
    if case .estimated(_, true) = study.inflowModelSource { hasLags = study.configuration.estimation.maxOrder > 0 }
    let sharesSeasons = zip(study.stages, study.stages.dropFirst()).contains { earlier, later in
      let days = CalendarDate.days(from: earlier.start, to: earlier.end)
      return earlier.seasonID != nil && earlier.seasonID == later.seasonID
        || 2 * CalendarDate.days(from: later.start, to: later.end) > 3 * days
    }
    tell(
      626, hasLags && sharesSeasons, .stages, "stages",
      "Several stages share a season, or seasons change their length. The cuts of Novomodelo then count every stage as a "
        + "lag, its simulation does not; Cobre counts seasons in both.")
    tell(
      626, hasLags && study.stages.dropFirst().contains { !$0.inflowLags }, .stages, "stages",
      "Stages without state_variables.inflow_lags get cuts without slopes in past inflows from Novomodelo, which then are "
        + "no bound; Cobre always includes the slopes.")
    let leavesOutStorage = context.root(.stages)["stages"].elements.dropFirst().contains {
      let storage = $0["state_variables"]["storage"]
      return storage.exists && !storage.bool
    }
    tell(
      626, leavesOutStorage, .stages, "stages",
      "Stages with state_variables.storage false get cuts without slopes in storages from Novomodelo, which then are no "
        + "bound; Cobre always includes the slopes.")
  }
}
