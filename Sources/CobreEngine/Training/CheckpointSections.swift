/// What a checkpoint keeps besides warm starts, by the part of training that it belongs to.
package struct CheckpointSections: Sendable, Equatable {
  /// What stopping rules go on from.
  package struct Stopping: Sendable, Equatable {
    /// By iteration, in $.
    package var lowerBounds: [Double] = []
    /// Whether each rule held, empty if that is to be decided again.
    package var holds: [Bool] = []
    /// What rules remember, by the name of the rule.
    package var memories: [String: [Double]] = [:]

    package init() {}
  }

  /// The use of the cuts of a pool, by slot.
  package struct Activity: Sendable, Equatable {
    /// Backward solves in which the cut was tight.
    package var counts: [Int64] = []
    /// Iteration of the last such solve.
    package var lastActive: [Int64] = []
    /// Iteration of creation.
    package var created: [Int64] = []
    /// Slots of the cuts that take no part in LPs.
    package var inactive: [Int64] = []

    package init(counts: [Int64] = [], lastActive: [Int64] = [], created: [Int64] = [], inactive: [Int64] = []) {
      self.counts = counts
      self.lastActive = lastActive
      self.created = created
      self.inactive = inactive
    }
  }

  /// The inner approximation.
  package struct Inner: Sendable, Equatable {
    /// As `LipschitzBounds` keeps them.
    package var slopes: [Double] = []
    /// $ by pool and vertex.
    package var values: [[Double]] = []
    /// By pool, the length of its list of visited states after each evaluation.
    package var seen: [[Int64]] = []

    package init() {}
  }

  package var stopping = Stopping()
  /// The last deterministic upper bound, in $.
  package var upperBound: Double?
  /// By pool, empty if the use of cuts is not counted.
  package var activities: [Int: Activity] = [:]
  package var inner: Inner?
  /// Mean storages that the next forward pass stays near to (`TrialRegion`), empty for none.
  package var centre: [Double] = []

  package init() {}
}

/// How sections are named in the bytes of a checkpoint: lists of numbers, with the pool's index after the name if they
/// belong to a pool.
extension CheckpointSections {
  private enum Name {
    static let lowerBounds = "lower_bounds"
    static let holds = "holds"
    static let upperBound = "upper_bound"
    static let slopes = "inner_slopes"
    static let values = "inner_values"
    static let seen = "inner_seen"
    static let counts = "active_count"
    static let lastActive = "last_active"
    static let created = "created"
    static let inactive = "inactive"
    static let centre = "trial_centre"
  }

  /// One list of a checkpoint.
  enum List: Equatable {
    case numbers([Double])
    case integers([Int64])
  }

  /// All lists by name.
  var lists: [String: List] {
    var lists: [String: List] = stopping.memories.mapValues { .numbers($0) }
    lists[Name.lowerBounds] = .numbers(stopping.lowerBounds)
    lists[Name.holds] = .numbers(stopping.holds.map { $0 ? 1 : 0 })
    if !centre.isEmpty { lists[Name.centre] = .numbers(centre) }
    if let upperBound { lists[Name.upperBound] = .numbers([upperBound]) }
    if let inner {
      lists[Name.slopes] = .numbers(inner.slopes)
      for (pool, values) in inner.values.enumerated() { lists["\(Name.values).\(pool)"] = .numbers(values) }
      for (pool, seen) in inner.seen.enumerated() { lists["\(Name.seen).\(pool)"] = .integers(seen) }
    }
    for (pool, activity) in activities {
      lists["\(Name.counts).\(pool)"] = .integers(activity.counts)
      lists["\(Name.lastActive).\(pool)"] = .integers(activity.lastActive)
      lists["\(Name.created).\(pool)"] = .integers(activity.created)
      lists["\(Name.inactive).\(pool)"] = .integers(activity.inactive)
    }
    return lists
  }

  /// Reads lists named as in `lists`.
  ///
  /// Missing lists are empty, and unknown names are memories of rules.
  init(_ lists: [String: [Double]]) {
    self.init()
    var slopes: [Double]?
    var values: [Int: [Double]] = [:]
    var seen: [Int: [Int64]] = [:]
    for (name, list) in lists {
      let integers = { list.compactMap { Int64(exactly: $0) } }
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      let pool = parts.count == 2 ? Int(parts[1]).flatMap { $0 >= 0 ? $0 : nil } : nil
      switch (String(parts[0]), pool) {
      case (Name.lowerBounds, nil): stopping.lowerBounds = list
      case (Name.holds, nil): stopping.holds = list.map { $0 == 1 }
      case (Name.upperBound, nil): upperBound = list.first
      case (Name.centre, nil): centre = list
      case (Name.slopes, nil): slopes = list
      case (Name.values, let pool?): values[pool] = list
      case (Name.seen, let pool?): seen[pool] = integers()
      case (Name.counts, let pool?): activities[pool, default: Activity()].counts = integers()
      case (Name.lastActive, let pool?): activities[pool, default: Activity()].lastActive = integers()
      case (Name.created, let pool?): activities[pool, default: Activity()].created = integers()
      case (Name.inactive, let pool?): activities[pool, default: Activity()].inactive = integers()
      default: stopping.memories[name] = list
      }
    }
    guard let slopes else { return }
    var inner = Inner()
    inner.slopes = slopes
    // Pools follow each other from 0.
    while let list = values[inner.values.count] { inner.values.append(list) }
    while let list = seen[inner.seen.count] { inner.seen.append(list) }
    self.inner = inner
  }
}
