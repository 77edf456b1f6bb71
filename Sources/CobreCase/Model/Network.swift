/// One step of the price of unserved load.
package struct DeficitSegment: Sendable, Equatable {
  /// Width of the step in MW (nil = no limit (the last step only)).
  package var depth: Double?
  /// Price in $/MWh.
  ///
  /// Rises strictly from step to step.
  package var cost: Double
}

/// A node of the network with a load.
package struct Bus: Sendable, Equatable {
  package var id: Int
  package var name: String
}

/// The stages in which an element exists: entry ≤ t < exit.
package struct ServicePeriod: Sendable, Equatable {
  /// First stage (nil = from the start).
  package var entry: Int?
  /// First stage without the element (nil = to the end).
  package var exit: Int?

  /// In service in every stage.
  package static let always = ServicePeriod(entry: nil, exit: nil)

  /// Whether the element exists in the stage.
  package func contains(_ stage: Int) -> Bool {
    if let entry, stage < entry { return false }
    if let exit, stage >= exit { return false }
    return true
  }
}
