/// How long iterations take and how that grows: seconds of iteration k = a + b·k.
///
/// Iterations slow down as cuts gather, so a mean of the last ones underestimates the next ones. Slope and level are
/// medians (Theil 1950, Sen 1968), since a busy machine makes single iterations many times as long as others. A slope
/// counts only if the test of Kendall (1938) distinguishes it from chance. Without a slope, the last iterations give
/// the time of the next ones.
package struct IterationPace: Sendable, Equatable {
  /// Seconds of iteration 0 of the line.
  package var level: Double
  /// Seconds that each iteration takes longer than the one before, at least 0.
  package var growth: Double

  /// Time at the end of an iteration.
  package struct Mark: Sendable, Equatable {
    package var iteration: Int
    /// Since training began.
    package var elapsedSeconds: Double

    package init(iteration: Int, elapsedSeconds: Double) {
      self.iteration = iteration
      self.elapsedSeconds = elapsedSeconds
    }
  }

  /// Marks that a fit needs at most; between them the mean pace counts.
  package static let markCount = 41
  /// Distance of the order of the paces from chance, in standard deviations, from which a slope counts.
  private static let significance = 2.0

  package init(level: Double, growth: Double) {
    self.level = level
    self.growth = growth
  }

  /// Fits the line; nil where nothing is known.
  ///
  /// - Parameter marks: in order of iteration; the first iteration counts only where it is the only one, since the training
  ///   is set up in it.
  package init?(_ marks: [Mark]) {
    var paces: [(place: Double, seconds: Double)] = []
    for (before, after) in zip(marks, marks.dropFirst()) where after.iteration > before.iteration {
      let seconds = (after.elapsedSeconds - before.elapsedSeconds) / Double(after.iteration - before.iteration)
      guard seconds.isFinite, seconds >= 0 else { continue }
      // The middle of the iterations between the marks.
      paces.append((Double(before.iteration + 1 + after.iteration) / 2, seconds))
    }
    guard !paces.isEmpty else {
      guard let only = marks.last, only.iteration > 0, only.elapsedSeconds > 0 else { return nil }
      self.init(level: only.elapsedSeconds / Double(only.iteration), growth: 0)
      return
    }
    var slopes: [Double] = []
    var order = 0
    for (index, first) in paces.enumerated() {
      for second in paces[(index + 1)...] {
        slopes.append((second.seconds - first.seconds) / (second.place - first.place))
        order += second.seconds > first.seconds ? 1 : second.seconds < first.seconds ? -1 : 0
      }
    }
    let count = Double(paces.count)
    let deviation = (count * (count - 1) * (2 * count + 5) / 18).squareRoot()
    let slope = Self.median(slopes) ?? 0
    let isGrowing = slope > 0 && Double(order) > Self.significance * deviation
    let isShrinking = slope < 0 && Double(-order) > Self.significance * deviation
    let growth = isGrowing ? slope : 0
    // Of a pace that falls only the end counts; else the later half, which has most in common with what comes.
    let recent = paces.suffix(max(1, isShrinking ? paces.count / 4 : (paces.count + 1) / 2))
    let level = Self.median(recent.map { $0.seconds - growth * $0.place }) ?? 0
    self.init(level: level, growth: growth)
  }

  /// Seconds of one iteration, at least 0.
  package func seconds(of iteration: Double) -> Double { max(0, level + growth * iteration) }

  /// Seconds of the iterations after one and up to another.
  package func seconds(after first: Int, through last: Int) -> Double {
    guard last > first else { return 0 }
    return Double(last - first) * seconds(of: (Double(first) + 1 + Double(last)) / 2)
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
