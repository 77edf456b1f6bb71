internal import CobreCase
internal import CobreEngine
internal import CobrePlot
internal import CobreRuns

/// Charts of single values and of the policy.
extension RunChart {
  /// Scenarios that are drawn as lines of their own.
  private static let strands = 40
  /// Points of a duration curve, and steps of storage.
  private static let steps = 100

  /// Spread of the flow of a line, with the mean of the other direction below.
  static func exchange(_ id: Int?, _ evidence: RunEvidence) throws -> Drawn {
    var drawn = try fan("line", "direct_flow", id, evidence)
    let means = try evidence.store.means(kind: "line", name: "reverse_flow")
    let entity = try id ?? largest(evidence.store.means(kind: "line", name: "direct_flow"))
    let reverse = means.filter { $0.entity == entity }.reduce(into: [Int: Double]()) { $0[$1.stage] = $1.mean }
    let values = drawn.chart.places.map { place in reverse[Int(place)].map { -$0 } }
    drawn.chart.lines.append(
      .init("mean against the direction", values, color: Chart.Color.palette[3], width: 2, isDashed: true))
    if let focus = drawn.chart.focus {
      drawn.chart.focus = min(focus.lowerBound, values.compactMap { $0 }.min() ?? 0)...focus.upperBound
    }
    return drawn
  }

  /// Prices by the share of the hours of all scenarios in which they are at least as high.
  static func priceDuration(_ id: Int?, _ evidence: RunEvidence) throws -> Drawn {
    let means = try evidence.store.means(kind: "bus", name: "marginal_cost")
    guard let entity = id ?? largest(means) else { throw missing(evidence.snapshot) }
    guard means.contains(where: { $0.entity == entity }) else {
      throw ToolError("The simulation has no marginal_cost of a bus \(entity).")
    }
    let values = try evidence.store.singleValues(kind: "bus", name: "marginal_cost", entity: entity)
    guard !values.isEmpty else { throw singleValuesMissing(evidence.snapshot) }
    let stages = evidence.study?.stages ?? []
    let isByHours = values.allSatisfy { stages.indices.contains($0.stage) }
    let probabilities = try evidence.store.scenarioProbabilities()
    let prices = values.map { value -> (value: Double, weight: Double) in
      let probability = probabilities[value.scenario] ?? 1
      guard isByHours else { return (value.value, probability) }
      let blocks = stages[value.stage].blocks
      let hours =
        blocks.indices.contains(value.block) ? blocks[value.block].hours : blocks.reduce(0) { $0 + $1.hours }
      return (value.value, hours * probability)
    }
    let curve = duration(prices)
    let element = element("bus", entity, evidence.study)
    let scope = isByHours ? "hours" : "scenarios and stages"
    var chart = Chart(
      title: title("Price duration, \(element)", evidence.snapshot), xLabel: "share of all \(scope) in %",
      yLabel: "marginal cost", unit: "$/MWh", places: (0...steps).map(Double.init))
    chart.lines = [
      .init("price that is reached or exceeded", curve, color: Chart.Color.palette[0], width: 2.5)
    ]
    return Drawn(
      chart: chart,
      sentence:
        "Prices at \(element) in run \(evidence.snapshot.runID) by share of \(scope), from the highest: "
        + "\(text(curve.first)), median \(text(curve[steps / 2])), lowest \(text(curve.last)) $/MWh.",
      id: entity, leading: [0])
  }

  /// The values that are reached or exceeded in 0, 1, … 100 % of the weight.
  ///
  /// - Parameter values: at least one, with weights above 0.
  /// - Returns: `steps + 1` values, falling: the first is the largest, the last the smallest.
  static func duration(_ values: [(value: Double, weight: Double)]) -> [Double] {
    let sorted = values.sorted { $0.value > $1.value }
    let total = sorted.reduce(0) { $0 + $1.weight }
    var (place, reached) = (0, sorted.first?.weight ?? 0)
    return (0...steps).map { step in
      let wanted = total * Double(step) / Double(steps)
      // Rounding must not move a share to the next value.
      while place < sorted.count - 1, reached < wanted - 1e-9 * total {
        place += 1
        reached += sorted[place].weight
      }
      return sorted[place].value
    }
  }

  /// The storage of a plant in single scenarios.
  static func spaghetti(_ id: Int?, _ evidence: RunEvidence) throws -> Drawn {
    let means = try evidence.store.means(kind: "hydro", name: "storage")
    guard let entity = id ?? largest(means) else { throw missing(evidence.snapshot) }
    let own = means.filter { $0.entity == entity }
    guard !own.isEmpty else { throw ToolError("The simulation has no storage of a hydro \(entity).") }
    var values: [Int: [Int: Double]] = [:]
    let periods = try evidence.store.periods()
    for value in try evidence.store.singleValues(kind: "hydro", name: "storage", entity: entity) {
      values[value.scenario, default: [:]][periods[value.stage] ?? value.stage] = value.value
    }
    guard !values.isEmpty else { throw singleValuesMissing(evidence.snapshot) }
    let element = element("hydro", entity, evidence.study)
    var chart = Chart(
      title: title("Storage in single scenarios, \(element)", evidence.snapshot), xLabel: "stage",
      yLabel: "storage at the end of the stage", unit: "hm³", places: own.map { Double($0.stage) })
    nameStages(&chart, evidence.study)
    for scenario in values.keys.sorted().prefix(strands) {
      chart.lines.append(
        .init(
          "", own.map { values[scenario]?[$0.stage] }, color: Chart.Color.palette[scenario % Chart.Color.palette.count],
          width: 0.8))
    }
    chart.lines.append(.init("mean", own.map(\.mean), color: Chart.Color(0.1, 0.1, 0.1), width: 2.5))
    addLimits(&chart, evidence.study, entity: entity)
    return Drawn(
      chart: chart,
      sentence: "Storage of \(element) in \(min(values.count, strands)) of \(values.count) scenarios of run "
        + "\(evidence.snapshot.runID); means from \(text(own.compactMap(\.mean).min())) to "
        + "\(text(own.compactMap(\.mean).max())) hm3.",
      id: entity, leading: chart.lines.firstIndex { $0.name == "mean" }.map { [$0] } ?? [])
  }

  /// The cost to go over the storage of one plant, the others as at the start and past inflows as expected there.
  static func valueFunction(_ id: Int?, stage: Int, _ evidence: RunEvidence) throws -> Drawn {
    let study = try evidence.requiredStudy()
    guard study.stages.indices.contains(stage) else {
      throw ToolError("`stage` must be from 0 to \(study.stages.count - 1); you sent \(stage).")
    }
    let chosen =
      id.map { id in study.hydros.firstIndex { $0.id == id } }
      ?? study.hydros.indices.max { study.hydros[$0].limits.maxStorage < study.hydros[$1].limits.maxStorage }
    guard let hydro = chosen else {
      throw ToolError("There is no hydro plant \(id.map(String.init) ?? "in the case").")
    }
    let policy = try RunPolicy(manifest: evidence.manifest, store: evidence.store, bounds: .anywhere)
    let limits = study.limits(stage: stage, hydro: hydro)
    var state = policy.expectedState(after: stage)
    let costs = (0...steps).map { step -> Double? in
      state[hydro] = limits.minStorage + Double(step) / Double(steps) * (limits.maxStorage - limits.minStorage)
      return policy.value(after: stage, at: state)?.cost
    }
    guard costs.contains(where: { $0 != nil }) else {
      throw ToolError("There are no cuts after stage \(stage): nothing comes after it. Choose an earlier one.")
    }
    let element = element("hydro", study.hydros[hydro].id, study)
    var chart = Chart(
      title: title("Cost to go after stage \(stage), \(element)", evidence.snapshot),
      xLabel: "storage in % of its range", yLabel: "cost to go", unit: "$", places: (0...steps).map(Double.init))
    chart.startsAtZero = false
    chart.lines = [.init("what the cuts say", costs, color: Chart.Color.palette[0], width: 2.5)]
    return Drawn(
      chart: chart,
      sentence:
        "Cost to go after stage \(stage) in run \(evidence.snapshot.runID) over the storage of \(element), from "
        + "\(text(limits.minStorage)) to \(text(limits.maxStorage)) hm3, other plants as at the start: "
        + "\(text(costs.first ?? nil)) to \(text(costs.last ?? nil)) $.",
      id: study.hydros[hydro].id, leading: [0])
  }

  private static func singleValuesMissing(_ run: RunSnapshot) -> ToolError {
    ToolError(
      "Run \(run.runID) has kept no single values. Call simulate with detail \"stages\", then plot the run that it starts."
    )
  }
}
