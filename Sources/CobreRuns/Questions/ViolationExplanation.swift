package import CobreCase
internal import CobreEngine

/// Why a deficit or a missed limit of a run's simulation could not be avoided, or that it could.
///
/// The worst one of all scenarios is taken. Its stage LP is solved again for the least of it that is possible, whatever
/// it costs, while no other slack grows. The limits with a dual in that optimum prove the least: weighted with their
/// duals they add up to it, and as a basic solution of the dual they are an irreducible set (Gleeson, Ryan 1990). What
/// is more than the least was a choice of the policy.
package struct ViolationExplanation: Sendable {
  /// A limit of the proof.
  package struct Limit: Sendable, Equatable {
    package var text: String
    /// Of its bound; nil where an expression mixes several.
    package var unit: String?
    /// Its bound.
    package var bound: Double
    /// By how much the violation changes for each unit that the bound is raised.
    package var effect: Double
  }

  /// What is missed, over all scenarios and stages that were looked at.
  struct Tally: Sendable {
    /// Mean in $, discounted to the start of the study.
    var cost = 0.0
    var scenarios: Set<Int> = []
  }

  /// The worst case with what is needed to solve it again.
  struct Worst: Sendable {
    var solved: SolvedStage
    var names: StageLPNames
    var layout: StageLPLayout
    var label: StageLPNames.Label
    var scenario: Int
    /// In $ of its stage.
    var cost: Double
    /// From its stage to the start of the study.
    var discount: Double
  }

  let study: StudyCase
  let runID: String
  let scenarios: Int
  private(set) var tallies: [StageLPNames.Label: Tally] = [:]
  private(set) var worst: Worst?
  /// The least that the worst one could have been; nil where nothing is missed.
  package private(set) var least: Double?
  package private(set) var limits: [Limit] = []
  /// Storages that would have been lower at the end of the stage, in hm³ less, by plant.
  private(set) var released: [(hydro: Int, volume: Double, value: Double)] = []

  /// - Parameters:
  ///   - evidence: the run.
  ///   - scope: which part of its simulation is looked at.
  ///   - bounds: where the case may lie.
  /// - Throws: `RunError` where case or policy are not at hand, there is no such stage, or time is over.
  package init(
    _ evidence: RunEvidence, _ scope: ReplayScope = ReplayScope(), bounds: CaseBounds = .anywhere
  ) throws {
    let replay = try PolicyReplay(evidence, scope, bounds: bounds)
    let stage = scope.stage
    study = replay.study
    runID = evidence.snapshot.runID
    self.scenarios = replay.scenarios
    var names: [Int: StageLPNames] = [:]
    var (tallies, worst) = (self.tallies, self.worst)
    var discounts = [Double](repeating: 1, count: replay.scenarios)
    try replay.walk(through: stage, seconds: scope.seconds) { solver, pool, scenario in
      let template = solver.template
      let discount = discounts[scenario]
      defer { discounts[scenario] *= template.discountFactor }
      guard stage == nil || template.stage == stage else { return }
      let known = names[template.stage] ?? StageLPNames(template, study: replay.study, states: replay.states)
      names[template.stage] = known
      var costs: [StageLPNames.Label: Double] = [:]
      for (column, label) in known.columns.enumerated() {
        guard let label, label.kind == .deficit || label.kind == .slack, solver.columnValues[column] > 1e-6 else {
          continue
        }
        costs[Self.whole(label), default: 0] +=
          template.model.objective[column] * solver.columnValues[column] / StageLPTemplate.objectiveScale
      }
      for (label, cost) in costs.sorted(by: { $0.value > $1.value }) {
        var element = label
        element.block = nil
        tallies[element, default: Tally()].cost += discount * cost / Double(max(1, replay.scenarios))
        tallies[element, default: Tally()].scenarios.insert(scenario)
        if discount * cost > (worst.map { $0.discount * $0.cost } ?? 0) {
          worst = Worst(
            solved: solver.solvedStage(pool: pool), names: known, layout: template.layout, label: label,
            scenario: scenario, cost: cost, discount: discount)
        }
      }
    }
    (self.tallies, self.worst) = (tallies, worst)
    if let worst { try explain(worst) }
  }

  /// All steps of a deficit are one.
  private static func whole(_ label: StageLPNames.Label) -> StageLPNames.Label {
    var label = label
    label.step = nil
    return label
  }

  /// Columns of the program that are what is missed.
  private static func targets(_ worst: Worst) -> [Int] {
    worst.names.columns.indices.filter { column in
      worst.names.columns[column].map { whole($0) == worst.label } ?? false
    }
  }

  /// How much is missed, in the unit of the limit.
  package var amount: Double {
    worst.map { worst in Self.targets(worst).reduce(0) { $0 + worst.solved.lp.columnValues[$1] } } ?? 0
  }
}

extension ViolationExplanation {
  private mutating func explain(_ worst: Worst) throws {
    let targets = Set(Self.targets(worst))
    var model = worst.solved.lp.model
    for column in 0..<model.columnCount {
      model.objective[column] = targets.contains(column) ? 1 : 0
      guard let label = worst.names.columns[column], !targets.contains(column),
        label.kind == .slack || label.kind == .deficit
      else { continue }
      // Nothing else may be missed by more than it is.
      model.columnUpper[column] = min(
        model.columnUpper[column], max(model.columnLower[column], worst.solved.lp.columnValues[column]))
    }
    let solution: LPSolution
    do {
      solution = try model.solved()
    } catch {
      throw RunError(.limit, "The least violation of stage \(worst.solved.stage) cannot be found: \(error.detail).")
    }
    least = max(0, solution.objective)
    limits = Self.proof(model, solution, worst, ElementNames(study))
    let values = worst.solved.stateValues
    for hydro in study.hydros.indices {
      let column = worst.solved.firstStateColumn + hydro
      let volume = worst.solved.lp.columnValues[column] - solution.columnValues[column]
      if volume > 1e-6 { released.append((hydro, volume, values[hydro])) }
    }
    released.sort { $0.volume > $1.volume }
  }

  /// The limits with a dual, in order of what they add to the least violation.
  static func proof(
    _ model: LPModel, _ solution: LPSolution, _ worst: Worst, _ elements: ElementNames
  ) -> [Limit] {
    var limits: [(limit: Limit, part: Double)] = []
    let rows = NamedProgram(worst.solved, worst.names, worst.layout).rowNames(elements)
    for row in 0..<model.rowCount where abs(solution.rowDuals[row]) > 1e-7 {
      let dual = solution.rowDuals[row]
      let bound = dual > 0 ? model.rowLower[row] : model.rowUpper[row]
      guard bound.isFinite else { continue }
      limits.append((Limit(text: rows.text(row), unit: rows.unit(row), bound: bound, effect: dual), dual * bound))
    }
    for column in 0..<model.columnCount {
      var reduced = model.objective[column]
      for entry in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        reduced -= solution.rowDuals[Int(model.rowIndices[entry])] * model.values[entry]
      }
      guard abs(reduced) > 1e-7 else { continue }
      let bound = reduced > 0 ? model.columnLower[column] : model.columnUpper[column]
      // That nothing can be negative needs no mention.
      guard bound.isFinite, bound != 0 || reduced < 0 else { continue }
      let text =
        worst.names.columns[column].map { label in
          (reduced > 0 ? "least " : "largest ") + rows.text(label)
        } ?? "bound of a column"
      let unit = worst.names.columns[column].flatMap { rows.unit($0) }
      limits.append((Limit(text: text, unit: unit, bound: bound, effect: reduced), reduced * bound))
    }
    return limits.sorted { (abs($0.part), $1.limit.text) > (abs($1.part), $0.limit.text) }.map(\.limit)
  }
}
