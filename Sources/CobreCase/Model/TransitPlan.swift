/// When water arrives that takes time to travel between two plants.
///
/// Released at an even rate during a window, it arrives at an even rate during the same window later on. Times count in
/// hours of blocks. What would arrive after the last stage is followed through the stages that are declared after the
/// study, where cuts on the time after it may value it; beyond these it is lost. Stages count by their place in time.
package struct TransitPlan: Sendable, Equatable {
  /// Plants whose releases travel to each plant, by index of the target.
  package let sources: [[Int]]
  /// By plant, the most stages that water on its way to it still needs; the state has as many components for it.
  package let counts: [Int]
  /// hm³ that arrive at each plant in each stage from releases before the study, by target and stage; stages after the
  /// study included.
  package let past: [[Double]]
  /// What does not fit together, a sentence each with the plant.
  package private(set) var problems: [(hydro: Int, sentence: String)]
  private let travel: [Double]
  /// Hours from the start of the study to the start of each stage, and to the end of the last.
  private let starts: [Double]
  /// Hours of the blocks by stage, empty if they are parallel.
  private let blocks: [[Double]]

  package static func == (left: TransitPlan, right: TransitPlan) -> Bool {
    left.sources == right.sources && left.counts == right.counts && left.past == right.past
      && left.travel == right.travel && left.starts == right.starts && left.blocks == right.blocks
  }

  package init(study: StudyCase) {
    travel = study.hydros.map { $0.travels ? $0.travelTime ?? 0 : 0 }
    let calendar = study.timeline.map { study.stages[$0] }
    var starts = [0.0]
    for hours in calendar.map(\.hours) + study.postStudyStages.map(\.hours) {
      starts.append((starts.last ?? 0) + hours)
    }
    let periods = starts.count - 1
    self.starts = starts
    blocks = calendar.map { $0.blockMode == .chronological ? $0.blocks.map(\.hours) : [] }
    sources = study.hydros.indices.map { target in
      study.hydros.indices.filter {
        study.hydros[$0].travels && study.hydros[$0].downstream == target
      }
    }
    let windows = Self.pastWindows(study, travel: travel)
    var problems = windows.problems
    var counts: [Int] = []
    var past: [[Double]] = []
    for target in study.hydros.indices {
      var depth = 0
      var arrivals = [Double](repeating: 0, count: periods)
      for source in sources[target] {
        for stage in calendar.indices {
          for later in (stage + 1)..<max(stage + 1, periods) {
            let window = starts[stage] + travel[source]..<starts[stage + 1] + travel[source]
            if Self.share(window, in: starts[later]..<starts[later + 1]) > 0 {
              depth = max(depth, later - stage)
            }
          }
        }
        for window in windows.windows[source] {
          for stage in 0..<periods {
            let share = Self.share(window.start..<window.end, in: starts[stage]..<starts[stage + 1])
            guard share > 0 else { continue }
            arrivals[stage] += share * window.volume
            depth = max(depth, stage + 1)
          }
        }
      }
      counts.append(depth)
      past.append(arrivals)
    }
    self.counts = counts
    self.past = past
    self.problems = []
    for target in study.hydros.indices where sources[target].count > 1 {
      for stage in calendar.indices where !blocks[stage].isEmpty {
        let densities = sources[target].map { density(from: [$0], stage: stage) }
        guard let first = densities.first else { continue }
        let differs = densities.contains { zip($0, first).contains { abs($0 - $1) > 1e-9 } }
        if differs {
          problems.append(
            (
              target,
              "Waters with different travel times arrive in the chronological stage \(calendar[stage].id)."
            ))
          break
        }
      }
    }
    self.problems = problems
  }

  /// Part of a window that is in a period.
  private static func share(_ window: Range<Double>, in period: Range<Double>) -> Double {
    let overlap =
      min(window.upperBound, period.upperBound) - max(window.lowerBound, period.lowerBound)
    return overlap > 0 ? overlap / (window.upperBound - window.lowerBound) : 0
  }

  /// When releases before the study arrive, in hours from its start, and their volumes in hm³ (1 m³/s during an hour is
  /// 0.0036 hm³).
  private static func pastWindows(
    _ study: StudyCase, travel: [Double]
  ) -> (
    windows: [[(start: Double, end: Double, volume: Double)]],
    problems: [(hydro: Int, sentence: String)]
  ) {
    var problems: [(hydro: Int, sentence: String)] = []
    guard let begin = study.stages.first?.start else { return (study.hydros.map { _ in [] }, []) }
    let windows = study.hydros.indices.map {
      hydro -> [(start: Double, end: Double, volume: Double)] in
      guard travel[hydro] > 0 else { return [] }
      let own = study.initialConditions.pastReleases.filter { $0.hydro == hydro }.sorted {
        $0.start < $1.start
      }
      var covered = 0.0
      for release in own {
        let from = -24 * Double(CalendarDate.days(from: release.start, to: begin))
        let to = -24 * Double(CalendarDate.days(from: release.end, to: begin))
        covered += max(0, min(0, to) - max(-travel[hydro], from))
      }
      if covered < travel[hydro] - 1e-6 {
        problems.append(
          (
            hydro,
            "The past releases leave holes in the \(travel[hydro]) hours before the study, while water travels."
          ))
      }
      return own.map { release in
        let from = -24 * Double(CalendarDate.days(from: release.start, to: begin))
        let to = -24 * Double(CalendarDate.days(from: release.end, to: begin))
        return (
          from + travel[hydro], to + travel[hydro],
          0.0036 * (to - from) * release.flow
        )
      }
    }
    return (windows, problems)
  }

  /// The window in which a block releases water, in hours from the start of the study.
  private func window(stage: Int, block: Int) -> Range<Double> {
    guard !blocks[stage].isEmpty else { return starts[stage]..<starts[stage + 1] }
    let start = starts[stage] + blocks[stage].prefix(block).reduce(0, +)
    return start..<(start + blocks[stage][block])
  }

  /// Share of what a plant releases in a block that arrives some stages later.
  package func share(from source: Int, stage: Int, block: Int, later: Int) -> Double {
    guard stage + later < starts.count - 1 else { return 0 }
    let release = window(stage: stage, block: block)
    let arrival = (release.lowerBound + travel[source])..<(release.upperBound + travel[source])
    return Self.share(arrival, in: starts[stage + later]..<starts[stage + later + 1])
  }

  /// Share of what a plant releases in a block that arrives in a block of the same stage, or in the stage where blocks
  /// are parallel.
  package func share(from source: Int, stage: Int, block: Int, arriving: Int) -> Double {
    let release = window(stage: stage, block: block)
    let arrival = (release.lowerBound + travel[source])..<(release.upperBound + travel[source])
    return Self.share(arrival, in: window(stage: stage, block: arriving))
  }

  /// How the water that reaches a plant in a stage from earlier ones is spread over the blocks.
  ///
  /// If the blocks are parallel, it is the single number 1.
  package func density(of target: Int, stage: Int) -> [Double] {
    density(from: sources[target], stage: stage)
  }

  /// Each earlier stage's window is cut by the blocks and counts by its share that arrives.
  ///
  /// Releases before the study have no part in this, whenever they arrive. Without any earlier stage's water it comes
  /// evenly.
  private func density(from sources: [Int], stage: Int) -> [Double] {
    guard !blocks[stage].isEmpty else { return [1] }
    var parts = [Double](repeating: 0, count: blocks[stage].count)
    func add(_ arrival: Range<Double>) {
      for block in parts.indices {
        parts[block] += Self.share(arrival, in: window(stage: stage, block: block))
      }
    }
    for source in sources {
      for earlier in 0..<stage {
        add((starts[earlier] + travel[source])..<(starts[earlier + 1] + travel[source]))
      }
    }
    let total = parts.reduce(0, +)
    let hours = blocks[stage].reduce(0, +)
    return total > 0 ? parts.map { $0 / total } : blocks[stage].map { $0 / hours }
  }
}
