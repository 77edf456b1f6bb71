extension StudyCase {
  /// The case with one stage for each entry of `origins`, a copy of the stage that the entry names.
  ///
  /// Everything that belongs to a stage is copied with it: limits, costs, factors, statistics, planes, rows of
  /// constraints. Periods of service and of filling stay as they are, since they count time positions. The caller sets
  /// the graph and `nodePositions`.
  ///
  /// - Parameter origins: indices of stages, ascending.
  /// - Returns: the case.
  package func copyingStages(_ origins: [Int]) -> StudyCase {
    var study = self
    study.stages = origins.enumerated().map { index, origin in
      var stage = stages[origin]
      stage.id = index
      return stage
    }
    func rows<Value>(_ path: WritableKeyPath<StudyCase, [Value]>, _ count: Int) {
      let values = self[keyPath: path]
      guard !values.isEmpty else { return }
      study[keyPath: path] = origins.flatMap { values[($0 * count)..<(($0 + 1) * count)] }
    }
    rows(\.hydroLimits, hydros.count)
    rows(\.hydroCosts, hydros.count)
    rows(\.productionModels, hydros.count)
    rows(\.thermalLimits, thermals.count)
    rows(\.lineLimits, lines.count)
    rows(\.lineExchangeCosts, lines.count)
    rows(\.busExcessCosts, buses.count)
    rows(\.sourceAvailabilities, sources.count)
    rows(\.sourceCurtailmentCosts, sources.count)
    rows(\.pumpLimits, pumpingStations.count)
    rows(\.batteryLimits, batteries.count)
    rows(\.contractLimits, contracts.count)
    rows(\.inflowStatistics, hydros.count)
    rows(\.loadStatistics, buses.count)
    rows(\.sourceStatistics, sources.count)

    let copies = Dictionary(grouping: origins.indices) { origins[$0] }
    study.hydroBlockLimits = hydroBlockLimits.copyingStages(copies)
    study.groupLimits = groupLimits.copyingStages(copies)
    study.thermalBlockLimits = thermalBlockLimits.copyingStages(copies)
    study.lineBlockLimits = lineBlockLimits.copyingStages(copies)
    study.pumpBlockLimits = pumpBlockLimits.copyingStages(copies)
    study.contractBlockLimits = contractBlockLimits.copyingStages(copies)
    study.loadFactors = loadFactors.copyingStages(origins)
    study.directExchangeFactors = directExchangeFactors.copyingStages(origins)
    study.reverseExchangeFactors = reverseExchangeFactors.copyingStages(origins)
    study.sourceFactors = sourceFactors.copyingStages(origins)
    study.noiseOpenings = noiseOpenings?.copyingStages(origins)
    study.externalInflows = externalInflows?.copyingStages(origins)
    study.externalLoads = externalLoads?.copyingStages(origins)
    study.externalAvailabilities = externalAvailabilities?.copyingStages(origins)
    if let correlation { study.correlation?.profileOfStage = origins.map { correlation.profileOfStage[$0] } }

    study.autoregressiveCoefficients = autoregressiveCoefficients.flatMap { row in
      (row.stageID < 0 ? [row.stageID] : copies[row.stageID] ?? []).map { stage in
        var row = row
        row.stageID = stage
        return row
      }
    }.sorted { ($0.hydro, $0.stageID, $0.lag) < ($1.hydro, $1.stageID, $1.lag) }
    study.annualComponents = annualComponents.flatMap { row in
      (row.stageID < 0 ? [row.stageID] : copies[row.stageID] ?? []).map { stage in
        var row = row
        row.stageID = stage
        return row
      }
    }.sorted { ($0.hydro, $0.stageID) < ($1.hydro, $1.stageID) }
    study.fphaPlanes = fphaPlanes.flatMap { plane in
      guard let stage = plane.stage else { return [plane] }
      return (copies[stage] ?? []).map { stage in
        var plane = plane
        plane.stage = stage
        return plane
      }
    }.sorted { ($0.hydro, $0.stage ?? -1, $0.id) < ($1.hydro, $1.stage ?? -1, $1.id) }
    study.stagePlanes = stagePlanes?.copyingStages(origins)
    study.energyProductivities = energyProductivities.flatMap { row in
      guard let stage = row.stage else { return [row] }
      return (copies[stage] ?? []).map { stage in
        var row = row
        row.stage = stage
        return row
      }
    }
    study.genericBounds = copies.sorted { $0.key < $1.key }.flatMap { origin, copies in
      copies.flatMap { stage in
        genericBounds(stage: origin).map { row in
          var row = row
          row.stage = stage
          return row
        }
      }
    }
    return study
  }
}

extension BlockValues {
  /// The values with each stage's entries repeated for its copies.
  func copyingStages(_ copies: [Int: [Int]]) -> BlockValues {
    var result = BlockValues()
    forEach { stage, entity, block, value in
      for copy in copies[stage] ?? [] { result[copy, entity, block] = value }
    }
    return result
  }
}

extension BlockFactors {
  /// The factors of the stages named, in their order.
  func copyingStages(_ origins: [Int]) -> BlockFactors {
    var result = self
    result.offsets = [0]
    result.values = []
    for origin in origins {
      result.values += values[offsets[origin]..<offsets[origin + 1]]
      result.offsets.append(result.values.count)
    }
    return result
  }
}

extension ScenarioTable {
  /// The rows of the stages named, in their order.
  func copyingStages(_ origins: [Int]) -> ScenarioTable {
    var result = self
    result.firstRow = [0]
    result.probabilities = []
    result.values = []
    for origin in origins {
      result.probabilities += probabilities[firstRow[origin]..<firstRow[origin + 1]]
      result.values += values[rows(origin)]
      result.firstRow.append(result.probabilities.count)
    }
    return result
  }
}
