/// What the stopping rules remember from one iteration to the next; the same on every rank.
struct StoppingHistory {
  /// By iteration, from the first.
  var lowerBounds: [Double] = []
  /// Mean discounted cost by step of the last simulation that a rule asked for; empty before the first.
  var stepCosts: [Double] = []
  /// Consecutive iterations with a gap within the target.
  var hits = 0
  /// Which of the rules beside iteration and time limits hold after this iteration.
  var holds: [Bool] = []

  /// |LB_k − LB_j| / max(1, |LB_k|), j given by its distance from the end; nil where there are too few.
  func movement(over distance: Int) -> Double? {
    guard let last = lowerBounds.last, lowerBounds.count > distance else { return nil }
    return abs(last - lowerBounds[lowerBounds.count - 1 - distance]) / max(1, abs(last))
  }
}
