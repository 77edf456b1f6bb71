import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Training against the deterministic equivalent of small random systems with the equipment of Novomodelo.
@Suite struct RandomNovomodeloTests {
  @Test(arguments: 1...40)
  func convergesToTheExtensiveForm(seed: Int) throws {
    var system = RandomNovomodelo(seed: UInt64(seed))
    let study = try system.study()
    #expect(CommitmentPlan(study: study).problems.isEmpty && TransitPlan(study: study).problems.isEmpty)
    let optimum = try ExtensiveForm.optimum(study)
    let scale = max(1, abs(optimum))
    let run = try TrainingRun(study, iterations: 300) { ($0.lowerBound - optimum) / scale > -2e-8 }
    #expect(abs(run.lowerBound - optimum) <= 1e-6 * scale, "\(run.lowerBound), not \(optimum)")
    #expect(run.largestFall <= 1e-9)
    #expect(run.reports.allSatisfy { $0.lowerBound <= optimum + 1e-7 * scale })
  }
}

/// A random system: three plants on two buses, three thermals, a line, a source, a contract and a pump, four stages
/// with two openings each.
struct RandomNovomodelo {
  private var random: TestRandom
  private let stages = 4
  /// Features go in turn, so that every one meets many systems and most pairs meet.
  private let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    random = TestRandom(seed: seed, label: "novomodelo")
  }

  private func has(_ feature: UInt64) -> Bool { (seed >> feature) & 1 == 1 || (seed + feature) % 5 == 0 }

  mutating func study() throws -> StudyCase {
    var system = NovomodeloCase()
    system.stages = stages
    system.loads = [random.number(60, 110), random.number(10, 30)]
    system.thermals = [(0, 40, 75), (0, 25, 40), (1, 15, 120)]
    system.blocks = random.chance(0.6) ? [random.number(150, 350), random.number(100, 300), 220] : nil
    system.rate = random.chance(0.5) ? 0.1 : 0
    system.plants = [
      NovomodeloCase.Plant(7, (0, random.number(80, 160), 50), inflow: 20, downstream: 9),
      NovomodeloCase.Plant(8, (10, random.number(60, 120), 40), inflow: 15, downstream: 9),
      NovomodeloCase.Plant(9, (0, random.number(40, 90), 30), inflow: 8),
    ]
    system.plants[2].maxTurbined = 90
    system.plants[2].maxGeneration = 75
    if has(0) { system.plants[0].entry = 1 }
    if has(1) { system.plants[0].exit = 3 }
    if has(2) { system.plants[1].entry = 2 }
    addFiles(to: &system)
    var random = random
    let result = try system.study { study in
      setNoise(&study, &random)
      setBlocks(&study, &random)
      if has(2) { setFilling(&study) }
      if has(3) { setAnticipation(&study, &random) }
      if has(4) { setTravel(&study, &random) }
      if has(5) { setGroups(&study, &random) }
      setLimits(&study, &random)
      if has(0) { setWater(&study, &random) }
      setConstraints(&study, &random)
    }
    self.random = random
    return result
  }

  private func addFiles(to system: inout NovomodeloCase) {
    system.files = [
      (
        "system/non_controllable_sources.json",
        ["non_controllable_sources": [["id": 1, "name": "W", "bus_id": 2, "max_generation_mw": 12.0]]]
      ),
      (
        "system/lines.json",
        [
          "lines": [
            [
              "id": 1, "name": "L", "source_bus_id": 1, "target_bus_id": 2, "losses_percent": 8.0,
              "capacity": ["direct_mw": 12.0, "reverse_mw": 9.0],
            ]
          ]
        ]
      ),
      (
        "system/energy_contracts.json",
        [
          "contracts": [
            [
              "id": 1, "name": "C", "bus_id": 1, "type": "export", "price_per_mwh": -55.0,
              "limits": ["min_mw": 0.0, "max_mw": 8.0],
            ]
          ]
        ]
      ),
      (
        "system/pumping_stations.json",
        [
          "pumping_stations": [
            [
              "id": 1, "name": "P", "bus_id": 1, "source_hydro_id": 9, "destination_hydro_id": 8,
              "consumption_mw_per_m3s": 0.4, "flow": ["min_m3s": 0.0, "max_m3s": 6.0],
            ]
          ]
        ]
      ),
    ]
  }

  /// Two openings of inflow in each stage but the first, some negative.
  private func setNoise(_ study: inout StudyCase, _ random: inout TestRandom) {
    let methods: [Configuration.InflowMethod] = [.truncation, .truncationWithPenalty, .penalty]
    study.configuration.inflowMethod = methods[Int(seed % 3)]
    var values: [Double] = []
    var firstRow = [0]
    for stage in 0..<stages {
      let count = stage == 0 ? 1 : 2
      study.stages[stage].openings = count
      for _ in 0..<count {
        values += [
          random.number(2, 40), random.number(1, 30), random.chance(0.3) ? random.number(-6, 0) : random.number(0, 15),
        ]
      }
      firstRow.append(firstRow[stage] + count)
    }
    study.inflowModelSource = .openings
    study.inflowOpenings = ScenarioTable(
      entities: 3, firstRow: firstRow, probabilities: (0..<stages).flatMap { $0 == 0 ? [1] : [0.5, 0.5] },
      values: values)
    if random.chance(0.5) {
      // The wind varies too: the noise vector has the plants, then the source.
      study.sourceStatistics = (0..<stages).map { _ in SeriesStatistics(mean: 0.5, deviation: 0.2) }
      study.inflowStatistics = study.inflowStatistics.map { SeriesStatistics(mean: $0.mean, deviation: 6) }
      study.noiseOpenings = ScenarioTable(
        entities: 4, firstRow: firstRow, probabilities: study.inflowOpenings?.probabilities ?? [],
        values: (0..<(4 * firstRow[stages])).map { _ in random.number(-1.8, 1.5) })
      study.inflowOpenings = nil
      study.inflowModelSource = .given
    }
    for index in study.hydroCosts.indices {
      study.hydroCosts[index].inflowNonnegativity = random.number(60, 400)
      study.hydroCosts[index].fphaTurbined = random.number(0, 0.05)
    }
  }

  private func setBlocks(_ study: inout StudyCase, _ random: inout TestRandom) {
    for stage in 0..<stages where random.chance(0.5) { study.stages[stage].blockMode = .chronological }
    for stage in 0..<stages {
      for block in study.stages[stage].blocks.indices {
        study.loadFactors[stage, 0, block] = random.number(0.7, 1.3)
        study.sourceFactors[stage, 0, block] = random.number(0.2, 1.4)
        if random.chance(0.3) {
          study.thermalBlockLimits[stage, 0, block] = ThermalLimits(
            minGeneration: random.number(0, 5), maxGeneration: random.number(20, 50), cost: 75)
          study.lineBlockLimits[stage, 0, block] = LineLimits(direct: random.number(2, 15), reverse: 5)
          study.contractBlockLimits[stage, 0, block] = ContractLimits(
            minPower: 1, maxPower: 6, price: random.number(-90, 20))
          study.pumpBlockLimits[stage, 0, block] = PumpLimits(minFlow: 0, maxFlow: random.number(1, 9))
        }
      }
    }
    study.sources[0].allowsCurtailment = random.chance(0.5)
  }

  private func setFilling(_ study: inout StudyCase) {
    study.hydros[1].filling = Filling(startStage: seed % 2 == 0 ? 0 : 1, inflow: 2, rule: .schedule)
    study.hydros[1].initialStorage = seed % 2 == 0 ? 2 : 0
    study.hydros[1].groups[0].limits.minTurbined = 1
    for stage in 0..<stages { study.hydroLimits[stage * 3 + 1].fillingInflow = 2 }
  }

  private func setAnticipation(_ study: inout StudyCase, _ random: inout TestRandom) {
    let hours = study.stages[0].hours
    study.thermals[1].anticipation =
      random.chance(0.5) ? .stages(random.integer(1...2)) : .hours(random.number(1.1, 2.4) * hours)
    study.thermals[1].service = ServicePeriod(entry: nil, exit: random.chance(0.3) ? 3 : nil)
    if random.chance(0.5) {
      study.postStudyStages = [PostStudyStage(start: study.stages[stages - 1].end, hours: 700)]
      study.postStudyLimits = [
        PostStudyLimits(
          thermal: 1, stage: 0, limits: ThermalLimits(minGeneration: 3, maxGeneration: 25, cost: 38))
      ]
    }
    for (delivery, decider) in CommitmentPlan(study: study).deciders[1].enumerated()
    where decider == .past && delivery < stages {
      study.initialConditions.pastCommitments.append(
        PastCommitment(
          thermal: 1, start: study.stages[delivery].start, end: study.stages[delivery].end,
          power: delivery < study.thermals[1].service.exit ?? stages ? random.number(0, 25) : 0))
    }
  }

  private func setTravel(_ study: inout StudyCase, _ random: inout TestRandom) {
    // One plant with a travel time: two of them into chronological stages are refused.
    let source = random.integer(0...1)
    study.hydros[source].travelTime = random.number(20, 1500)
    let begin = study.stages[0].start.dayNumber
    for (first, last) in [(90, 40), (40, 12), (12, 0)] {
      study.initialConditions.pastReleases.append(
        PastRelease(
          hydro: source, start: CalendarDate(dayNumber: begin - first), end: CalendarDate(dayNumber: begin - last),
          flow: random.number(0, 30)))
    }
  }

  private func setGroups(_ study: inout StudyCase, _ random: inout TestRandom) {
    study.hydros[0].groups = [
      UnitGroup(
        id: 1, name: "A", bus: 0,
        limits: UnitGroupLimits(minTurbined: 2, maxTurbined: 30, minGeneration: 0, maxGeneration: 25)),
      UnitGroup(
        id: 2, name: "B", bus: 1,
        limits: UnitGroupLimits(minTurbined: 0, maxTurbined: 15, minGeneration: 1, maxGeneration: 14)),
      UnitGroup(
        id: 3, name: "C", bus: 1,
        limits: UnitGroupLimits(minTurbined: 0, maxTurbined: 5, minGeneration: 0, maxGeneration: 9)),
    ]
    for stage in 0..<stages {
      study.hydroLimits[stage * 3].totals = PlantTotals(
        minTurbined: random.number(0, 10), maxTurbined: random.number(20, 60), minGeneration: random.number(0, 8),
        maxGeneration: random.number(20, 45))
      if random.chance(0.5) {
        study.groupLimits[stage, study.groupIndex(hydro: 0, group: 1), 0] = UnitGroupLimits(
          minTurbined: random.number(0, 4), maxTurbined: random.number(5, 12), minGeneration: 0, maxGeneration: 11)
      }
    }
    guard random.chance(0.7) else { return }
    for stage in 0..<stages {
      study.productionModels[stage * 3] = ProductionModel(kind: .fpha, productivity: 0, fpha: .precomputed)
    }
    study.fphaPlanes = [
      FPHAPlane(
        hydro: 0, stage: nil, id: 0, gamma0: 1, gammaVolume: 0.02, gammaTurbined: 0.8, gammaSpilled: -0.01,
        kappa: 0.9),
      FPHAPlane(
        hydro: 0, stage: nil, id: 1, gamma0: 4, gammaVolume: 0.003, gammaTurbined: 0.75, gammaSpilled: 0, kappa: 1),
    ]
  }

  private func setLimits(_ study: inout StudyCase, _ random: inout TestRandom) {
    if random.chance(0.5) {
      study.hydros[1].diversion = Diversion(downstream: 2, maxFlow: .infinity)
    }
    for stage in 0..<stages {
      for hydro in 0..<3 {
        let index = stage * 3 + hydro
        study.hydroLimits[index].minOutflow = random.chance(0.4) ? random.number(1, 20) : 0
        study.hydroLimits[index].maxOutflow = random.chance(0.3) ? random.number(20, 60) : nil
        study.hydroLimits[index].maxSpillage = random.chance(0.2) ? random.number(200, 400) : nil
        if study.hydros[hydro].diversion != nil, study.hydros[hydro].filling == nil {
          study.hydroLimits[index].maxDiversion = random.chance(0.5) ? .infinity : random.number(1, 9)
        }
        for block in study.stages[stage].blocks.indices where random.chance(0.3) {
          var limits = study.hydroLimits[index]
          limits.minOutflow = random.number(0, 25)
          limits.totals.maxTurbined = random.number(15, 60)
          study.hydroBlockLimits[stage, hydro, block] = limits
        }
      }
    }
  }

  /// Withdrawals of either sign, and evaporation with months of rain.
  private func setWater(_ study: inout StudyCase, _ random: inout TestRandom) {
    for index in study.hydroLimits.indices where random.chance(0.5) {
      study.hydroLimits[index].withdrawal = random.number(-3, 6)
    }
    for hydro in [0, 2] {
      study.hydros[hydro].evaporation = Evaporation(coefficients: (0..<12).map { _ in random.number(-60, 150) })
      study.hydros[hydro].geometry = [
        GeometryPoint(volume: 0, height: 400, area: 2), GeometryPoint(volume: 60, height: 415, area: 5),
        GeometryPoint(volume: 200, height: 430, area: 8),
      ]
    }
  }

  /// Rows of stages and blocks with both limits, priced by the hour or once.
  private func setConstraints(_ study: inout StudyCase, _ random: inout TestRandom) {
    func term(_ factor: Double, _ variable: GenericVariable, _ entity: Int, bus: Int? = nil) -> GenericTerm {
      GenericTerm(coefficient: factor, variable: variable, entity: entity, bus: bus)
    }
    func constraint(_ id: Int, _ terms: [GenericTerm], _ price: Double) -> GenericConstraint {
      var constraint = GenericConstraint(
        id: id, name: "C\(id)", text: "", terms: terms, sense: .lessOrEqual, slackPenalty: price)
      constraint.slackBasis = random.chance(0.5) ? .perHour : .perUnit
      return constraint
    }
    study.genericConstraints = [
      constraint(1, [term(1, .thermalGeneration, 0), term(0.5, .hydroGeneration, 0, bus: 0)], random.number(20, 200)),
      constraint(
        2, [term(1, .hydroUsefulVolumeFinal, 1), term(-0.5, .hydroStorageInitial, 2)], random.number(500, 4000)),
      constraint(3, [term(1, .hydroInflow, 2), term(-1, .hydroOutflow, 2)], random.number(5, 40)),
      constraint(
        4, [term(1, .anticipatedDecision, 1), term(0.1, .hydroUsefulVolumeInitial, 0)], random.number(10, 90)),
    ]
    study.genericBounds = []
    for stage in 0..<stages where random.chance(0.7) {
      let low = random.number(0, 20)
      study.genericBounds += [
        GenericBound(constraint: 0, stage: stage, lower: low, upper: low + random.number(0, 20)),
        GenericBound(constraint: 1, stage: stage, lower: 5, upper: .infinity, isStageRow: true),
        GenericBound(
          constraint: 2, stage: stage, block: 0, lower: -.infinity, upper: random.number(0, 12),
          terms: random.chance(0.5) ? [term(0.8, .hydroInflow, 2), term(-1, .hydroTurbined, 2)] : nil),
        GenericBound(constraint: 3, stage: stage, lower: low, upper: low, isStageRow: true),
      ]
    }
  }
}
