internal import CobreBase
package import CobreCase
internal import CobreEngine

/// What sets the price at a bus in a stage of a run's simulation.
package struct PriceExplanation: Sendable {
  /// What is asked.
  package struct Request: Codable, Sendable {
    /// Id or name of the bus; nil for the first one.
    package var bus: String?
    package var stage: Int?
    /// Such as `2027-05` or `2027-05-12`; in place of the stage.
    package var date: String?
    /// Nil for all, weighted by their hours.
    package var block: Int?
    /// Scenarios at most.
    package var scenarios: Int
    /// Time at most.
    package var seconds: Double

    package init(
      bus: String? = nil, stage: Int? = nil, date: String? = nil, block: Int? = nil, scenarios: Int = 200,
      seconds: Double = 40
    ) {
      self.bus = bus
      self.stage = stage
      self.date = date
      self.block = block
      self.scenarios = scenarios
      self.seconds = seconds
    }
  }

  /// One scenario and block.
  struct Sample: Sendable {
    var parts: PriceParts
    /// Share of the block in the stage, over the number of scenarios.
    var weight: Double
  }

  let study: StudyCase
  let runID: String
  let bus: Int
  let stage: Int
  let block: Int?
  let scenarios: Int
  /// Those of them that come to the stage.
  private(set) var visitors = 0
  let isSameAsRun: Bool
  /// Mean price that the run has recorded for the stage; nil where there is none for the same blocks.
  let recordedPrice: Double?
  private(set) var samples: [Sample] = []

  /// - Parameters:
  ///   - request: what is asked.
  ///   - evidence: the run.
  ///   - bounds: where the case may lie.
  /// - Throws: `RunError` where there is no such bus, stage or block, case or policy are not at hand, or time is over.
  package init(_ request: Request, _ evidence: RunEvidence, bounds: CaseBounds = .anywhere) throws {
    let replay = try PolicyReplay(evidence, scenarios: request.scenarios, bounds: bounds)
    study = replay.study
    runID = evidence.snapshot.runID
    bus = try Self.bus(request.bus, study)
    let stage = try Self.stage(request, study)
    self.stage = stage
    let blocks = study.stages[stage].blocks
    if let block = request.block, !blocks.indices.contains(block) {
      throw RunError(.invalidRequest, "`block` must be from 0 to \(blocks.count - 1); \(block) was given.")
    }
    block = request.block
    scenarios = replay.scenarios
    isSameAsRun = replay.isSameAsRun
    recordedPrice =
      isSameAsRun && (request.block == nil || blocks.count == 1)
      ? try evidence.store.figures(kind: "bus", name: "marginal_cost").first { [id = study.buses[bus].id] in
        $0.entity == id && $0.stage == stage
      }?.mean : nil
    let wanted = request.block.map { [$0] } ?? Array(blocks.indices)
    let hours = blocks.map(\.hours)
    let total = wanted.reduce(0) { $0 + hours[$1] }
    var names: StageLPNames?
    var samples: [Sample] = []
    var visitors = 0
    try replay.walk(through: stage, seconds: request.seconds) { solver, pool, _ in
      guard solver.template.stage == stage else { return }
      let known = names ?? StageLPNames(solver.template, study: replay.study, states: replay.states)
      names = known
      let solved = solver.solvedStage(pool: pool)
      visitors += 1
      for block in wanted {
        samples.append(
          Sample(
            parts: PriceParts(
              solved, names: known, template: solver.template, bus: bus, block: block, hours: hours,
              cutReach: { changes in pool.flatMap { solver.reach(ofCutsOf: $0, along: changes) } }),
            weight: hours[block] / total))
      }
    }
    self.visitors = visitors
    guard visitors > 0 else {
      throw RunError(.invalidRequest, "No scenario of \(scenarios) comes to stage \(stage). Ask for another stage.")
    }
    for index in samples.indices { samples[index].weight /= Double(visitors) }
    self.samples = samples
  }

  private static func bus(_ wanted: String?, _ study: StudyCase) throws -> Int {
    guard let wanted else { return 0 }
    let names = study.buses.map(\.name)
    if let index = study.buses.firstIndex(where: { String($0.id) == wanted || $0.name == wanted })
      ?? study.buses.firstIndex(where: { $0.name.lowercased() == wanted.lowercased() })
    {
      return index
    }
    let list = study.buses.prefix(20).map { "\($0.id) \($0.name)" }.joined(separator: ", ")
    let meant = NearestName.nearest(to: wanted, among: names).map { " Did you mean \"\($0)\"?" } ?? ""
    throw RunError(.invalidRequest, "There is no bus \"\(wanted.prefix(80))\".\(meant) There are \(list).")
  }

  /// Other nodes of a policy graph at the same time.
  var nodesAtSameTime: [Int] {
    study.stages.indices.filter {
      $0 != stage && study.stages[$0].start == study.stages[stage].start
        && study.position(of: $0) == study.position(of: stage)
    }
  }

  private static func stage(_ request: Request, _ study: StudyCase) throws -> Int {
    if let text = request.date {
      guard request.stage == nil else {
        throw RunError(.invalidRequest, "Give `stage` or `date`, not both.")
      }
      let day = text.split(separator: "-").count == 2 ? text + "-01" : text
      guard let date = CalendarDate(text: day) else {
        throw RunError(
          .invalidRequest, "`date` must be written 2027-05 or 2027-05-12; \"\(text.prefix(40))\" was given.")
      }
      if let found = study.stages.firstIndex(where: { $0.start <= date && date < $0.end }) { return found }
      let (first, last) = (study.stages.first?.start.description ?? "", study.stages.last?.end.description ?? "")
      throw RunError(.invalidRequest, "No stage holds \(day): the study goes from \(first) to before \(last).")
    }
    let stage = request.stage ?? 0
    guard study.stages.indices.contains(stage) else {
      throw RunError(
        .invalidRequest, "`stage` must be from 0 to \(study.stages.count - 1); \(stage) was given.")
    }
    return stage
  }
}
