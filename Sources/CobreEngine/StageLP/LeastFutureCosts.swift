package import CobreCase
internal import Synchronization

/// The least that the future after each stage can cost, which stage LPs know in addition to the cuts (`Mathematics.md`,
/// 3.4).
///
/// Cuts alone fall below it where a state is far from all that were visited. Found when it is first needed, since few
/// states are: stage LPs are made for it.
package final class LeastFutureCosts: Sendable {
  private let study: StudyCase
  private let treeSeed: Int64
  private let boundary: Policy.Pool?
  private let found = Mutex<[Double]?>(nil)

  /// - Parameters:
  ///   - study: the case, with its inflow model.
  ///   - treeSeed: of the openings.
  ///   - boundary: fixed cuts after the last stage, if there are any.
  package init(study: StudyCase, treeSeed: Int64, boundary: Policy.Pool? = nil) {
    self.study = study
    self.treeSeed = treeSeed
    self.boundary = boundary.flatMap { $0.count > 0 && study.graph.kind == .finiteHorizon ? $0 : nil }
  }

  /// In $ of the end of a stage, at a price of 0 where prices follow processes (`Mathematics.md`, 4.7); −∞ where the
  /// case wants cuts after the last stage that are not known.
  package func after(_ stage: Int) -> Double {
    guard study.configuration.policy.boundary == nil || boundary != nil else { return -.infinity }
    return found.withLock { found in
      let values = found ?? all()
      found = values
      return values.indices.contains(stage) ? values[stage] : -.infinity
    }
  }

  private func all() -> [Double] {
    let tree = OpeningTree(study: study, seed: treeSeed)
    guard tree.problem == nil else { return [] }
    let dimension = tree.inflow.layout.dimension
    guard boundary.map({ $0.slopes.count == $0.count * dimension }) ?? true else { return [] }
    let cuts = boundary.map { CutPool(pool: $0, dimension: dimension) }
    return StageLPTemplate.all(study: study, tree: tree, boundary: cuts).map {
      $0.model.columnLower[$0.futureCostColumn] / StageLPTemplate.objectiveScale
    }
  }
}
