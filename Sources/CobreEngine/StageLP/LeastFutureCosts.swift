package import CobreCase
internal import Synchronization

/// The least that the future after each stage can cost, which stage LPs know in addition to the cuts (`Mathematics.md`, 3.4).
///
/// Cuts alone fall below it where a state is far from all that were visited. Found when it is first needed, since few states
/// are: stage LPs are made for it.
package final class LeastFutureCosts: Sendable {
  private let study: StudyCase
  private let treeSeed: Int64
  private let found = Mutex<[Double]?>(nil)

  /// - Parameters:
  ///   - study: the case, with its inflow model.
  ///   - treeSeed: of the openings.
  package init(study: StudyCase, treeSeed: Int64) {
    self.study = study
    self.treeSeed = treeSeed
  }

  /// In $ of the end of a stage; −∞ where cuts after the last stage or prices that vary have a say in it.
  package func after(_ stage: Int) -> Double {
    guard study.configuration.policy.boundary == nil, study.priceProcesses.isEmpty else { return -.infinity }
    return found.withLock { found in
      let values = found ?? all()
      found = values
      return values.indices.contains(stage) ? values[stage] : -.infinity
    }
  }

  private func all() -> [Double] {
    let tree = OpeningTree(study: study, seed: treeSeed)
    guard tree.problem == nil else { return [] }
    return StageLPTemplate.all(study: study, tree: tree).map {
      $0.model.columnLower[$0.futureCostColumn] / StageLPTemplate.objectiveScale
    }
  }
}
