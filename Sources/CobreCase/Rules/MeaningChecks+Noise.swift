internal import CobreBase

extension MeaningChecks {
  /// Largest correlation matrix whose distance is found while reading.
  ///
  /// Larger ones take too long.
  private static let largestMatrix = 800

  /// Rules 535 and 536.
  mutating func checkCorrelation() {
    let root = context.root(.correlation)
    guard let profiles = root["profiles"].value?.object else { return }
    let method = root["method"].text
    if method != "spectral", method != "cholesky" {
      collector.report(
        536, file: .correlation, at: "method", value: method, "The method is not known; \"spectral\" is used.",
        suggestion: "Write \"spectral\".")
    }
    for (name, profile) in profiles.members {
      var members: Set<String> = []
      for (index, group) in Node(profile)["correlation_groups"].elements.enumerated() {
        let path = "profiles.\(name.printable(limit: 40)).correlation_groups[\(index)]"
        checkGroup(group, path)
        let names = group["entities"].elements.map { "\($0["type"].text) \($0["id"].int)" }
        if let twice = names.first(where: { !members.insert($0).inserted }) {
          collector.report(
            535, file: .correlation, at: "\(path).entities", value: twice,
            "The series is listed twice in this profile; groups have no member in common.",
            suggestion: "Name each series in one group, once.")
        }
      }
    }
  }

  private mutating func checkGroup(_ group: Node, _ path: String) {
    let entities = group["entities"].elements
    if let type = entities.first?["type"].text, entities.contains(where: { $0["type"].text != type }) {
      collector.report(
        535, file: .correlation, at: "\(path).entities", "The group mixes classes of series.",
        suggestion: "Make one group per class.")
    }
    let rows = group["matrix"].elements.map(\.numbers)
    guard rows.count == entities.count, rows.allSatisfy({ $0.count == rows.count }) else { return }
    for (i, row) in rows.enumerated() {
      for (j, value) in row.enumerated() {
        let problem: String? =
          if i == j, value != 1 {
            "The diagonal must be 1."
          } else if abs(value) > 1 {
            "Entries must lie in [−1, 1]."
          } else if j < i, abs(value - rows[j][i]) > 1e-10 {
            "The matrix is not symmetric: \(rows[j][i]) on the other side."
          } else {
            nil
          }
        guard let problem else { continue }
        return collector.report(
          535, file: .correlation, at: "\(path).matrix[\(i)][\(j)]", value: String(value), problem)
      }
    }
    checkEigenvalues(rows, "\(path).matrix")
  }

  private mutating func checkEigenvalues(_ rows: [[Double]], _ path: String) {
    var matrix = SquareMatrix(order: rows.count)
    for (i, row) in rows.enumerated() {
      for (j, value) in row.enumerated() { matrix[i, j] = value }
    }
    guard !matrix.isPositiveSemidefinite(tolerance: 1e-8) else { return }
    guard rows.count <= MeaningChecks.largestMatrix else {
      return collector.report(
        536, file: .correlation, at: path, "The matrix has a negative eigenvalue, which is clipped to 0.")
    }
    let eigen = SymmetricEigen(order: rows.count, matrix: rows.flatMap(\.self))
    let negative = eigen.values.filter { $0 < 0 }
    collector.report(
      536, file: .correlation, at: path, value: negative.min().map { String($0) },
      "The matrix has \(negative.count) negative eigenvalue\(negative.count == 1 ? "" : "s"), clipped to 0. The matrix in "
        + "use is \(eigen.distanceToSemidefinite) away (Frobenius norm).",
      suggestion: "Estimate all its entries from the same data, or shrink them towards 0.")
  }

  /// Rule 537.
  mutating func checkProbabilities() {
    for file in [CaseFileName.inflowOpenings, .loadOpenings] {
      guard let table = context.table(file) else { continue }
      checkProbabilities(table)
    }
    guard let inflow = study.inflowOpenings, let load = study.loadOpenings, inflow.firstRow == load.firstRow else {
      return
    }
    let first = OpeningTableView(context.table(.inflowOpenings), context.stages)
    let second = OpeningTableView(context.table(.loadOpenings), context.stages)
    let raw = [CaseFileName.inflowOpenings, .loadOpenings].map { probabilities($0) }
    for stage in study.stages.indices where first.hasProbability(stage) && second.hasProbability(stage) {
      for opening in 0..<inflow.count(stage) {
        guard let a = raw[0][[stage, opening]], let b = raw[1][[stage, opening]], abs(a - b) > 1e-9 else { continue }
        collector.report(
          537, file: .loadOpenings, entity: context.stages.entity(stage), value: String(b),
          "Opening \(opening) of stage \(study.stages[stage].id) has probability \(b) here but \(a) in inflow_openings."
        )
      }
    }
  }

  private func probabilities(_ file: CaseFileName) -> [[Int]: Double] {
    guard let table = context.table(file) else { return [:] }
    let column = NumberColumn(table, "probability")
    let (stages, openings) = (table.integers("stage_id"), table.integers("opening_index"))
    var result: [[Int]: Double] = [:]
    for row in 0..<table.rowCount {
      guard let stage = context.stages.index[stages[row]], let value = column[row] else { continue }
      result[[stage, openings[row]]] = value
    }
    return result
  }

  private mutating func checkProbabilities(_ table: Table) {
    let column = NumberColumn(table, "probability")
    let (stages, openings) = (table.integers("stage_id"), table.integers("opening_index"))
    var first: [[Int]: Double] = [:]
    var all: [Int: Set<Int>] = [:]
    var empty: [(opening: [Int], row: Int)] = []
    for row in 0..<table.rowCount {
      guard let stage = context.stages.index[stages[row]] else { continue }
      all[stage, default: []].insert(openings[row])
      guard let value = column[row] else {
        empty.append(([stage, openings[row]], row))
        continue
      }
      if let earlier = first[[stage, openings[row]]], abs(earlier - value) > 1e-9 {
        collector.report(
          537, file: table.file, at: table.place(row, "probability"), entity: context.stages.entity(stage),
          value: String(value), "The opening has probability \(earlier) in an earlier row.",
          suggestion: "Give the same probability in all rows of an opening.")
      } else {
        first[[stage, openings[row]]] = value
      }
    }
    for (opening, row) in empty {
      guard let value = first[opening] else { continue }
      collector.report(
        537, file: table.file, at: table.place(row, "probability"), entity: context.stages.entity(opening[0]),
        "The field is empty, but another row of the opening has probability \(value).",
        suggestion: "Give the same probability in all rows of an opening.")
    }
    for (stage, known) in all.sorted(by: { $0.key < $1.key }) {
      let given = known.sorted().compactMap { first[[stage, $0]] }
      guard !given.isEmpty else { continue }
      let id = study.stages[stage].id
      let entity = context.stages.entity(stage)
      let sum = given.reduce(0, +)
      if given.count != known.count {
        collector.report(
          537, file: table.file, entity: entity, value: "\(given.count) of \(known.count)",
          "Stage \(id) gives a probability for \(given.count) of its \(known.count) openings.",
          suggestion: "Give it for all openings of a stage, or for none.")
      } else if abs(sum - 1) > 1e-9 {
        collector.report(
          537, file: table.file, entity: entity, value: String(sum),
          "The probabilities of stage \(id) sum to \(sum), not 1.")
      }
    }
  }

  /// Rules 538 and 539: cases with opening tables.
  mutating func checkOpeningCase() {
    guard let openings = study.inflowOpenings ?? study.loadOpenings else { return }
    if let bus = study.noiseBuses.first {
      collector.report(
        538, file: .loadSeasonalStats, entity: context.registry(.bus).entity(bus),
        "With opening tables every deviation must be 0; bus \(study.buses[bus].id) has std_mw > 0.",
        suggestion: "Set std_mw to 0, or give load_openings.csv.")
    }
    if let source = study.noiseSources.first {
      collector.report(
        538, file: .nonControllableStats, entity: context.registry(.nonControllableSource).entity(source),
        "With opening tables every deviation must be 0; source \(study.sources[source].id) has std > 0.",
        suggestion: "Set std to 0.")
    }
    let sections = [
      ("training", study.configuration.training.scenarioSource),
      ("simulation", study.configuration.simulation.scenarioSource),
    ]
    for (section, source) in sections where context.root(.config)[section]["scenario_source"].exists {
      for noiseClass in NoiseClass.allCases
      where source.scheme(noiseClass) != .inSample && source.scheme(noiseClass) != .external {
        collector.report(
          538, file: .config, at: "\(section).scenario_source.\(noiseClass.rawValue).scheme",
          value: source.scheme(noiseClass).rawValue, "With opening tables schemes are in_sample or external.")
      }
    }
    for (index, node) in context.stages.nodes.enumerated() {
      let entity = context.stages.entity(index)
      if openings.count(index) > 0, node["num_scenarios"].int != openings.count(index) {
        collector.report(
          539, file: .stages, at: context.stages.path(index, "num_scenarios"), entity: entity,
          value: String(node["num_scenarios"].int),
          "The opening table gives \(openings.count(index)) openings, which replaces num_scenarios.",
          suggestion: "Set num_scenarios to \(openings.count(index)).")
      }
      if study.stages[index].samplingMethod != .saa {
        collector.report(
          539, file: .stages, at: context.stages.path(index, "sampling_method"), entity: entity,
          value: study.stages[index].samplingMethod.rawValue, "The sampling method has no effect with opening tables.")
      }
    }
    if study.correlation != nil {
      collector.report(539, file: .correlation, "The file has no effect with opening tables.", suggestion: "Remove it.")
    }
  }

  /// Rule 423: the history has windows of all stages, and of the lags of the model before them.
  mutating func checkWindows() {
    let uses = HistoryUse.all(study, context)
    guard !uses.isEmpty, !study.inflowHistory.isEmpty, !collector.hasErrors else { return }
    let years = given.completeYears()
    for use in uses where !years.contains(where: use.years.contains) {
      if let first = years.first, let last = years.last, let path = use.yearsPath {
        collector.report(
          423, file: use.file, at: path, "None of the years asked for starts a complete window.",
          suggestion: "Complete windows start in \(first) … \(last).")
      } else {
        collector.report(
          423, file: use.file, at: use.path,
          "The history has no complete window of all plants over all stages and lags.", suggestion: HistoryUse.advice)
      }
    }
  }

  /// Rules 540 to 542.
  mutating func checkSampleSizes() {
    let training = study.configuration.training
    let isReplayed =
      training.scenarioSource.inflow == .historical
      || study.stages.contains { $0.samplingMethod == .historicalResiduals }
    let past = study.inflowHistory.isEmpty || !isReplayed || collector.hasErrors ? nil : given.completeYears()
    let windows = past?.count
    let passes = training.forwardPasses
    let dimension = study.noiseDimension
    for (index, stage) in study.stages.enumerated() {
      let requested = context.stages.nodes[index]["num_scenarios"].int
      let place = context.stages.path(index, "num_scenarios")
      let entity = context.stages.entity(index)
      if stage.samplingMethod == .qmcSobol, dimension > SamplingMethod.mostSobolDimensions {
        collector.report(
          112, file: .stages, at: context.stages.path(index, "sampling_method"), entity: entity,
          value: "\(dimension) random series",
          "There are Sobol points for at most \(SamplingMethod.mostSobolDimensions) random series.",
          suggestion: "Use \"lhs\".")
      }
      if stage.samplingMethod == .qmcSobol, requested & (requested - 1) != 0 {
        collector.report(
          540, file: .stages, at: place, entity: entity, value: String(requested),
          "Sobol points are balanced for powers of 2 only.", suggestion: "Use a power of 2.")
      }
      let external: [(NoiseClass, ScenarioTable?)] = [
        (.inflow, study.externalInflows), (.load, study.externalLoads), (.ncs, study.externalAvailabilities),
      ]
      for (noiseClass, table) in external where training.scenarioSource.scheme(noiseClass) == .external {
        guard let table, table.count(index) < requested else { continue }
        collector.report(
          541, file: .stages, at: place, entity: entity, value: String(requested),
          "There are only \(table.count(index)) external \(noiseClass.rawValue) scenarios; the openings are cut down.")
      }
      if stage.samplingMethod == .historicalResiduals, let windows, windows < requested {
        collector.report(
          541, file: .stages, at: place, entity: entity, value: String(requested),
          "There are only \(windows) historical windows; the openings are cut down.")
      }
    }
    if training.scenarioSource.inflow == .historical,
      let windows = past?.count(where: training.scenarioSource.historicalYears.contains), windows < passes
    {
      collector.report(
        541, file: .config, at: "training.forward_passes", value: String(passes),
        "There are only \(windows) historical windows, so windows repeat.")
    }
    if let cap = training.cutSelection.maxActivePerStage, cap < passes {
      collector.report(
        542, file: .config, at: "training.cut_selection.max_active_per_stage", value: String(cap),
        "The cap is below forward_passes (\(passes)).", suggestion: "Raise the cap to at least \(passes).")
    }
  }
}
