package import CobreCase

/// When a pool of cuts applies: at the end of this stage.
package struct PolicyPeriod: Sendable, Equatable {
  /// First day of the stage.
  package var start: CalendarDate
  /// First day after it.
  package var end: CalendarDate

  package init(start: CalendarDate, end: CalendarDate) {
    self.start = start
    self.end = end
  }
}

/// Cuts of another study, matched by the dates of its stages and the names of its state components.
extension StoredPolicy {
  /// The cuts at the end of the horizon of a case, as fixed cuts after its last stage.
  ///
  /// Components that the policy lacks have slope 0, and components that the case lacks count as 0. Deliveries decided
  /// for after the horizon, and water that arrives then, are matched by the overlap of periods. Deliveries fixed before
  /// the study go into the intercepts.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - isStrict: whether components that the case lacks are refused.
  /// - Returns: the pool in the order of the state of the case, and messages on what was left out.
  /// - Throws: `PolicyMismatch` with a message.
  package func boundaryByDate(for study: StudyCase, isStrict: Bool) throws -> (pool: Policy.Pool, notes: [String]) {
    guard let horizon = study.stages.last?.end else { throw PolicyMismatch("The case has no stages.") }
    guard periods.count == policy.pools.count else { throw Self.withoutDates }
    let found = periods.indices.filter { periods[$0].end == horizon && policy.pools[$0].count > 0 }
    guard let source = found.first, found.count == 1 else {
      throw PolicyMismatch(
        found.isEmpty
          ? "The boundary policy has no cuts at \(horizon), where the case ends; its stages end at "
            + "\(periods.prefix(12).map(\.end.description).joined(separator: ", "))"
            + "\(periods.count > 12 ? ", …" : ""). Use a policy with a stage that ends there and is not its last."
          : "The boundary policy has \(found.count) nodes that end at \(horizon), so that no single one follows the case. "
            + "Use a policy of a chain of stages.")
    }
    let pool = policy.pools[source]
    guard pool.groups <= 1 else { throw Self.withSeveralFutures }
    let match = try match(study, after: source, deliveries: study.deliveriesAfterHorizon(), isStrict: isStrict)
    var notes = match.notes
    let hours = study.lostTravelHours
    if hours > 0 {
      notes.append(
        "Water that is still on its way when the declared periods end counts as lost. Declare stages of \(hours) hours more "
          + "after the study.")
    }
    return (match.applied(to: pool, dimension: policy.stateDimension), notes)
  }

  /// The policy as a start of the training of a case with which it shares only some stages.
  ///
  /// A pool serves the stage that ends on the same day. Policy nodes that end on the same day are matched in order if
  /// both sides have the same number. Stages without such a pool start without cuts.
  ///
  /// - Parameters:
  ///   - study: the case.
  ///   - groups: future costs per pool of the case, by the stage the pool follows.
  /// - Returns: the policy, and messages on what was left out. It is the policy itself if stages and components are the
  ///   same.
  /// - Throws: `PolicyMismatch` if nothing fits.
  package func fittedByDate(to study: StudyCase, groups: [Int]) throws -> (policy: StoredPolicy, notes: [String]) {
    let own = study.stages.map { PolicyPeriod(start: $0.start, end: $0.end) }
    if periods.isEmpty || periods == own && stateNames == study.stateNames {
      return (try fitted(to: study, groups: groups, isStrict: true), [])
    }
    let sources = Dictionary(grouping: periods.indices.filter { policy.pools[$0].count > 0 }) { periods[$0].end }
    let targets = Dictionary(grouping: own.indices) { own[$0].end }
    var result = StoredPolicy(
      policy: Policy(stateDimension: study.stateNames.count, pools: []), stateNames: study.stateNames,
      blocks: study.stages.map(\.blocks.count), iteration: iteration)
    result.periods = own
    result.policy.pools = .init(repeating: Policy.Pool(), count: own.count)
    var notes: [String] = []
    var matched = 0
    var sought = 0
    for stage in own.indices where stage < groups.count && !study.graph.successors(of: stage).isEmpty {
      sought += 1
      guard let here = targets[own[stage].end], let there = sources[own[stage].end], here.count == there.count,
        let rank = here.firstIndex(of: stage)
      else { continue }
      let pool = policy.pools[there[rank]]
      guard pool.groups <= 1, groups[stage] <= 1 else { throw Self.withSeveralFutures }
      let match = try match(study, after: there[rank], deliveries: study.deliveries(after: stage), isStrict: false)
      result.policy.pools[stage] = match.applied(to: pool, dimension: policy.stateDimension)
      for note in match.notes where !notes.contains(note) { notes.append(note) }
      matched += 1
    }
    guard matched > 0 else {
      throw PolicyMismatch(
        "The policy has no cuts at the end of any stage of the case. Use a policy whose stages end on the same days.")
    }
    notes.append("Cuts of the policy were taken for \(matched) of \(sought) stages, those that end on the same days.")
    if periods.map(\.end).max() != own.last?.end {
      notes.append(
        "The policy has another horizon than the case, so that its cuts, and with them the lower bound, may lie above what the "
          + "stages cost.")
    }
    return (result, notes)
  }

  private static let withoutDates = PolicyMismatch(
    "The policy does not say when its stages end. Use a policy.sqlite that this engine wrote.")

  private static let withSeveralFutures = PolicyMismatch(
    "The policy has a cut for each opening; its cuts bound no single future cost. Train it with a single cut.")

  /// How the slopes of a case follow from the policy's.
  private struct Match {
    /// For each component of the case, the components of the policy, with factors.
    var terms: [[(component: Int, factor: Double)]]
    /// Components of the policy whose value is known, which goes into the intercept.
    var known: [(component: Int, value: Double)]
    var notes: [String]

    func applied(to pool: Policy.Pool, dimension: Int) -> Policy.Pool {
      var result = Policy.Pool()
      let inactive = Set(pool.inactive)
      for cut in 0..<pool.count where !inactive.contains(cut) {
        func slope(_ component: Int) -> Double { pool.slopes[cut * dimension + component] }
        result.intercepts.append(known.reduce(pool.intercepts[cut]) { $0 + slope($1.component) * $1.value })
        result.slopes += terms.map { $0.reduce(0) { $0 + slope($1.component) * $1.factor } }
      }
      return result
    }
  }

  private func match(
    _ study: StudyCase, after source: Int, deliveries: [PendingDelivery], isStrict: Bool
  ) throws -> Match {
    let names = study.stateNames
    let positions = Dictionary(stateNames.enumerated().map { ($1, $0) }) { first, _ in first }
    var terms = names.map { name -> [(component: Int, factor: Double)] in
      StateName(name)?.isDated == true ? [] : positions[name].map { [($0, 1)] } ?? []
    }
    var known: [(component: Int, value: Double)] = []
    var used = Set(terms.joined().map(\.component))
    let ends = places
    for (component, name) in stateNames.enumerated() {
      guard let state = StateName(name), state.isDated, let place = ends.firstIndex(of: periods[source].end)
      else { continue }
      let later = place + state.ahead
      guard ends.indices.contains(later) else { continue }
      // The delivery lasts from the end of the previous stage to the end of its own.
      let (from, to) = (ends[later - 1], ends[later])
      let days = Double(CalendarDate.days(from: from, to: to))
      for delivery in deliveries where delivery.kind == state.kind && delivery.id == state.id && days > 0 {
        let overlap = delivery.overlap(from: from, to: to)
        guard overlap > 0 else { continue }
        used.insert(component)
        // A commitment is a mean power over the policy's period; of a volume the part counts that arrives in it.
        let whole = state.kind == .transit ? delivery.end - delivery.start : days
        switch delivery.value {
        case .component(let target): terms[target].append((component, overlap / whole))
        case .power(let power): known.append((component, power * overlap / days))
        }
      }
    }
    let unused = stateNames.indices.filter { !used.contains($0) }.map { stateNames[$0] }
    if isStrict, !unused.isEmpty {
      throw PolicyMismatch(
        "The boundary policy has state components that the case lacks: \(Self.list(unused)). Set policy.boundary.strict "
          + "to false to count them as 0.")
    }
    var notes: [String] = []
    if !unused.isEmpty {
      notes.append("The case lacks state components of the policy, which count as 0: \(Self.list(unused)).")
    }
    let lacking = names.indices.filter { terms[$0].isEmpty }.map { names[$0] }
    if !lacking.isEmpty {
      notes.append("The policy says nothing on state components of the case: \(Self.list(lacking)).")
    }
    return Match(terms: terms, known: known, notes: notes)
  }

  /// First days after the time positions of the policy, ascending.
  private var places: [CalendarDate] {
    periods.indices.filter { $0 == 0 || periods[$0].end != periods[$0 - 1].end }.map { periods[$0].end }
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }
}

/// What the name of a state component says.
package struct StateName {
  package enum Kind: String {
    case storage
    case lag = "inflow_lag"
    case sum = "inflow_sum"
    case commitment
    case transit
    case battery
    case price
  }

  package var kind: Kind
  package var id: Int
  /// Stages ahead, or the lag; 0 without.
  package var ahead = 0

  package init?(_ name: String) {
    let parts = name.split(whereSeparator: { "[,]".contains($0) })
    guard parts.count >= 2, let kind = Kind(rawValue: String(parts[0])), let id = Int(parts[1]) else { return nil }
    self.kind = kind
    self.id = id
    if parts.count > 2, let ahead = Int(parts[2]), ahead >= 0, ahead < 10_000 { self.ahead = ahead }
  }

  /// Whether the component belongs to a period that is found by dates.
  var isDated: Bool { kind == .commitment || kind == .transit }
}

/// A delivery of a thermal plant after a stage, decided by the study or fixed before it; or water that comes to a plant
/// then.
struct PendingDelivery {
  enum Value {
    /// Component of the state that holds it.
    case component(Int)
    /// MW.
    case power(Double)
  }

  var kind = StateName.Kind.commitment
  /// Id of the plant.
  var id: Int
  /// Days since 1970, as hours of periods may make no whole days.
  var start: Double
  var end: Double
  var value: Value

  /// Days of the delivery within a period.
  func overlap(from: CalendarDate, to: CalendarDate) -> Double {
    max(0, min(end, Double(to.dayNumber)) - max(start, Double(from.dayNumber)))
  }
}

extension StudyCase {
  /// Hours by which the longest travel time exceeds the stages that are declared after the study.
  fileprivate var lostTravelHours: Double {
    let declared = postStudyStages.reduce(0) { $0 + $1.hours }
    return max(0, (hydros.filter(\.travels).compactMap(\.travelTime).max() ?? 0) - declared)
  }

  /// Deliveries and arrivals of water that are pending at the end of a stage.
  func deliveries(after stage: Int) -> [PendingDelivery] {
    let layout = InflowProcess(study: self).layout
    let place = position(of: stage)
    let timeline = timeline
    var starts = timeline.map { Double(stages[$0].start.dayNumber) }
    var end = Double(stages.last?.end.dayNumber ?? 0)
    starts.append(end)
    for period in postStudyStages {
      end += period.hours / 24
      starts.append(end)
    }
    var result: [PendingDelivery] = []
    for (thermal, plant) in thermals.enumerated() {
      for ahead in 0..<layout.commitmentCounts[thermal] {
        let delivery = place + 1 + ahead
        guard delivery + 1 < starts.count else { continue }
        result.append(
          PendingDelivery(
            id: plant.id, start: starts[delivery], end: starts[delivery + 1],
            value: .component(layout.commitment(ahead + 1, thermal: thermal))))
      }
    }
    for (hydro, plant) in hydros.enumerated() where layout.transitCounts.indices.contains(hydro) {
      for ahead in 0..<layout.transitCounts[hydro] where place + 2 + ahead < starts.count {
        result.append(
          PendingDelivery(
            kind: .transit, id: plant.id, start: starts[place + 1 + ahead], end: starts[place + 2 + ahead],
            value: .component(layout.transit(ahead + 1, hydro: hydro))))
      }
    }
    return result
  }

  /// Deliveries after the last stage, including deliveries that were fixed before the study.
  func deliveriesAfterHorizon() -> [PendingDelivery] {
    guard let last = stages.last else { return [] }
    let fixed = initialConditions.pastCommitments.filter { $0.start >= last.end }.map {
      PendingDelivery(
        id: thermals[$0.thermal].id, start: Double($0.start.dayNumber), end: Double($0.end.dayNumber),
        value: .power($0.power))
    }
    return deliveries(after: stages.count - 1) + fixed
  }
}
