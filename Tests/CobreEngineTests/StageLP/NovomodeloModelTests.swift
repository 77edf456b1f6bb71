import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// The model under the conventions of Novomodelo against the costs that its release 0.19.1 finds for the same systems.
///
/// Names like N7 refer to the table of small cases in `Documentation/Novomodelo.md`.
@Suite struct NovomodeloModelTests {
  /// Trains a system without noise, where the lower bound is the optimum.
  private func check(
    _ system: NovomodeloCase, _ optimum: Double, _ change: (inout StudyCase) -> Void = { _ in },
    fewestLazyPlanes: Int = LazyRows.fewest, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let study = try system.study(change)
    let options = TrainingOptions.adjusted(study) { $0.fewestLazyPlanes = fewestLazyPlanes }
    let run = try TrainingRun(study, iterations: 20, options: options)
    #expect(
      abs(run.lowerBound - optimum) <= 1e-9 * max(1, abs(optimum)), "\(run.lowerBound)", sourceLocation: sourceLocation)
  }

  private func base(_ change: (inout NovomodeloCase) -> Void = { _ in }) -> NovomodeloCase {
    var system = NovomodeloCase()
    change(&system)
    return system
  }

  @Test("N0, N1: every plant pays for what it turbines")
  func turbinedCost() throws {
    try check(base(), 3_544_140)
    try check(base(), 3_544_590.408889) { study in
      for index in study.hydroCosts.indices { study.hydroCosts[index].fphaTurbined = 0.01 }
    }
  }

  @Test("N2, N3: discounting")
  func discounting() throws {
    try check(base { $0.rate = 0.12 }, 3_527_254.150079)
    try check(base { $0.rate = 0.12 }, 3_484_467.774195) { $0.graph.transitions[0].annualDiscountRate = 0.5 }
  }

  @Test("N5, N6: withdrawals of either sign")
  func withdrawal() throws {
    try check(base(), 3_613_800) {
      $0.hydroLimits[0].withdrawal = 5
      $0.hydroLimits[1].withdrawal = -4
    }
    try check(base(), 19_707_062.222222) { $0.hydroLimits[0].withdrawal = 60 }
  }

  @Test("N7: a minimum of the plant beside that of its group")
  func plantMinimum() throws {
    try check(base(), 6_404_673.333333) { $0.hydroLimits[1].totals.minTurbined = 48 }
  }

  private func sources(_ load: Double, mustRun: Bool = false) -> NovomodeloCase {
    base {
      $0.loads = [load]
      $0.files.append(
        (
          "system/non_controllable_sources.json",
          ["non_controllable_sources": [["id": 1, "name": "W", "bus_id": 1, "max_generation_mw": 30.0]]]
        ))
    }
  }

  @Test("N8 to N11: sources as a reward")
  func sources() throws {
    try check(sources(62), 357_927.6)
    try check(sources(20), 6_929.12) { $0.sources[0].allowsCurtailment = false }
    // The peer holds future costs at 0 and finds -74.4. All load comes from the source but for the 6152 m³/s·h that the
    // reservoir cannot hold: turbining them gives up 0.005 $/MWh, spilling them would cost 0.01.
    try check(sources(20), -0.005 * (20 * 1416 - 0.9 * 6152))
    try check(sources(62), 833_159.28) {
      $0.sourceStatistics = [SeriesStatistics(mean: 0.4, deviation: 0), SeriesStatistics(mean: 0.9, deviation: 0)]
      $0.sourceFactors[1, 0, 0] = 1.5
    }
  }

  private func contract(_ kind: String, _ least: Double, _ most: Double, _ price: Double) -> NovomodeloCase {
    base {
      $0.files.append(
        (
          "system/energy_contracts.json",
          [
            "contracts": [
              [
                "id": 1, "name": "C", "bus_id": 1, "type": .string(kind), "price_per_mwh": .number(price),
                "limits": ["min_mw": .number(least), "max_mw": .number(most)],
              ]
            ]
          ]
        ))
    }
  }

  @Test("N12, N13: contracts")
  func contracts() throws {
    try check(contract("import", 2, 10, 60), 3_331_740)
    try check(contract("export", 0, 8, -150), 3_371_280)
  }

  private func twoBuses(direct: Double, reverse: Double) -> NovomodeloCase {
    base {
      $0.loads = [40, 12]
      $0.files.append(
        (
          "system/lines.json",
          [
            "lines": [
              [
                "id": 1, "name": "L", "source_bus_id": 1, "target_bus_id": 2, "losses_percent": 10.0,
                "capacity": ["direct_mw": .number(direct), "reverse_mw": .number(reverse)],
              ]
            ]
          ]
        ))
    }
  }

  @Test("N14: lines lose nothing")
  func losslessLines() throws {
    try check(twoBuses(direct: 10, reverse: 6), 4_819_956)
  }

  /// Two groups at two buses.
  private func split(_ study: inout StudyCase, secondMinimum: Double = 0) {
    study.hydros[0].groups = [
      UnitGroup(
        id: 1, name: "G1", bus: 0,
        limits: UnitGroupLimits(minTurbined: 0, maxTurbined: 30, minGeneration: 0, maxGeneration: 27)),
      UnitGroup(
        id: 2, name: "G2", bus: 1,
        limits: UnitGroupLimits(minTurbined: secondMinimum, maxTurbined: 20, minGeneration: 0, maxGeneration: 18)),
    ]
  }

  @Test("N15 to N17: one plant at two buses")
  func cells() throws {
    let system = twoBuses(direct: 0, reverse: 0)
    try check(system, 2_482_140) { split(&$0) }
    func cap(_ study: inout StudyCase) {
      for stage in 0..<2 { study.hydroLimits[stage].totals.maxTurbined = 25 }
    }
    try check(system, 3_132_900) {
      split(&$0)
      cap(&$0)
    }
    try check(system, 3_678_130.8) {
      split(&$0, secondMinimum: 19)
      cap(&$0)
    }
  }

  private func anticipated(_ study: inout StudyCase) {
    study.thermals[1].anticipation = .stages(1)
    study.initialConditions.pastCommitments = [
      PastCommitment(thermal: 1, start: study.stages[0].start, end: study.stages[0].end, power: 10)
    ]
  }

  @Test("N18 to N20: anticipated thermals")
  func anticipatedThermals() throws {
    let system = base { $0.thermals.append((0, 30, 40)) }
    try check(system, 2_280_540) { anticipated(&$0) }
    var discounted = system
    discounted.rate = 0.12
    try check(discounted, 2_266_934.829492) { anticipated(&$0) }
    try check(system, 2_429_340) {
      anticipated(&$0)
      $0.postStudyStages = [PostStudyStage(start: $0.stages[1].end, hours: 744)]
      $0.postStudyLimits = [
        PostStudyLimits(
          thermal: 1, stage: 0, limits: ThermalLimits(minGeneration: 5, maxGeneration: 30, cost: 40))
      ]
    }
  }

  @Test("N21 to N23: plants that enter or leave")
  func commissioning() throws {
    try check(.cascade, 6_231_900)
    var late = NovomodeloCase.cascade
    late.plants[0].entry = 1
    try check(late, 6_834_540)
    var early = NovomodeloCase.cascade
    early.plants[0].exit = 2
    try check(early, 6_834_540)
  }

  private func fill(_ study: inout StudyCase, from start: Int, seed: Double) {
    study.hydros[0].filling = Filling(startStage: start, inflow: 5, rule: .schedule)
    study.hydros[0].initialStorage = seed
    for stage in 0..<4 { study.hydroLimits[stage * 2].fillingInflow = 5 }
  }

  @Test("N24: filling by schedule")
  func filling() throws {
    var system = NovomodeloCase.cascade
    system.stages = 4
    system.plants[0].storage = (20, 100, 20)
    system.plants[0].entry = 3
    system.plants[0].inflow = 6
    try check(system, 13_170_820) { fill(&$0, from: 1, seed: 0) }
    try check(system, 12_719_500) { fill(&$0, from: 0, seed: 4) }
    // What machines have to turbine is missed, and paid for, before and during the filling.
    try check(system, 13_170_820 + 300 * (744 + 672 + 744)) {
      fill(&$0, from: 1, seed: 0)
      $0.hydros[0].groups[0].limits.minTurbined = 1
    }
    system.plants[0].inflow = 3
    try check(system, 14_188_442.88) { fill(&$0, from: 1, seed: 0) }
    // The targets lead to the minimum of the last filling stage: 30 hm³ there, and 30 − 0.0036·744·5 = 16.608 hm³ one
    // before, where 0.0036·672·3 = 7.2576 hm³ have arrived.
    try check(system, 14_188_442.88 + 400 * (10 + 16.608 - 7.2576)) {
      fill(&$0, from: 1, seed: 0)
      $0.hydroLimits[2 * 2].minStorage = 30
    }
  }

  @Test("N25: evaporation of the calendar month, and rain")
  func evaporation() throws {
    try check(base(), 3_550_567.266187) {
      var depths = [Double](repeating: 0, count: 12)
      depths[0] = 120
      depths[1] = -40
      $0.hydros[0].evaporation = Evaporation(coefficients: depths)
      $0.hydros[0].geometry = [
        GeometryPoint(volume: 0, height: 400, area: 2), GeometryPoint(volume: 100, height: 420, area: 6),
        GeometryPoint(volume: 200, height: 430, area: 8),
      ]
    }
  }

  @Test("N29: chronological blocks")
  func chronologicalBlocks() throws {
    let system = base { $0.blocks = [300, 430] }
    func shape(_ study: inout StudyCase) {
      for stage in 0..<2 {
        study.hydroLimits[stage].maxStorage = 62
        study.loadFactors[stage, 0, 0] = 1.3
        study.loadFactors[stage, 0, 1] = 0.8
      }
    }
    try check(system, 4_017_600) { shape(&$0) }
    try check(system, 4_334_400) {
      shape(&$0)
      for stage in 0..<2 { $0.stages[stage].blockMode = .chronological }
    }
  }

  @Test("N31: negative inflow")
  func negativeInflow() throws {
    func system(_ method: String) -> NovomodeloCase {
      base {
        $0.method = method
        $0.plants[0].inflow = -3
      }
    }
    func price(_ value: Double) -> (inout StudyCase) -> Void {
      { study in for index in study.hydroCosts.indices { study.hydroCosts[index].inflowNonnegativity = value } }
    }
    try check(system("truncation"), 26_875_800)
    try check(system("truncation_with_penalty"), 27_088_200, price(50))
    try check(system("penalty"), 4_863_355.555556, price(50))
    try check(system("penalty"), 7_000_911.111111, price(100))
  }

  @Test("N32: diversion is no outflow")
  func diversion() throws {
    try check(.cascade, 10_800_778.364444) { study in
      study.hydros[0].diversion = Diversion(downstream: 1, maxFlow: 9)
      for stage in 0..<3 {
        study.hydroLimits[stage * 2].minOutflow = 20
        study.hydroLimits[stage * 2].maxOutflow = 25
        study.hydroLimits[stage * 2].maxDiversion = 9
      }
      study.hydroLimits[0].minDiversion = 9
    }
  }

  @Test("N33: production planes, in every program or where they are violated", arguments: [1, Int.max])
  func planes(fewestLazy: Int) throws {
    func addPlanes(_ study: inout StudyCase) {
      for stage in 0..<2 {
        study.productionModels[stage] = ProductionModel(kind: .fpha, productivity: 0, fpha: .precomputed)
      }
      study.fphaPlanes = [
        FPHAPlane(
          hydro: 0, stage: nil, id: 0, gamma0: 1, gammaVolume: 0.02, gammaTurbined: 0.8, gammaSpilled: -0.01,
          kappa: 0.9),
        FPHAPlane(
          hydro: 0, stage: nil, id: 1, gamma0: 4, gammaVolume: 0, gammaTurbined: 0.85, gammaSpilled: 0, kappa: 1),
      ]
    }
    try check(base(), 3_710_981.470292, addPlanes, fewestLazyPlanes: fewestLazy)
  }

  @Test("N35: rows of generic constraints")
  func genericRows() throws {
    let system = base { $0.blocks = [300, 430] }
    func constrain(_ study: inout StudyCase, _ caps: [(block: Int?, most: Double)]) {
      study.genericConstraints = [
        GenericConstraint(
          id: 1, name: "cap", text: "thermal_generation(3)",
          terms: [GenericTerm(coefficient: 1, variable: .thermalGeneration, entity: 0)], sense: .lessOrEqual,
          slackPenalty: 1000)
      ]
      study.genericBounds = caps.map {
        GenericBound(constraint: 0, stage: 0, block: $0.block, lower: -.infinity, upper: $0.most)
      }
    }
    try check(system, 17_099_550) { constrain(&$0, [(nil, 10)]) }
    try check(system, 10_912_050) { constrain(&$0, [(1, 10)]) }
    try check(system, 18_873_300) { constrain(&$0, [(nil, 10), (1, 5)]) }
  }

  @Test("N36: the limits of a block beat those of the stage")
  func blockLimits() throws {
    try check(base { $0.blocks = [300, 430] }, 5_910_900) {
      $0.hydroLimits[0].totals.maxTurbined = 20
      var block = $0.hydroLimits[0]
      block.totals.maxTurbined = 30
      $0.hydroBlockLimits[0, 0, 1] = block
    }
  }

  private var river: NovomodeloCase {
    var system = NovomodeloCase.cascade
    system.plants = [
      NovomodeloCase.Plant(7, (0, 100, 60), inflow: 22, downstream: 9), NovomodeloCase.Plant(9, (0, 0, 0), inflow: 0),
    ]
    system.plants[1].maxTurbined = 80
    system.plants[1].maxGeneration = 70
    return system
  }

  @Test("N37: travel time of water")
  func travelTime() throws {
    try check(river, 4_294_800)
    try check(river, 4_132_800) {
      $0.hydros[0].travelTime = 300
      let begin = $0.stages[0].start
      $0.initialConditions.pastReleases = [
        PastRelease(hydro: 0, start: CalendarDate(dayNumber: begin.dayNumber - 31), end: begin, flow: 30)
      ]
    }
  }

  @Test("N38: pumping")
  func pumping() throws {
    var system = river
    system.plants[1].storage = (0, 50, 0)
    system.files.append(
      (
        "system/pumping_stations.json",
        [
          "pumping_stations": [
            [
              "id": 1, "name": "P", "bus_id": 1, "source_hydro_id": 9, "destination_hydro_id": 7,
              "consumption_mw_per_m3s": 0.5, "flow": ["min_m3s": 2.0, "max_m3s": 10.0],
            ]
          ]
        ]
      ))
    try check(system, 3_646_800)
  }

  /// Inflow with next to no noise that depends on the month before.
  private func remember(_ study: inout StudyCase, past: [Double], before: Int) {
    let days = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    study.seasons = SeasonDefinitions(
      cycle: .monthly,
      seasons: days.enumerated().map { month, last in
        Season(
          id: month, label: "\(month + 1)", monthStart: month + 1, dayStart: 1, monthEnd: month + 1, dayEnd: last)
      })
    study.inflowStatistics = zip([22.0, 30, 20], [1e-9, 2e-9, 1e-9]).map { SeriesStatistics(mean: $0, deviation: $1) }
    study.preStudyStatistics = (1..<(before + 1)).reversed().map {
      PreStudyStatistics(hydro: 0, stageID: -$0, statistics: SeriesStatistics(mean: 26, deviation: 2e-9))
    }
    study.autoregressiveCoefficients = (0..<3).map {
      AutoregressiveCoefficient(hydro: 0, stageID: $0, lag: 1, coefficient: 0.5, residualRatio: 0.75.squareRoot())
    }
    // One window for each month before January 2027, the latest first.
    study.initialConditions.recentObservations = past.enumerated().compactMap { back, value in
      let month = 2027 * 12 - 1 - back
      guard let start = CalendarDate(year: month / 12, month: month % 12 + 1, day: 1),
        let end = CalendarDate(year: (month + 1) / 12, month: (month + 1) % 12 + 1, day: 1)
      else { return nil }
      return RecentObservation(hydro: 0, start: start, end: end, value: value)
    }
  }

  @Test("N26 to N28: inflows with a memory")
  func laggedInflow() throws {
    let system = base { $0.stages = 3 }
    try check(system, 5_366_122.5) { remember(&$0, past: [36], before: 1) }
    // Without statistics of December the first month forgets it.
    try check(system, 5_636_460) { remember(&$0, past: [36], before: 0) }
    try check(system, 5_222_827.374380) {
      remember(&$0, past: [36] + (1...11).map { 24 + Double($0) / 2 }, before: 12)
      $0.annualComponents = (0..<3).map {
        AnnualComponent(hydro: 0, stageID: $0, coefficient: 0.3, mean: 25, deviation: 1e-9)
      }
    }
  }
}
