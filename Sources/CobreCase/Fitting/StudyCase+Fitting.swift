extension StudyCase {
  /// Pairs of planes and grid points that all fits of a case together may evaluate: some seconds of work.
  static let fittingBudget = 10_000_000_000

  /// Fits the planes of every plant that asks for it in some stage, with the settings of the first such stage.
  ///
  /// Plants without the curves that a fit needs are left out. The coverage rules report them.
  mutating func fitProduction() {
    var work = 0
    for hydro in hydros.indices {
      guard let settings = firstFit(hydro: hydro), let function = ProductionFunction(hydros[hydro]) else { continue }
      do throws(PlaneFitFailure) {
        let count = PlaneFit.gridCount(settings) ?? 0
        work += count * count
        guard work <= Self.fittingBudget else {
          throw PlaneFitFailure(
            rule: 415, message: "The grids of all fits together are too large.",
            suggestion: "Lower the discretization points; 5 in each direction is usual.")
        }
        fittedPlanes[hydro] = try PlaneFit(function, hydro: hydros[hydro], settings: settings).fit(hydro: hydro)
      } catch {
        planeFitFailures[hydro] = error
      }
    }
  }

  /// Settings of the first stage in which a plant asks for fitted planes.
  private func firstFit(hydro: Int) -> FPHASettings? {
    for stage in stages.indices {
      if let settings = production(stage: stage, hydro: hydro).fpha, settings.source == .computed { return settings }
    }
    return nil
  }
}
