/// The machines of a hydro plant that feed one bus.
package struct HydroCell: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Index of the bus.
  package var bus: Int
  /// Indices among the unit groups of the plant, empty if the plant has none.
  package var groups: [Int]
  /// Share of the largest turbined flow that the groups of the plant declare.
  package var share: Double
}

extension StudyCase {
  /// Cells of all plants, in the order of the plants and then of the buses.
  ///
  /// One for each plant without unit groups.
  package var hydroCells: [HydroCell] {
    hydros.enumerated().flatMap { hydro, plant -> [HydroCell] in
      guard !plant.groups.isEmpty else {
        return [HydroCell(hydro: hydro, bus: plant.bus, groups: [], share: 1)]
      }
      let total = plant.groups.reduce(0) { $0 + $1.limits.maxTurbined }
      return Set(plant.groups.map(\.bus)).sorted().map { bus in
        let groups = plant.groups.indices.filter { plant.groups[$0].bus == bus }
        let own = groups.reduce(0) { $0 + plant.groups[$1].limits.maxTurbined }
        return HydroCell(hydro: hydro, bus: bus, groups: groups, share: total > 0 ? own / total : 0)
      }
    }
  }

  /// Limits of a cell in a block: the sums over its unit groups, or the limits of a plant without groups.
  ///
  /// With constant productivity the largest generation binds through the turbined flow, group by group.
  package func limits(stage: Int, cell: HydroCell, block: Int) -> UnitGroupLimits {
    let productivity = production(stage: stage, hydro: cell.hydro).productivity
    func flow(_ maxTurbined: Double, _ maxGeneration: Double) -> Double {
      productivity > 0 ? min(maxTurbined, maxGeneration / productivity) : maxTurbined
    }
    guard !cell.groups.isEmpty else {
      let plant = limits(stage: stage, hydro: cell.hydro, block: block)
      return UnitGroupLimits(
        minTurbined: plant.minTurbined, maxTurbined: flow(plant.maxTurbined, plant.maxGeneration),
        minGeneration: plant.minGeneration, maxGeneration: plant.maxGeneration)
    }
    var sum = UnitGroupLimits(minTurbined: 0, maxTurbined: 0, minGeneration: 0, maxGeneration: 0)
    for group in cell.groups {
      let own = limits(stage: stage, hydro: cell.hydro, group: group, block: block)
      sum.minTurbined += own.minTurbined
      sum.maxTurbined += flow(own.maxTurbined, own.maxGeneration)
      sum.minGeneration += own.minGeneration
      sum.maxGeneration += own.maxGeneration
    }
    return sum
  }
}
