/// When the deliveries of anticipated thermal plants are decided.
///
/// Deliveries are numbered through the time positions of the study, and on through the periods that follow it.
package struct CommitmentPlan: Sendable, Equatable {
  /// When a delivery is decided.
  package enum Decider: Sendable, Equatable {
    /// Before the study.
    case past
    /// In a stage, which is the stage of the delivery itself if the lead is too short.
    case stage(Int)
    /// After the study.
    case later
  }

  /// Decider by thermal plant and delivery, empty for plants that are not anticipated.
  package let deciders: [[Decider]]
  /// Pending deliveries at most after any stage, by thermal plant: components of the state.
  package let counts: [Int]
  /// MW that the past commitments make of each delivery of the study, by thermal plant.
  package let past: [[Double]]
  /// What does not fit together, a sentence each with the thermal plant.
  package let problems: [(thermal: Int, sentence: String)]
  /// Deliveries of the study that several commitments share.
  package let split: [(thermal: Int, delivery: Int)]

  package static func == (left: CommitmentPlan, right: CommitmentPlan) -> Bool {
    left.deciders == right.deciders && left.counts == right.counts && left.past == right.past
  }

  package init(study: StudyCase) {
    let calendar = study.timeline.map { study.stages[$0] }
    let ends = Self.ends(of: study)
    var deciders: [[Decider]] = []
    var counts: [Int] = []
    var past: [[Double]] = []
    var problems: [(thermal: Int, sentence: String)] = []
    var split: [(thermal: Int, delivery: Int)] = []
    for (thermal, plant) in study.thermals.enumerated() {
      guard let anticipation = plant.anticipation else {
        deciders.append([])
        counts.append(0)
        past.append([])
        continue
      }
      let own = ends.indices.map { delivery in
        Self.decider(
          of: delivery, anticipation: anticipation, ends: ends, stages: calendar.count)
      }
      deciders.append(own)
      counts.append(Self.pending(own, study: study, thermal: thermal, horizon: calendar.count))
      let commitments = study.initialConditions.pastCommitments.filter { $0.thermal == thermal }
      if let horizon = calendar.last?.end,
        let window = commitments.first(where: { $0.start < horizon && $0.end > horizon })
      {
        problems.append(
          (
            thermal,
            "The commitment from \(window.start) lasts beyond the study, which ends on \(horizon): split it there."
          ))
      }
      var values = [Double](repeating: 0, count: calendar.count)
      for (delivery, stage) in calendar.enumerated() {
        let period = LagPeriod(start: stage.start, end: stage.end)
        let windows = commitments.filter { period.overlap(from: $0.start, to: $0.end) > 0 }
        guard own[delivery] == .past else {
          if let first = windows.first {
            problems.append(
              (
                thermal,
                "The commitment from \(first.start) is for stage \(stage.declaredID ?? stage.id), which the study decides."
              ))
          }
          continue
        }
        guard Self.cover(period, windows) else {
          problems.append(
            (
              thermal,
              "Stage \(stage.declaredID ?? stage.id) was decided before the study: past commitments must cover it, also one of 0 MW."
            ))
          continue
        }
        values[delivery] = Self.mean(over: period, windows)
        if windows.count > 1 { split.append((thermal, delivery)) }
      }
      past.append(values)
      for (index, period) in Self.periodsAfter(study).enumerated() {
        let windows = commitments.filter { period.overlap(from: $0.start, to: $0.end) > 0 }
        if own[calendar.count + index] == .past {
          guard !Self.cover(period, windows) else { continue }
          problems.append(
            (
              thermal,
              "Post-study stage \(index) was decided before the study: past commitments must cover it, also one of 0 MW."
            ))
        } else if case .stage = own[calendar.count + index], let first = windows.first {
          problems.append(
            (
              thermal,
              "The commitment from \(first.start) is for post-study stage \(index), which the study decides."
            ))
        }
      }
    }
    self.deciders = deciders
    self.counts = counts
    self.past = past
    self.problems = problems
    self.split = split
  }

  /// Whether windows leave no day of a period open, however they overlap.
  private static func cover(_ period: LagPeriod, _ windows: [PastCommitment]) -> Bool {
    var covered = period.start
    for window in windows.sorted(by: { $0.start < $1.start }) where window.start <= covered {
      covered = max(covered, window.end)
    }
    return covered >= period.end
  }

  /// MW over a period that windows cover, by their days in it.
  private static func mean(over period: LagPeriod, _ windows: [PastCommitment]) -> Double {
    guard windows.contains(where: { $0.power != windows[0].power }) else { return windows.first?.power ?? 0 }
    let days = windows.map { Double(period.overlap(from: $0.start, to: $0.end)) }
    return zip(days, windows).reduce(0) { $0 + $1.0 * $1.1.power } / days.reduce(0, +)
  }

  /// The days of the periods that follow a study, each as many as its hours come nearest to.
  private static func periodsAfter(_ study: StudyCase) -> [LagPeriod] {
    guard let last = study.timeline.last else { return [] }
    var start = study.stages[last].end
    return study.postStudyStages.map { stage in
      let end = CalendarDate(dayNumber: start.dayNumber + stage.wholeDays)
      defer { start = end }
      return LagPeriod(start: start, end: end)
    }
  }

  /// Hours from the start of the study to the end of each delivery period, by the hours of blocks.
  private static func ends(of study: StudyCase) -> [Double] {
    var hours = 0.0
    return (study.timeline.map { study.stages[$0].hours } + study.postStudyStages.map(\.hours)).map {
      hours += $0
      return hours
    }
  }

  private static func decider(
    of delivery: Int, anticipation: Anticipation, ends: [Double], stages: Int
  ) -> Decider {
    let stage: Int
    switch anticipation {
    case .stages(let lead): stage = delivery - lead
    case .hours(let lead):
      let instant = ends[delivery] - lead
      guard instant > 0 else { return .past }
      // The instant between two stages belongs to the earlier one.
      stage = ends.firstIndex { $0 >= instant } ?? delivery
    }
    if stage < 0 { return .past }
    return stage < stages ? .stage(stage) : .later
  }

  /// The farthest delivery ahead that any stage leaves pending.
  private static func pending(_ deciders: [Decider], study: StudyCase, thermal: Int, horizon: Int) -> Int {
    var most = 0
    for (delivery, decider) in deciders.enumerated() {
      switch decider {
      case .past where delivery < horizon: most = max(most, delivery + 1)
      case .stage(let stage)
      where stage < delivery && study.isDeliverable(thermal: thermal, delivery: delivery):
        most = max(most, delivery - stage)
      default: break
      }
    }
    return most
  }

  /// Deliveries at most that one stage decides for a plant, without that of its own time.
  package var mostDecisions: Int {
    var most = 0
    for own in deciders {
      var counts: [Int: Int] = [:]
      for (delivery, decider) in own.enumerated() {
        if case .stage(let stage) = decider, stage < delivery { counts[stage, default: 0] += 1 }
      }
      most = max(most, counts.values.max() ?? 0)
    }
    return most
  }

  /// Whether a delivery of the study was decided in an earlier stage or before the study.
  package func isCommitted(thermal: Int, delivery: Int) -> Bool {
    guard deciders[thermal].indices.contains(delivery) else { return false }
    switch deciders[thermal][delivery] {
    case .past: return true
    case .stage(let stage): return stage < delivery
    case .later: return false
    }
  }
}

extension StudyCase {
  /// Limits and price of a delivery, at a time position of the study or after it, or nil if none are given.
  package func deliveryLimits(thermal: Int, delivery: Int) -> ThermalLimits? {
    let timeline = timeline
    if delivery < timeline.count {
      let stage = timeline[delivery]
      return exists(stage: stage, thermal: thermal)
        ? limits(stage: stage, thermal: thermal) : ThermalLimits(minGeneration: 0, maxGeneration: 0, cost: 0)
    }
    return postStudyLimits.first { $0.thermal == thermal && $0.stage == delivery - timeline.count }?.limits
  }

  /// Whether a delivery may be decided: those after the study need limits.
  func isDeliverable(thermal: Int, delivery: Int) -> Bool {
    deliveryLimits(thermal: thermal, delivery: delivery) != nil
  }

  /// Discount factor from a time position to a delivery.
  package func discountFactor(from position: Int, toDelivery delivery: Int) -> Double {
    let timeline = timeline
    var factor = 1.0
    for between in position..<max(position, min(delivery, timeline.count)) {
      factor *= discountFactor(stage: timeline[between])
    }
    for between in timeline.count..<max(timeline.count, delivery) {
      let days = postStudyStages[between - timeline.count].hours / 24
      factor *= PolicyGraph.discountFactor(annualRate: graph.annualDiscountRate, days: days)
    }
    return factor
  }

  /// Hours of a delivery.
  package func deliveryHours(_ delivery: Int) -> Double {
    let timeline = timeline
    return delivery < timeline.count
      ? stages[timeline[delivery]].hours : postStudyStages[delivery - timeline.count].hours
  }
}
