internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreRuns
internal import CobreTestSupport
internal import Testing

/// Conservation in every row of a simulation: water, power and money balance, written again from the case.
@Suite struct SimulationFigureTests {
  /// The figures of one scenario of a step, by entity kind, name, entity and block.
  struct Figures {
    let step: SimulationStep
    let scenario: Int
    let byName: [SimulationQuantity: [SimulationStep.Series]]
    let names: [String: SimulationQuantity]

    init(_ step: SimulationStep, scenario: Int) {
      self.step = step
      self.scenario = scenario
      byName = Dictionary(grouping: step.series, by: \.quantity)
      names = Dictionary(uniqueKeysWithValues: byName.keys.map { ("\($0.entity.rawValue).\($0.name)", $0) })
    }

    func value(_ name: String, _ entity: Int, _ block: Int = 0) throws -> Double {
      let quantity = try #require(names[name], "no figure \(name)")
      let series = try #require(byName[quantity])[entity]
      return step.value(series, scenario: scenario, block: block)
    }
  }

  static let systems: [(seed: Int, features: SystemFeatures)] = [
    (31, [.basic, .noiseOpenings, .uncertainLoad]), (7, [.blocks, .network, .virtualInflow, .uncertainLoad]),
    (103, [.blocks, .network, .operatingLimits, .withdrawal, .diversion, .pumping]),
    (104, [.blocks, .network, .contracts, .sources, .uncertainSources, .noiseOpenings, .exchangeFactors]),
    (105, [.blocks, .network, .chronological, .operatingLimits]),
    (103, [.blocks, .autoregression, .virtualInflow]),
    (106, [.blocks, .network, .productionPlanes, .evaporation, .genericConstraints]),
    (102, [.blocks, .network, .operatingRules, .chronological, .virtualInflow]),
    (104, [.blocks, .operatingRules, .serviceLife, .virtualInflow]), (201, everything),
    (204, everything.union(.autoregression)), (207, everything.union([.risk, .serviceLife])),
    (210, everything),
  ]

  private static let everything = EquipmentTests.everything.union([.blocks, .network, .operatingLimits, .discount])

  private static func simulate(
    _ index: Int, _ check: (StudyCase, SimulationStep, _ before: SimulationStep?) throws -> Void
  ) throws -> SimulationResult {
    let system = systems[index]
    let study = try RandomSystem(seed: UInt64(system.seed), features: system.features).text.study()
    let run = try TrainingRun(study, iterations: 8)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    var before: SimulationStep?
    let result = try simulator.run(scenarios: 12) {
      true
    } receive: { step in
      try check(study, step, before)
      before = step
    }
    return try #require(result)
  }

  @Test(arguments: systems.indices)
  func waterBalances(index: Int) throws {
    _ = try Self.simulate(index) { study, step, before in
      let stage = study.stages[step.stage]
      let volume = 0.0036 * stage.hours
      // Water for a plant that is not there, and what flows into it, goes on to the next one that is.
      func receiver(_ plant: Int?) -> Int? {
        var next = plant
        while let place = next, !study.isPresent(stage: step.stage, hydro: place) {
          next = study.hydros[place].downstream
        }
        return next
      }
      for scenario in 0..<step.scenarios {
        let now = Figures(step, scenario: scenario)
        let past = before.map { Figures($0, scenario: scenario) }
        for h in study.hydros.indices where study.isPresent(stage: step.stage, hydro: h) {
          let start = try past.map { try $0.value("hydro.storage", h) } ?? study.hydros[h].initialStorage
          var change = volume * (try now.value("hydro.virtual_inflow", h))
          for other in study.hydros.indices where receiver(other) == h {
            change += volume * (try now.value("hydro.inflow", other))
          }
          change -= volume * study.limits(stage: step.stage, hydro: h).withdrawal
          change -= volume * (try now.value("hydro.evaporation", h))
          change += volume * (try now.value("hydro.withdrawal_shortfall", h) - now.value("hydro.withdrawal_surplus", h))
          if let rules = study.rules(stage: step.stage, hydro: h) {
            for use in rules.uses { change -= volume * use.demands[step.stage] }
            change += volume * (try now.value("hydro.water_use_shortfall", h))
          }
          for (k, block) in stage.blocks.enumerated() {
            func out(_ plant: Int) throws -> Double {
              try now.value("hydro.turbined", plant, k) + now.value("hydro.spilled", plant, k)
            }
            var flow = try -out(h) - now.value("hydro.diverted", h, k)
            for (other, plant) in study.hydros.enumerated() {
              if receiver(plant.downstream) == h { flow += try out(other) }
              if receiver(plant.diversion?.downstream) == h { flow += try now.value("hydro.diverted", other, k) }
            }
            for (pump, station) in study.pumpingStations.enumerated() {
              let pumped = try now.value("pump.flow", pump, k)
              if station.sourceHydro == h { flow -= pumped }
              if receiver(station.destinationHydro) == h { flow += pumped }
            }
            change += 0.0036 * block.hours * flow
          }
          let end = try now.value("hydro.storage", h)
          #expect(abs(end - start - change) <= 1e-6 * max(1, abs(end)))
        }
      }
    }
  }

  /// What rules lack, from the figures of storage and flow.
  @Test(arguments: systems.indices.filter { systems[$0].features.contains(.operatingRules) })
  func rulesLackWhatIsMissing(index: Int) throws {
    var found: [String: Int] = [:]
    _ = try Self.simulate(index) { study, step, before in
      for scenario in 0..<step.scenarios {
        let now = Figures(step, scenario: scenario)
        let past = before.map { Figures($0, scenario: scenario) }
        func expect(_ name: String, _ h: Int, _ k: Int, _ wanted: Double) throws {
          let value = try now.value("hydro.\(name)", h, k)
          #expect(abs(value - max(0, wanted)) <= 1e-6, "\(name) of hydro \(h) in stage \(step.stage)")
          if value > 1e-3 { found[name, default: 0] += 1 }
        }
        func outflow(_ h: Int, _ k: Int) throws -> Double {
          try now.value("hydro.turbined", h, k) + now.value("hydro.spilled", h, k) + now.value("hydro.diverted", h, k)
        }
        for h in study.hydros.indices {
          guard let rules = study.rules(stage: step.stage, hydro: h) else { continue }
          let limits = study.limits(stage: step.stage, hydro: h)
          let start = try past.map { try $0.value("hydro.storage", h) } ?? study.hydros[h].initialStorage
          let end = try now.value("hydro.storage", h)
          try expect("alert_shortfall", h, 0, (limits.alertStorage ?? 0) - end)
          try expect("flood_surplus", h, 0, end - (limits.floodStorage ?? .infinity))
          let blocks = study.stages[step.stage].blocks.indices
          for k in blocks {
            let asked = rules.leastOutflow.map { $0.constant + $0.slope * start }.max() ?? 0
            try expect("outflow_shortfall", h, k, max(asked, limits.minOutflow) - outflow(h, k))
            if study.stages[step.stage].blockMode == .parallel || blocks.count == 1 {
              let most = rules.mostSpillage.map { $0.constant + $0.slope * (start + end) / 2 }.min() ?? .infinity
              try expect("spillway_surplus", h, k, now.value("hydro.spilled", h, k) - most)
            }
            guard k > 0 else { continue }
            let change = try outflow(h, k) - outflow(h, k - 1)
            let beyond = max(
              change - (limits.maxOutflowRise ?? .infinity), -change - (limits.maxOutflowFall ?? .infinity))
            try expect("outflow_ramp_surplus", h, k, beyond)
          }
        }
      }
    }
    #expect(found.count >= 2, "\(found)")
  }

  @Test(arguments: systems.indices)
  func powerBalances(index: Int) throws {
    _ = try Self.simulate(index) { study, step, _ in
      for scenario in 0..<step.scenarios {
        let now = Figures(step, scenario: scenario)
        for bus in study.buses.indices {
          for k in study.stages[step.stage].blocks.indices {
            var supply = try now.value("bus.deficit", bus, k) - now.value("bus.excess", bus, k)
            for (n, plant) in study.thermals.enumerated() where plant.bus == bus {
              supply += try now.value("thermal.generation", n, k)
            }
            for (h, plant) in study.hydros.enumerated() where plant.bus == bus {
              supply += try now.value("hydro.generation", h, k)
            }
            for (s, source) in study.sources.enumerated() where source.bus == bus {
              supply += try now.value("source.generation", s, k)
              let rest = try now.value("source.available", s, k) - now.value("source.generation", s, k)
              #expect(abs(try now.value("source.curtailment", s, k) - rest) <= 1e-9 * max(1, abs(rest)))
            }
            for (c, contract) in study.contracts.enumerated() where contract.bus == bus {
              supply += (contract.direction == .imports ? 1 : -1) * (try now.value("contract.power", c, k))
            }
            for (p, pump) in study.pumpingStations.enumerated() where pump.bus == bus {
              supply -= pump.consumption * (try now.value("pump.flow", p, k))
            }
            for (l, line) in study.lines.enumerated() {
              let arrives = 1 - line.lossesPercent / 100
              let direct = try now.value("line.direct_flow", l, k)
              let reverse = try now.value("line.reverse_flow", l, k)
              if line.sourceBus == bus { supply += arrives * reverse - direct }
              if line.targetBus == bus { supply += arrives * direct - reverse }
            }
            let load = try now.value("bus.load", bus, k)
            #expect(abs(supply - load) <= 1e-6 * max(1, abs(load)))
          }
        }
      }
    }
  }

  @Test(arguments: systems.indices)
  func costsAddUp(index: Int) throws {
    var discounted = [Double](repeating: 0, count: 12)
    var discount = 1.0
    let result = try Self.simulate(index) { study, step, _ in
      for scenario in 0..<step.scenarios {
        let now = Figures(step, scenario: scenario)
        let cost = try now.value("system.cost", 0)
        let groups = try ["resource", "recourse", "violation", "regularisation"].reduce(0.0) {
          $0 + (try now.value("system.cost.\($1)", 0))
        }
        // Batteries have costs only in cases that have batteries.
        let categories = try CostCategory.allCases.filter { $0 != .batteries || !study.batteries.isEmpty }.reduce(0.0) {
          $0 + (try now.value("system.cost.\($1.rawValue)", 0))
        }
        #expect(abs(groups - cost) <= 1e-6 * max(1, abs(cost)))
        #expect(abs(categories - cost) <= 1e-6 * max(1, abs(cost)))
        discounted[scenario] += discount * cost
      }
      discount *= study.discountFactor(stage: step.stage)
    }
    for scenario in 0..<12 {
      #expect(abs(discounted[scenario] - result.costs[scenario]) <= 1e-9 * max(1, abs(discounted[scenario])))
    }
  }

  /// Case D02 of the mathematical reference: a deficit at 1000 $/MWh sets the price of power in stage 1, and water that
  /// would replace thermal power is worth 50 $/MWh / 0.0036.
  @Test(.enabled(if: ReferenceCollection.areAvailable, "\(ReferenceCollection.absence)"))
  func pricesOfSingleHydroAreThoseByHand() throws {
    let report = CaseReader.read(directory: ReferenceCollection.path(name: "d02-single-hydro"))
    let study = try #require(report.study)
    let run = try TrainingRun(study, iterations: 5)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    var values: [Double] = []
    var prices: [Double] = []
    _ = try simulator.run(scenarios: 1) {
      true
    } receive: { step in
      let now = Figures(step, scenario: 0)
      values.append(try now.value("hydro.water_value", 0))
      prices.append(try now.value("bus.marginal_cost", 0))
    }
    #expect(values.allSatisfy { abs($0 - 50 / 0.0036) <= 1e-6 * $0 })
    #expect(prices.allSatisfy { abs($0 - 50) <= 1e-6 })
  }

  @Test func aSimulationEndsOnRequest() throws {
    let study = try RandomSystem(seed: 31, features: [.basic]).text.study()
    let run = try TrainingRun(study, iterations: 2)
    let simulator = try Simulator(
      study: study, policy: run.policy, options: TrainingOptions(study: study), communicator: LocalCommunicator())
    var steps = 0
    let result = try simulator.run(scenarios: 3, while: { steps < 1 }, receive: { _ in steps += 1 })
    #expect(result == nil && steps == 1)
  }

  /// 1, …, 21: every twentieth has a value between; the worst twentieth of 21 are the two largest.
  @Test func percentilesAreLinearBetweenOrderStatistics() {
    let statistics = SampleStatistics((1...21).map { Double($0) }.reversed())
    #expect(statistics.percentiles == [2, 6, 11, 16, 20])
    #expect(statistics.minimum == 1 && statistics.maximum == 21 && statistics.mean == 11)
    #expect(statistics.meanOfWorst == 20.5)
    #expect(SampleStatistics([4, 2]).percentiles == [2.1, 2.5, 3, 3.5, 3.9])
  }
}
