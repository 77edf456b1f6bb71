/// A case in numbers, as `cobre-worker describe` prints it; the tool `describe_case` takes most of them.
package struct CaseDescription: Sendable, Codable, Equatable {
  package struct Counts: Sendable, Codable, Equatable {
    package var buses: Int
    package var lines: Int
    package var hydros: Int
    package var thermals: Int
    package var nonControllableSources: Int
    package var pumpingStations: Int
    package var contracts: Int
    package var batteries: Int
    package var priceProcesses: Int
    package var genericConstraints: Int
  }

  package var counts: Counts
  package var stages: Int
  /// First day of the study, `YYYY-MM-DD`.
  package var firstDate: String
  /// First day after the study.
  package var endDate: String
  /// Hours of all blocks together.
  package var hours: Double
  /// Blocks per stage, smallest and largest number.
  package var blocksPerStage: [Int]
  /// Block mode of each kind that occurs.
  package var blockModes: [String]
  /// Openings per stage, smallest and largest number.
  package var openingsPerStage: [Int]
  /// Length of the noise vector.
  package var noiseDimension: Int
  /// Where the inflows come from.
  package var inflowModel: String
  /// Largest autoregressive order.
  package var inflowOrder: Int
  package var annualDiscountRate: Double
  /// `finite_horizon` or `cyclic`.
  package var policyGraph: String
  /// `expectation`, or the names of the other measures that stages have, separated by commas.
  package var riskMeasure: String
  package var forwardPasses: Int
  package var iterationLimit: Int?
  package var timeLimitSeconds: Double?
  /// Installed thermal capacity in MW, at stage 0.
  package var thermalCapacity: Double
  /// Hydro capacity in MW, at stage 0.
  package var hydroCapacity: Double
  /// Storage between minimum and maximum in hm³, at stage 0.
  package var usefulStorage: Double
  /// Mean load in MW, averaged over the hours of the study.
  package var meanLoad: Double
  package var features: CaseFeatures
  /// Linear programs that an iteration of the training solves at least; where stages branch, as a mean.
  package var solvesPerIteration: Double

  package init(_ study: StudyCase) {
    counts = Counts(
      buses: study.buses.count, lines: study.lines.count, hydros: study.hydros.count, thermals: study.thermals.count,
      nonControllableSources: study.sources.count, pumpingStations: study.pumpingStations.count,
      contracts: study.contracts.count, batteries: study.batteries.count,
      priceProcesses: study.priceProcesses.count, genericConstraints: study.genericConstraints.count)
    stages = study.stages.count
    firstDate = study.stages.first?.start.description ?? ""
    endDate = study.stages.last?.end.description ?? ""
    hours = study.stages.reduce(0) { $0 + $1.hours }
    let blocks = study.stages.map(\.blocks.count)
    blocksPerStage = [blocks.min() ?? 0, blocks.max() ?? 0]
    blockModes = Set(study.stages.map(\.blockMode.rawValue)).sorted()
    let openings = study.stages.map(\.openings)
    openingsPerStage = [openings.min() ?? 0, openings.max() ?? 0]
    noiseDimension = study.noiseDimension
    var orders = [Int](repeating: 0, count: study.hydros.count)
    for row in study.autoregressiveCoefficients { orders[row.hydro] = max(orders[row.hydro], row.lag) }
    for row in study.annualComponents { orders[row.hydro] = max(orders[row.hydro], 12) }
    inflowModel =
      switch study.inflowModelSource {
      case .none: "none"
      case .given: "seasonal_stats"
      case .openings: "openings"
      case .estimated: "estimated"
      }
    inflowOrder = orders.max() ?? 0
    annualDiscountRate = study.graph.annualDiscountRate
    policyGraph = study.graph.kind.rawValue
    let measures = study.stages.reduce(into: Set<String>()) { $0.formUnion($1.riskMeasure.names) }
    riskMeasure = measures.isEmpty ? "expectation" : measures.sorted().joined(separator: ", ")
    forwardPasses = study.configuration.training.forwardPasses
    iterationLimit = study.configuration.training.iterationLimit
    timeLimitSeconds = study.configuration.training.timeLimit
    let first = study.stages.isEmpty ? 0 : 1
    thermalCapacity = study.thermalLimits.prefix(study.thermals.count * first).reduce(0) { $0 + $1.maxGeneration }
    hydroCapacity = study.hydroLimits.prefix(study.hydros.count * first).reduce(0) { $0 + $1.maxGeneration }
    usefulStorage = study.hydroLimits.prefix(study.hydros.count * first).reduce(0) {
      $0 + $1.maxStorage - $1.minStorage
    }
    meanLoad = CaseDescription.meanLoad(study)
    features = CaseFeatures(study)
    solvesPerIteration = CaseDescription.solves(study)
  }

  /// One solve for each stage of a trajectory, and one for each opening of what may follow it.
  static func solves(_ study: StudyCase) -> Double {
    let visits = study.graph.visitProbabilities(stages: study.stages.count)
    let solves = study.stages.indices.reduce(0.0) { sum, stage in
      let next = study.graph.successors(of: stage).filter { $0.stage > stage }
      return sum + visits[stage] * (1 + next.reduce(0) { $0 + Double(study.stages[$1.stage].openings) })
    }
    return Double(study.configuration.training.forwardPasses) * solves
  }

  private static func meanLoad(_ study: StudyCase) -> Double {
    var energy = 0.0
    var hours = 0.0
    for (stage, value) in study.stages.enumerated() {
      for (index, block) in value.blocks.enumerated() {
        hours += block.hours
        for bus in study.buses.indices {
          energy +=
            study.meanLoad(stage: stage, bus: bus) * study.loadFactor(stage: stage, bus: bus, block: index)
            * block.hours
        }
      }
    }
    return hours > 0 ? energy / hours : 0
  }
}

extension StudyCase {
  /// Expected load of a bus in MW, before the block factor: of the openings, else the mean of the statistics.
  package func meanLoad(stage: Int, bus: Int) -> Double {
    guard let openings = loadOpenings else { return loadStatistics(stage: stage, bus: bus).mean }
    return (0..<openings.count(stage)).reduce(0) {
      $0 + openings.probability(stage, $1) * openings.value(stage, $1, bus)
    }
  }
}
