internal import Foundation

/// How long iterations take and how that grows: seconds of iteration k = a + b·k.
///
/// Iterations slow down as cuts gather, so a mean of the last ones underestimates the next ones. Slope and level are
/// medians (Theil 1950, Sen 1968), since a busy machine makes single iterations many times as long as others. A slope
/// counts only if the test of Kendall (1938) distinguishes it from chance. Cuts that gather fill a stage LP quickly at
/// first and slowly later, so that a power of the iteration replaces the line where it fits better, and where noise
/// hides whether there is a slope.
package struct IterationPace: Sendable, Equatable {
  /// Seconds of iteration 0 of the line.
  package var level: Double
  /// Seconds that each iteration takes longer than the one before, at least 0.
  package var growth: Double
  /// What forecasts follow in place of the line; nil for the line.
  package var curve: Curve?
  /// A curve that fits as well as the line: forecasts are the mean of both, since the line goes too far where stage LPs
  /// fill, and the curve not far enough where the evaluation of all cuts counts.
  package var rival: Curve?

  /// Seconds of iteration k = scale · k^exponent.
  package struct Curve: Sendable, Equatable {
    package var scale: Double
    package var exponent: Double

    /// Seconds of the iterations after one and up to another.
    func seconds(after first: Int, through last: Int) -> Double {
      let power = exponent + 1
      return scale / power * (pow(Double(last) + 0.5, power) - pow(Double(first) + 0.5, power))
    }
  }

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
  /// Kendall's statistic, in standard deviations, above which a slope counts.
  private static let significance = 2.0
  /// Exponent where noise hides the growth; trainings of three systems had 0.2 to 0.4 (`Documentation/Benchmarks.md`).
  private static let usualExponent = 0.2
  /// Number of paces that it takes to tell noise from a constant time, and the relative deviation that counts as noise.
  private static let (noisyCount, noise) = (10, 0.02)
  /// Ratio of the misfits of power and line below which the power is taken.
  private static let clearly = 0.95

  package init(level: Double, growth: Double) {
    self.level = level
    self.growth = growth
  }

  /// Fits the line; nil where nothing is known.
  ///
  /// - Parameter marks: in order of iteration; the first iteration counts only where it is the only one, since the
  ///   training is set up in it.
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
    guard !isShrinking, paces.count >= Self.noisyCount, let middle = Self.median(paces.map(\.seconds)), middle > 0
    else {
      return
    }
    func curve(_ exponent: Double) -> Curve {
      Curve(scale: Self.median(recent.map { $0.seconds / pow($0.place, exponent) }) ?? 0, exponent: exponent)
    }
    // Single iterations that take many times as long count once.
    func misfit(_ expected: (Double) -> Double) -> Double {
      paces.reduce(0) { $0 + min(1, abs($1.seconds - expected($1.place)) / middle) }
    }
    if isGrowing {
      let found = curve(Self.exponent(paces))
      let line = misfit { level + growth * $0 }
      let power = misfit { found.scale * pow($0, found.exponent) }
      if power < Self.clearly * line {
        self.curve = found
      } else if line >= Self.clearly * power {
        rival = found
      }
    } else if misfit({ _ in middle }) > Self.noise * Double(paces.count) {
      self.curve = curve(Self.usualExponent)
    }
  }

  /// Places of the marks of a training, evenly chosen over all of it: it may have a million iterations.
  package static func marks(from first: Int, through last: Int) -> [Int] {
    let count = min(markCount, last - first + 1)
    return (0..<max(0, count)).map { first + $0 * (last - first) / max(1, count - 1) }
  }

  /// Median slope of the logarithms, between 0 and 1.
  private static func exponent(_ paces: [(place: Double, seconds: Double)]) -> Double {
    let points = paces.filter { $0.seconds > 0 }.map { (place: log($0.place), seconds: log($0.seconds)) }
    var slopes: [Double] = []
    for (index, first) in points.enumerated() {
      for second in points[(index + 1)...] {
        slopes.append((second.seconds - first.seconds) / (second.place - first.place))
      }
    }
    return min(1, max(0, median(slopes) ?? 0))
  }

  /// Seconds of one iteration, at least 0.
  package func seconds(of iteration: Double) -> Double { max(0, level + growth * iteration) }

  /// Seconds of the iterations after one and up to another.
  package func seconds(after first: Int, through last: Int) -> Double {
    guard last > first else { return 0 }
    if let curve { return max(0, curve.seconds(after: max(0, first), through: last)) }
    let line = Double(last - first) * seconds(of: (Double(first) + 1 + Double(last)) / 2)
    return rival.map { (line + max(0, $0.seconds(after: max(0, first), through: last))) / 2 } ?? line
  }

  private static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}

extension RunSettings {
  /// How long a training still takes, to the limit of iterations or of time, whichever is nearer.
  ///
  /// - Parameters:
  ///   - iteration: the last one that is complete.
  ///   - elapsed: seconds of training at its end, those of the run that is continued included.
  ///   - pace: of this training, or nil if nothing is known.
  /// - Returns: estimated seconds, or nil if unknown.
  package func remainingSeconds(after iteration: Int, elapsed: Double, pace: IterationPace?) -> Double? {
    let clock = elapsed - (continuation?.elapsedSeconds ?? 0)
    let limits = [timeLimitSeconds, serverLimitSeconds].compactMap { $0 }.map { max(0, $0 - clock) }
    return (limits + [pace?.seconds(after: iteration, through: iterations)].compactMap { $0 }).min()
  }
}
