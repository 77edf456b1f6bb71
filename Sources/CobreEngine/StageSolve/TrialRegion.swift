/// Boxes about the storages at the end of each step, in which the trajectories of an iteration stay.
package struct TrialRegion: Sendable {
  /// The box of one step.
  package struct Box: Sendable {
    /// hm³ by plant.
    let centre: ArraySlice<Double>
    /// Half the width of the box, as a share of the range.
    let share: Double
  }

  /// hm³, `[step * plants + plant]`.
  private let centre: [Double]
  private let plants: Int
  private let share: Double

  /// - Parameters:
  ///   - centre: mean storages of the iteration before, `[step * plants + plant]` in hm³.
  ///   - plants: at least one.
  ///   - share: of the range.
  init(centre: [Double], plants: Int, share: Double) {
    self.centre = centre
    self.plants = plants
    self.share = share
  }

  /// The box of a step; nil for the last one.
  func box(step: Int) -> Box? {
    let last = (step + 1) * plants
    return last <= centre.count ? Box(centre: centre[(step * plants)..<last], share: share) : nil
  }
}
