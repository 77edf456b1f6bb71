import Testing

@testable import CobreCase
@testable import CobreEngine

/// Productivities and energies that Novomodelo 0.19.1 reports for one plant: 10 to 150 hm³, levels 400/420/430 m at
/// 0/100/200 hm³, tailrace 300 + 0.02 q, losses of 2 m, 50 m³/s, 0.0088 MW/(m³/s)/m.
@Suite struct EnergyTableTests {
  private static func study(_ rows: [EnergyProductivity], fpha: Bool = true) throws -> StudyCase {
    var study = try NoisyCase(hydros: [7, 9]).study()
    for hydro in study.hydros.indices {
      study.hydros[hydro].geometry = [(0.0, 400.0), (100, 420), (200, 430)].map {
        GeometryPoint(volume: $0.0, height: $0.1, area: 2)
      }
      study.hydros[hydro].limits.minStorage = 10
      study.hydros[hydro].limits.maxStorage = 150
      study.hydros[hydro].limits.maxTurbined = 50
      study.hydros[hydro].tailrace = .polynomial([300, 0.02])
      study.hydros[hydro].hydraulicLosses = .constant(2)
      study.hydros[hydro].efficiency = 0.9
      study.hydros[hydro].specificProductivity = 0.0088
      study.hydros[hydro].ownModel = fpha ? .fpha : .constantProductivity
    }
    study.hydros[0].downstream = 1
    study.hydros[1].upstream = [0]
    for index in study.productionModels.indices {
      study.productionModels[index] = ProductionModel(
        kind: fpha ? .fpha : .constantProductivity, productivity: fpha ? 0 : 0.9, fpha: nil)
    }
    study.energyProductivities = rows
    return study
  }

  private static func close(_ value: Double?, _ expected: Double) -> Bool {
    value.map { abs($0 - expected) < 1e-12 * max(1, abs(expected)) } ?? false
  }

  @Test func productivitiesComeFromHeads() throws {
    let table = EnergyTable(study: try Self.study([]))
    #expect(Self.close(table.value(.equivalentProductivity, stage: 0, hydro: 0), 1.03048))
    #expect(Self.close(table.value(.integratedEquivalentProductivity, stage: 0, hydro: 0), 0.9865428571428569))
    #expect(Self.close(table.value(.accumulatedProductivity, stage: 0, hydro: 0), 2 * 1.03048))
    #expect(Self.close(table.value(.accumulatedProductivity, stage: 0, hydro: 1), 1.03048))
    // 0.65 of 10…150 hm³.
    #expect(table.value(.referenceVolume, stage: 1, hydro: 1) == 101)
    #expect(table.value(.referenceTurbine, stage: 1, hydro: 1) == 50)
    #expect(table.value(.specificProductivity, stage: 1, hydro: 1) == 0.0088)
    let accumulated = 2 * 0.9865428571428569
    #expect(Self.close(table.value(.maxStoredEnergy, stage: 0, hydro: 0), accumulated * 140))
    #expect(Self.close(table.value(.maxStoredEnergyHours, stage: 0, hydro: 0), accumulated * 140 * 1e6 / 3600))
    #expect(Self.close(table.value(.integratedAccumulatedEnergy, stage: 0, hydro: 0), accumulated * 1e6 / 3600))
  }

  /// A column of the stage's own row, else of the row for all stages.
  ///
  /// An equivalent productivity does not change the integrated one.
  @Test func columnsAreTakenOneByOne() throws {
    func pair(_ rows: [EnergyProductivity], _ stage: Int) throws -> [Double?] {
      let table = EnergyTable(study: try Self.study(rows))
      return [ComputedParameterTag.equivalentProductivity, .integratedEquivalentProductivity].map {
        table.value($0, stage: stage, hydro: 0)
      }
    }
    let special = [
      EnergyProductivity(hydro: 0, specific: 0.01), EnergyProductivity(hydro: 0, stage: 0, equivalent: 1.1),
    ]
    let first = try pair(special, 0)
    #expect(first[0] == 1.1)
    #expect(Self.close(first[1], 1.1210714285714283))
    #expect(Self.close(try pair(special, 1)[0], 1.171))
    let general = [
      EnergyProductivity(hydro: 0, equivalent: 1.2), EnergyProductivity(hydro: 0, stage: 0, specific: 0.01),
    ]
    #expect(try pair(general, 0)[0] == 1.2)
    #expect(Self.close(try pair(general, 0)[1], 1.1210714285714283))
    #expect(Self.close(try pair(general, 1)[1], 0.9865428571428569))
    let integrated = [
      EnergyProductivity(hydro: 0, integrated: 0.7), EnergyProductivity(hydro: 0, stage: 0, equivalent: 1.1),
    ]
    #expect(try pair(integrated, 0) == [1.1, 0.7])
  }

  @Test func constantPlantsKeepTheirProductivity() throws {
    let table = EnergyTable(study: try Self.study([], fpha: false))
    #expect(table.value(.equivalentProductivity, stage: 0, hydro: 0) == 0.9)
    #expect(Self.close(table.value(.integratedEquivalentProductivity, stage: 0, hydro: 0), 0.9865428571428569))
  }

  /// As in release 0.19.1: with a range of 1e-9 hm³ it is the mean.
  @Test func plantsWithoutARangeKeepTheirProductivity() throws {
    var study = try Self.study([], fpha: false)
    let least = study.hydros[0].limits.minStorage
    for (most, expected) in [(least, 0.9), (least + 1e-9, nil)] {
      study.hydros[0].limits.maxStorage = most
      let value = EnergyTable(study: study).value(.integratedEquivalentProductivity, stage: 0, hydro: 0)
      #expect((value == 0.9) == (expected == 0.9))
    }
  }

  @Test func whatIsMissingIsNil() throws {
    var study = try Self.study([])
    study.hydros[1].geometry = []
    let table = EnergyTable(study: study)
    #expect(table.value(.equivalentProductivity, stage: 0, hydro: 1) == nil)
    #expect(table.value(.accumulatedProductivity, stage: 0, hydro: 0) == nil)
    #expect(table.value(.maxStorage, stage: 0, hydro: 1) == 150)
  }

  /// Without a tailrace the levels are heads; 3.4425 is the coefficient of Novomodelo's `resolved_echo`.
  @Test func levelsCountFromTheWaterBelow() throws {
    var study = try Self.study([])
    study.hydros[1].tailrace = nil
    study.hydros[1].limits.maxStorage = 60
    study.hydros[1].specificProductivity = 0.0085
    let table = EnergyTable(study: study)
    #expect(Self.close(table.value(.integratedEquivalentProductivity, stage: 0, hydro: 1), 3.4425))
    // 0.65 of 10…60 hm³ are 42.5 hm³, at 408.5 m.
    #expect(Self.close(table.value(.equivalentProductivity, stage: 0, hydro: 1), 0.0085 * (408.5 - 2)))
  }

  /// Stages with the same settings share one fit.
  ///
  /// The level below, a missing curve and a plant without turbine count.
  @Test func planesAreFittedByStage() throws {
    var study = try Self.study([])
    let settings = FPHASettings(
      source: .computed, volumePoints: 5, turbinePoints: 5, spillagePoints: 5, maxPlanes: 10, windowStart: .table,
      windowEnd: .table)
    for index in study.productionModels.indices { study.productionModels[index].fpha = settings }
    study.hydros[0].tailraceFamilies = [300.0, 410].enumerated().map { number, level in
      TailraceFamily(
        id: number, level: level,
        segments: [TailraceSegment(id: 1, from: 0, to: 100, coefficients: [300 + 5 * Double(number), 0.02, 0, 0, 0])])
    }
    // The level of the plant below is higher in the second stage.
    study.productionModels[study.hydros.count + 1].referenceVolume = .volume(10)
    study.fitHullPlanes()
    #expect(study.planeFitFailures.isEmpty)
    let upper = (0..<2).map { Array(study.planes(stage: $0, hydro: 0)) }
    #expect(!upper[0].isEmpty)
    #expect(upper[0] != upper[1])
    #expect(Array(study.planes(stage: 0, hydro: 1)) == Array(study.planes(stage: 1, hydro: 1)))
    study.hydros[0].hydraulicLosses = nil
    study.hydros[1].limits.maxTurbined = 0
    study.fitHullPlanes()
    #expect(study.planeFitFailures[0]?.message.contains("hydraulic_losses") == true)
    #expect(study.production(stage: 0, hydro: 1).kind == .constantProductivity)
  }

  /// From 20 to 40 the line rises from 4 to 8; outside of 0 to 40 there is nothing to take a mean of.
  @Test func meansAreOverWhatACurveCovers() {
    let curve = LinearCurve([(0, 0), (40, 8)])
    #expect(abs(curve.mean(from: 20, to: 90) - 6) < 1e-12)
    #expect(abs(curve.mean(from: -10, to: 20) - 2) < 1e-12)
    #expect(curve.mean(from: 50, to: 90) == curve.value(at: 50))
  }
}
