/// When the deliveries of anticipated thermal plants are decided.
///
/// Deliveries are counted through the stages of the study and on through the periods that follow it.
package struct CommitmentPlan: Sendable, Equatable {
  /// When a delivery is decided.
  package enum Decider: Sendable, Equatable {
    /// Before the study.
    case past
    /// In a stage, which is that of the delivery itself where the lead is too short.
    case stage(Int)
    /// After the study.
    case later
  }

  /// Decider by thermal plant and delivery; empty for plants that are not anticipated.
  package let deciders: [[Decider]]
  /// Pending deliveries at most after any stage, by thermal plant: components of the state.
  package let counts: [Int]
  /// MW that the past commitments make of each delivery of the study, by thermal plant.
  package let past: [[Double]]
  /// What does not fit together, a sentence each with the thermal plant.
  package let problems: [(thermal: Int, sentence: String)]

  package static func == (left: CommitmentPlan, right: CommitmentPlan) -> Bool {
    left.deciders == right.deciders && left.counts == right.counts && left.past == right.past
  }

  package init(study: StudyCase) {
    let ends = Self.ends(of: study)
    var deciders: [[Decider]] = []
    var counts: [Int] = []
    var past: [[Double]] = []
    var problems: [(thermal: Int, sentence: String)] = []
    for (thermal, plant) in study.thermals.enumerated() {
      guard let anticipation = plant.anticipation else {
        deciders.append([])
        counts.append(0)
        past.append([])
        continue
      }
      let own = ends.indices.map { delivery in
        Self.decider(
          of: delivery, anticipation: anticipation, ends: ends, stages: study.stages.count)
      }
      deciders.append(own)
      counts.append(Self.pending(own, study: study, thermal: thermal))
      var values = [Double](repeating: 0, count: study.stages.count)
      for delivery in study.stages.indices {
        let stage = study.stages[delivery]
        let windows = study.initialConditions.pastCommitments.filter {
          $0.thermal == thermal && $0.start < stage.end && $0.end > stage.start
        }
        guard own[delivery] == .past else {
          if let first = windows.first {
            problems.append(
              (
                thermal,
                "The commitment from \(first.start) is for stage \(stage.id), which the study decides."
              ))
          }
          continue
        }
        guard let window = windows.first, windows.count == 1, window.start <= stage.start,
          window.end >= stage.end
        else {
          problems.append(
            (
              thermal,
              "Stage \(stage.id) was decided before the study: exactly one past commitment must cover it."
            ))
          continue
        }
        values[delivery] = window.power
      }
      past.append(values)
    }
    self.deciders = deciders
    self.counts = counts
    self.past = past
    self.problems = problems
  }

  /// Hours from the start of the study to the end of each delivery period, by the hours of blocks.
  private static func ends(of study: StudyCase) -> [Double] {
    var hours = 0.0
    return (study.stages.map(\.hours) + study.postStudyStages.map(\.hours)).map {
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
  private static func pending(_ deciders: [Decider], study: StudyCase, thermal: Int) -> Int {
    var most = 0
    for (delivery, decider) in deciders.enumerated() {
      switch decider {
      case .past where delivery < study.stages.count: most = max(most, delivery + 1)
      case .stage(let stage)
      where stage < delivery && study.isDeliverable(thermal: thermal, delivery: delivery):
        most = max(most, delivery - stage)
      default: break
      }
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
  /// Limits and price of a delivery, in a stage of the study or after it; nil where none are given.
  func deliveryLimits(thermal: Int, delivery: Int) -> ThermalLimits? {
    if delivery < stages.count {
      return exists(stage: delivery, thermal: thermal)
        ? limits(stage: delivery, thermal: thermal)
        : ThermalLimits(minGeneration: 0, maxGeneration: 0, cost: 0)
    }
    return postStudyLimits.first { $0.thermal == thermal && $0.stage == delivery - stages.count }?
      .limits
  }

  /// Whether a delivery may be decided: those after the study need limits.
  func isDeliverable(thermal: Int, delivery: Int) -> Bool {
    deliveryLimits(thermal: thermal, delivery: delivery) != nil
  }

  /// Discount factor from a stage to a delivery.
  func discountFactor(from stage: Int, toDelivery delivery: Int) -> Double {
    var factor = 1.0
    for between in stage..<max(stage, min(delivery, stages.count)) {
      factor *= discountFactor(stage: between)
    }
    for between in stages.count..<max(stages.count, delivery) {
      let days = postStudyStages[between - stages.count].hours / 24
      factor *= PolicyGraph.discountFactor(annualRate: graph.annualDiscountRate, days: days)
    }
    return factor
  }

  /// Hours of a delivery.
  func deliveryHours(_ delivery: Int) -> Double {
    delivery < stages.count
      ? stages[delivery].hours : postStudyStages[delivery - stages.count].hours
  }
}
