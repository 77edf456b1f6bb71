package import CobreCase

/// Some of an iteration's trajectories, which walk forward and make their cuts before the next ones walk.
///
/// Every `count`-th trajectory is of a sweep, so that each rank has as many of them as of all.
package struct Sweep: Sendable, Equatable {
  /// From 0 to `count` − 1.
  package let number: Int
  /// Sweeps of the iteration, ≥ 1.
  package let count: Int

  package init(number: Int, count: Int) {
    self.number = number
    self.count = count
  }

  package func contains(_ trajectory: Int) -> Bool { trajectory % count == number }

  /// How many trajectories of the sweep come before one of them.
  package func place(of trajectory: Int) -> Int { trajectory / count }
}

/// How many trajectories of an iteration walk together.
///
/// While the bound rises quickly, trajectories that walk with the same cuts visit much the same states where states
/// have many components, and their cuts say much the same. So there they walk two at a time at first, or a quarter of
/// them where that is more, the next ones with the cuts of those before them. Once the bound rises slowly, their number
/// doubles with each iteration until all walk together.
package struct SweepRule: Sendable, Equatable {
  /// Trajectories of an iteration, ≥ 1.
  package let passes: Int
  /// How many walk together whatever the bounds, ≥ 1, or nil to follow them.
  package let fixed: Int?
  /// Components of the state.
  package let components: Int
  /// Components up to which all trajectories walk together.
  package var mostComponents = Self.mostComponents

  /// Measured (`Decisions/GrowingSweeps.md`).
  package static let mostComponents = 64
  /// How many walk together at least, and into how many sweeps an iteration is divided at most, so that many ranks have
  /// work from the first iteration on.
  package static let least = 2
  package static let mostSweeps = 4
  /// Iterations over which the rise of the bound counts, and what it is at least while few walk together, relative.
  package static let window = 4
  package static let leastRise = 0.01

  package init(passes: Int, fixed: Int? = nil, components: Int) {
    self.passes = passes
    self.fixed = fixed
    self.components = components
  }

  /// The rule of a training.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - options: how it is trained, except for the number of trajectories.
  ///   - passes: trajectories of an iteration, ≥ 1.
  ///   - components: of the state.
  package init(study: StudyCase, options: TrainingOptions, passes: Int, components: Int) {
    // Where each iteration walks all paths, none of them is much the same as another.
    let walksAllPaths = study.configuration.training.enumeratesPaths
    self.init(passes: passes, fixed: walksAllPaths ? passes : options.passesTogether, components: components)
    if let most = options.mostComponentsTogether { mostComponents = most }
  }

  /// Trajectories that walk together in the next iteration: a function of the lower bounds by iteration alone.
  package func size(after bounds: [Double]) -> Int {
    if let fixed { return max(1, min(fixed, passes)) }
    guard components > mostComponents, passes > Self.least else { return passes }
    var size = max(Self.least, passes / Self.mostSweeps + (passes % Self.mostSweeps > 0 ? 1 : 0))
    for (earlier, later) in zip(bounds, bounds.dropFirst(Self.window)) where size < passes {
      // A bound that is no number does not rise.
      if !(later - earlier >= Self.leastRise * abs(later)) { size = size > passes / 2 ? passes : 2 * size }
    }
    return size
  }

  /// The sweeps of the next iteration, in their order.
  package func sweeps(after bounds: [Double]) -> [Sweep] {
    let count = Self.count(passes: passes, size: size(after: bounds))
    return (0..<count).map { Sweep(number: $0, count: count) }
  }

  /// Sweeps of an iteration of `passes` trajectories, both ≥ 1, of which `size` walk together.
  package static func count(passes: Int, size: Int) -> Int { passes / size + (passes % size > 0 ? 1 : 0) }
}
