/// Productivities, reference volumes and stored energies of every plant in every stage.
///
/// All tables are indexed `[stage * hydros + hydro]`, or nil if a quantity cannot be derived.
package struct EnergyTable: Sendable {
  /// Energy of one MW/(m³/s)·hm³ in MWh: 10⁶ m³ over 3600 s.
  package static let hoursPerVolume = 1e6 / 3600

  private let hydros: Int
  private let minStorages: [Double]
  private let maxStorages: [Double]
  /// MW/(m³/s).
  private var equivalent: [Double?] = []
  private var integrated: [Double?] = []
  private var accumulated: [Double?] = []
  private var integratedAccumulated: [Double?] = []
  /// MW/(m³/s) per m.
  private var specific: [Double?] = []
  /// hm³.
  private var referenceVolumes: [Double] = []
  /// m³/s.
  private var referenceOutflows: [Double] = []

  /// Derives all quantities of a case.
  package init(study: StudyCase) {
    hydros = study.hydros.count
    minStorages = study.hydros.map(\.limits.minStorage)
    maxStorages = study.hydros.map(\.limits.maxStorage)
    let rows = ProductivityRows(study: study)
    // If there is no loop, walking down from a plant ends after at most as many steps as there are plants.
    let order = Self.fromTheSea(study)
    var heads = ReferenceHeads(study: study)
    for stage in study.stages.indices {
      for hydro in study.hydros.indices {
        let row = rows.row(stage: stage, hydro: hydro)
        let volume = study.referenceVolume(stage: stage, hydro: hydro)
        referenceVolumes.append(volume)
        referenceOutflows.append(row.referenceOutflow ?? study.hydros[hydro].limits.maxTurbined)
        let perMetre = row.specific ?? study.hydros[hydro].specificProductivity
        specific.append(perMetre)
        let own =
          row.equivalent
          ?? study.givenProductivity(stage: stage, hydro: hydro)
          ?? perMetre.flatMap { specific in heads.head(stage: stage, hydro: hydro).map { specific * $0.reference } }
        equivalent.append(own)
        // A given equivalent productivity replaces the integrated one only where there is no range to take a mean of.
        let mean = perMetre.flatMap { specific in heads.head(stage: stage, hydro: hydro).map { specific * $0.mean } }
        integrated.append(row.integrated ?? (maxStorages[hydro] > minStorages[hydro] ? mean : nil) ?? own)
      }
      let first = stage * hydros
      accumulated += Self.accumulate(equivalent[first...], order, study)
      integratedAccumulated += Self.accumulate(integrated[first...], order, study)
    }
  }

  /// The plants, each after the one below it.
  private static func fromTheSea(_ study: StudyCase) -> [Int] {
    var order = study.hydros.indices.filter { study.hydros[$0].downstream == nil }
    var next = 0
    while next < order.count, order.count <= study.hydros.count {
      order += study.hydros[order[next]].upstream
      next += 1
    }
    return order
  }

  /// Own value plus the values of all plants below, or nil if one of them is nil.
  private static func accumulate(_ own: ArraySlice<Double?>, _ order: [Int], _ study: StudyCase) -> [Double?] {
    var result = [Double?](repeating: nil, count: study.hydros.count)
    for hydro in order {
      guard let value = own[own.startIndex + hydro] else { continue }
      guard let below = study.hydros[hydro].downstream else {
        result[hydro] = value
        continue
      }
      result[hydro] = result[below].map { value + $0 }
    }
    return result
  }

  /// MW/(m³/s) at the reference volume and the largest turbined flow.
  package func equivalentProductivity(stage: Int, hydro: Int) -> Double? { equivalent[stage * hydros + hydro] }

  /// A quantity of a plant in a stage, in the unit of its tag, or nil if it cannot be derived.
  package func value(_ tag: ComputedParameterTag, stage: Int, hydro: Int) -> Double? {
    let index = stage * hydros + hydro
    let range = maxStorages[hydro] - minStorages[hydro]
    return switch tag {
    case .equivalentProductivity: equivalent[index]
    case .accumulatedProductivity: accumulated[index]
    case .referenceVolume: referenceVolumes[index]
    case .referenceTurbine: referenceOutflows[index]
    case .minStorage: minStorages[hydro]
    case .maxStorage: maxStorages[hydro]
    case .specificProductivity: specific[index]
    case .integratedEquivalentProductivity: integrated[index]
    case .integratedAccumulatedProductivity: integratedAccumulated[index]
    case .maxStoredEnergy: integratedAccumulated[index].map { $0 * range }
    case .integratedEquivalentEnergy: integrated[index].map { $0 * Self.hoursPerVolume }
    case .integratedAccumulatedEnergy: integratedAccumulated[index].map { $0 * Self.hoursPerVolume }
    case .maxStoredEnergyHours: integratedAccumulated[index].map { $0 * range * Self.hoursPerVolume }
    }
  }
}

/// The given productivities, found by plant and stage: a column of the stage's own row, or else of the row for all
/// stages.
private struct ProductivityRows {
  private var own: [Int: EnergyProductivity] = [:]
  private var general: [Int: EnergyProductivity] = [:]
  private let hydros: Int

  init(study: StudyCase) {
    hydros = study.hydros.count
    for row in study.energyProductivities {
      if let stage = row.stage { own[stage * hydros + row.hydro] = row } else { general[row.hydro] = row }
    }
  }

  func row(stage: Int, hydro: Int) -> EnergyProductivity {
    let base = general[hydro] ?? EnergyProductivity(hydro: hydro)
    guard var row = own[stage * hydros + hydro] else { return base }
    row.equivalent = row.equivalent ?? base.equivalent
    row.referenceOutflow = row.referenceOutflow ?? base.referenceOutflow
    row.specific = row.specific ?? base.specific
    row.integrated = row.integrated ?? base.integrated
    return row
  }
}

/// Net heads of plants at the largest turbined flow and with their own tailrace, each computed once.
private struct ReferenceHeads {
  private struct Key: Hashable {
    var hydro: Int
    var volume: Double
  }

  private let study: StudyCase
  private var known: [Key: (reference: Double, mean: Double)] = [:]

  init(study: StudyCase) { self.study = study }

  /// Head in m at the reference volume, and at the mean level of the storage range, or nil without geometry or with a
  /// tailrace that is no curve.
  ///
  /// Without a tailrace the levels of the reservoir count from the water below the plant.
  mutating func head(stage: Int, hydro: Int) -> (reference: Double, mean: Double)? {
    let plant = study.hydros[hydro]
    let key = Key(hydro: hydro, volume: study.referenceVolume(stage: stage, hydro: hydro))
    if let heads = known[key] { return heads }
    guard !plant.geometry.isEmpty, let tail = Tailwater(plant.tailrace ?? .polynomial([])) else { return nil }
    let curve = plant.levelCurve
    let function = ProductionFunction(level: curve, tail: tail, losses: plant.hydraulicLosses, efficiency: nil)
    let mean = curve.mean(from: plant.limits.minStorage, to: plant.limits.maxStorage)
    let flow = plant.limits.maxTurbined
    let heads = (
      function.netHead(level: curve.value(at: key.volume), outflow: flow), function.netHead(level: mean, outflow: flow)
    )
    known[key] = heads
    return heads
  }
}

extension LinearCurve {
  /// Mean value over the part of a range that the curve covers, the exact integral of the segments.
  ///
  /// The value itself where that part has no width.
  package func mean(from start: Double, to end: Double) -> Double {
    let low = max(start, positions.first ?? start)
    let high = min(end, positions.last ?? end)
    guard high > low else { return value(at: start) }
    let corners = [low] + positions.filter { low < $0 && $0 < high } + [high]
    let sum = zip(corners, corners.dropFirst()).reduce(0) { sum, ends in
      sum + 0.5 * (value(at: ends.0) + value(at: ends.1)) * (ends.1 - ends.0)
    }
    return sum / (high - low)
  }
}
