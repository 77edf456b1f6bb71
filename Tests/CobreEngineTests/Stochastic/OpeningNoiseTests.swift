import CobreBase
import CobreCase
import CobreEngine
import Foundation
import Testing

@Suite struct OpeningNoiseTests {
  /// The published values of the mathematical reference: seed 42, opening noise.
  @Test func drawsAreTheDocumentedNumbers() throws {
    let noise = try NoisyCase(hydros: [1, 2, 3, 4], stages: 3, openings: 8, seed: 42).noise()
    #expect(abs(noise.series(stage: 0, component: 0)[0] + 1.5901496589616915) < 1e-15)
    #expect(abs(noise.series(stage: 2, component: 3)[7] + 0.8421969894846444) < 1e-15)
    let generator = Philox(seed: 42, purpose: .openingNoise)
    let load = generator.normal(entity: (1 << 24) + 1, sample: 5, stage: 1, iteration: 0)
    let source = generator.normal(entity: 2 << 24, sample: 6, stage: 2, iteration: 0)
    #expect(noise.series(stage: 1, component: 5)[5] == load)
    #expect(noise.series(stage: 2, component: 6)[6] == source)
  }

  private static let methods = ["saa", "lhs", "qmc_sobol", "qmc_halton"]

  @Test(arguments: methods)
  func orderOfDeclarationChangesNothing(method: String) throws {
    var source = NoisyCase(hydros: [3, 5, 8], buses: [1, 2, 4], sources: [6, 7], method: method)
    let noise = try source.noise()
    source.isReversed = true
    #expect(try source.noise() == noise)
  }

  /// A plant after the others leaves their noise alone, by every method.
  @Test(arguments: methods)
  func anotherPlantChangesNoOther(method: String) throws {
    let few = try NoisyCase(hydros: [3, 5], method: method).noise()
    let more = try NoisyCase(hydros: [3, 5, 9], method: method).noise()
    for stage in 0..<2 {
      for component in 0..<2 {
        #expect(few.series(stage: stage, component: component) == more.series(stage: stage, component: component))
      }
    }
  }

  /// Independent draws belong to their entity: another plant leaves loads and sources alone too, and more openings or
  /// stages leave those before alone.
  @Test func drawsBelongToTheirEntityOpeningAndStage() throws {
    let few = try NoisyCase(hydros: [3, 5], stages: 2, openings: 4).noise()
    let plants = try NoisyCase(hydros: [3, 5, 9], stages: 2, openings: 4).noise()
    let openings = try NoisyCase(hydros: [3, 5], stages: 2, openings: 9).noise()
    let stages = try NoisyCase(hydros: [3, 5], stages: 5, openings: 4).noise()
    for stage in 0..<2 {
      for component in 2..<5 {
        #expect(few.series(stage: stage, component: component) == plants.series(stage: stage, component: component + 1))
      }
      for component in 0..<5 {
        let series = few.series(stage: stage, component: component)
        #expect(Array(openings.series(stage: stage, component: component)[..<4]) == series)
      }
      #expect(few.values[stage] == stages.values[stage])
    }
  }

  /// Points of a sequence stay where they are when more of them are taken.
  @Test func sobolPointsDoNotMove() throws {
    let few = try NoisyCase(openings: 8, method: "qmc_sobol").noise()
    let more = try NoisyCase(openings: 32, method: "qmc_sobol").noise()
    for component in 0..<5 {
      #expect(
        Array(more.series(stage: 1, component: component)[..<8]) == few.series(stage: 1, component: component))
    }
  }

  /// Every stage has a method of its own, and none touches the others' values.
  @Test func methodsMayDifferByStage() throws {
    var draft = NoisyCase(stages: 4, openings: 8).draft
    for (stage, method) in Self.methods.enumerated() {
      draft.set("stages.json", "stages[\(stage)].sampling_method", .string(method))
    }
    let mixed = OpeningNoise(study: try NoisyCase.study(of: draft), seed: 11)
    for (stage, method) in Self.methods.enumerated() {
      #expect(try NoisyCase(stages: 4, openings: 8, method: method).noise().values[stage] == mixed.values[stage])
    }
  }

  /// Kolmogorov–Smirnov against Φ by the error function of the C library, at a fixed seed; 1.63 is the 1 % point.
  @Test(arguments: methods)
  func marginalsAreNormal(method: String) throws {
    let noise = try NoisyCase(openings: 4096, method: method).noise()
    for component in 0..<5 {
      var distance = 0.0
      for (rank, value) in noise.series(stage: 1, component: component).sorted().enumerated() {
        let probability = 0.5 * erfc(-value / 2.0.squareRoot())
        let (low, high) = (Double(rank) / 4096, Double(rank + 1) / 4096)
        distance = max(distance, probability - low, high - probability)
      }
      #expect(distance * 64 < (method == "saa" ? 1.63 : 0.3), "component \(component)")
    }
  }

  /// Weeks of one month share their noise.
  ///
  /// The month of another year does not.
  @Test func stagesOfOneSeasonOccurrenceShareNoise() throws {
    let weekly = try NoisyCase(
      stages: 4, seasons: [0, 0, 1, 1], dates: ["2024-01-01", "2024-01-16", "2024-02-01", "2024-02-16", "2024-03-01"]
    ).noise()
    #expect(weekly.values[0] == weekly.values[1])
    #expect(weekly.values[2] == weekly.values[3])
    #expect(weekly.values[0] != weekly.values[2])
    let yearly = try NoisyCase(stages: 2, seasons: [0, 0], dates: ["2024-01-01", "2025-01-01", "2026-01-01"]).noise()
    #expect(yearly.values[0] != yearly.values[1])
  }

  /// A season that passes the turn of the year is one occurrence.
  @Test func seasonsMayPassTheTurnOfTheYear() throws {
    var draft = NoisyCase(
      stages: 3, seasons: [0, 0, 1], dates: ["2024-12-01", "2025-01-01", "2025-02-01", "2025-03-01"]
    ).draft
    draft.set(
      "stages.json", "season_definitions",
      [
        "cycle_type": "custom",
        "seasons": [
          ["id": 0, "label": "turn", "month_start": 11, "month_end": 1],
          ["id": 1, "label": "rest", "month_start": 2, "month_end": 10],
        ],
      ])
    let study = try NoisyCase.study(of: draft)
    #expect(study.stages.indices.map { study.noiseGroup(of: $0) } == [0, 0, 2])
  }

  @Test func givenNoiseIsTakenAsItIs() throws {
    var draft = NoisyCase(hydros: [3], buses: [1], sources: [], openings: 2).draft
    draft.write(
      "scenarios/noise_openings.csv",
      """
      stage_id,opening_index,entity_index,value
      0,0,0,0.5
      0,0,1,-1.5
      1,0,0,0.25
      1,0,1,2
      1,1,0,-0.25
      1,1,1,3

      """)
    let study = try NoisyCase.study(of: draft)
    let noise = OpeningNoise(study: study, seed: 1)
    #expect(noise.values == [[0.5, -1.5], [0.25, 2, -0.25, 3]])
    let tree = OpeningTree(study: study, seed: 1)
    #expect(tree.stages[1].inflows == [106.5, 101.5])
    #expect(tree.stages[1].loads == [58, 62])
  }

  /// Load is truncated at 0 and availability at 0 and 1, capacity 10 MW.
  @Test func loadAndAvailabilityStayInTheirBounds() throws {
    var draft = NoisyCase(stages: 2, openings: 200).draft
    draft.write(
      "scenarios/load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw\n1,0,1,9\n1,1,1,9\n4,0,-2,0\n4,1,5,0\n")
    draft.write("scenarios/non_controllable_stats.csv", "ncs_id,stage_id,mean,std\n8,0,0.5,2\n8,1,0.5,2\n")
    let study = try NoisyCase.study(of: draft)
    let noise = OpeningNoise(study: study, seed: 3)
    let stage = OpeningTree(study: study, seed: 3).stages[0]
    for opening in 0..<200 {
      let load = 1 + 9 * noise.series(stage: 0, component: 2)[opening]
      #expect(stage.loads[opening * 2] == max(0, load))
      #expect(stage.loads[opening * 2 + 1] == -2)
      let share = 0.5 + 2 * noise.series(stage: 0, component: 3)[opening]
      #expect(stage.availabilities[opening] == 10 * min(1, max(0, share)))
    }
    #expect(stage.loads.contains(0) && stage.availabilities.contains(0) && stage.availabilities.contains(10))
  }
}
