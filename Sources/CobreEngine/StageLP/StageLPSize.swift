package import CobreCase

/// How big the linear program of a stage is before cuts.
package struct StageLPSize: Sendable, Equatable {
  package var columns: Int
  package var rows: Int
  /// Matrix entries that are not 0.
  package var nonzeros: Int
  /// Smallest and largest absolute value of those entries; 0 without any.
  package var smallestCoefficient: Double
  package var largestCoefficient: Double

  package init(_ model: LPModel) {
    columns = model.columnCount
    rows = model.rowCount
    let sizes = model.values.lazy.map(abs).filter { $0 > 0 }
    nonzeros = sizes.reduce(0) { count, _ in count + 1 }
    smallestCoefficient = sizes.min() ?? 0
    largestCoefficient = sizes.max() ?? 0
  }

  /// Blocks times elements beyond which the LPs are not built just to report their size.
  private static let largestCase = 2_000_000

  /// The programs of all stages of a case, by stage, or nil for a case that is too large to build them just for that.
  package static func stages(of study: StudyCase) -> [StageLPSize]? {
    let elements =
      study.buses.count + study.lines.count + study.hydros.count + study.thermals.count + study.sources.count
      + study.pumpingStations.count + study.contracts.count + study.batteries.count
      + study.genericConstraints.count
    let (size, overflow) = study.stages.reduce(0) { $0 + $1.blocks.count }.multipliedReportingOverflow(by: elements)
    guard !overflow, size <= largestCase else { return nil }
    // Noise moves only bounds, so one opening gives the same size as all.
    var sample = study
    for stage in sample.stages.indices { sample.stages[stage].openings = 1 }
    let tree = OpeningTree(study: sample, seed: 0)
    var sizes = StageLPTemplate.all(study: sample, tree: tree).map { StageLPSize($0.model) }
    for stage in sizes.indices
    where study.hasFutureByOutcome(study.configuration.training.cutFormulation, stage: stage) {
      sizes[stage].addFutures(study, after: stage)
    }
    return sizes
  }

  /// Counts a future cost per opening of the next stage instead of one, with the columns and rows of a risk measure.
  private mutating func addFutures(_ study: StudyCase, after stage: Int) {
    let following = stage + 1 < study.stages.count ? stage + 1 : study.graph.cycleStart(stages: study.stages.count)
    guard let next = following else { return }
    let openings = study.stages[next].openings
    let future = FutureCosts(
      probabilities: [Double](repeating: 1, count: openings), measure: study.stages[stage].riskMeasure)
    columns += future.weights.count - 1
    rows += future.rowCount
    nonzeros += future.entries(firstRow: 0, firstColumn: 0).count
  }
}
