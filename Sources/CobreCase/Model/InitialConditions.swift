/// The past that the study starts from.
///
/// Start volumes are in `Hydro.initialStorage`.
package struct InitialConditions: Sendable, Equatable {
  /// Sorted by plant.
  package var pastInflows: [PastInflow]
  /// Sorted by plant, then start.
  package var recentObservations: [RecentObservation]
  /// Deliveries of anticipated thermal plants that the study finds decided.
  package var pastCommitments: [PastCommitment] = []
  /// Outflows of plants with a travel time.
  package var pastReleases: [PastRelease] = []
}

/// Inflows of a plant before the study.
package struct PastInflow: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// m³/s, most recent first (index 0 = lag 1).
  package var values: [Double]
  /// Season of each value, if given.
  package var seasonIDs: [Int]?
}

/// Mean inflow of a plant over part of the running season, for studies that start inside a season.
package struct RecentObservation: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  package var start: CalendarDate
  /// First day after the period.
  package var end: CalendarDate
  /// m³/s.
  package var value: Double
}
