import CobreBase
import CobreCase
import CobreEngine
import Testing

/// Sizes of stage LPs counted by hand.
@Suite struct StageLPSizeTests {
  private func sizes(_ draft: CaseDraft) throws -> [StageLPSize] {
    let report = draft.read()
    let study = try #require(report.study, "\(report.findings)")
    return try #require(StageLPSize.stages(of: study))
  }

  /// Columns: turbined, spilled, virtual inflow, outflow above, deficit, excess, thermal, storage, future.
  @Test func oneHydroAndOneThermal() throws {
    let sizes = try sizes(.twoStages)
    #expect(sizes.count == 2)
    for size in sizes {
      #expect(size.columns == 9)
      // Water 4, largest outflow 3, load 4.
      #expect(size.rows == 3)
      #expect(size.nonzeros == 11)
      #expect(size.smallestCoefficient == 1)
      #expect(abs(size.largestCoefficient - 2.628) <= 1e-12)
    }
  }

  /// What cannot matter is not there: no turbine, no spill price to save, no minimum.
  @Test func nothingThatCannotMatter() throws {
    var draft = CaseDraft.twoStages
    draft.set("config.json", "modeling", ["inflow_non_negativity": ["method": "none"]])
    draft.set("system/hydros.json", "hydros[0].outflow.max_outflow_m3s", .null)
    draft.set("system/hydros.json", "hydros[0].generation.max_turbined_m3s", 0)
    draft.set("system/thermals.json", "thermals[0].generation.max_mw", 0)
    let sizes = try sizes(draft)
    // Spilled, deficit, excess, storage, future. Water and load.
    #expect(sizes.allSatisfy { $0.columns == 5 && $0.rows == 2 && $0.nonzeros == 4 })
  }

  /// A future cost per opening, and with CVaR a level, an excess and its row per opening.
  @Test func multiCutAddsFutures() throws {
    var draft = CaseDraft.twoStages
    draft.set("config.json", "training.cut_formulation", "multi")
    draft.set("stages.json", "stages[1].num_scenarios", 2)
    draft.write(
      "scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s\n0,0,0,40\n1,0,0,10\n1,1,0,20\n")
    #expect(try sizes(draft).map(\.columns) == [10, 9])
    draft.set("stages.json", "stages[0].risk_measure", ["cvar": ["alpha": .double(0.5), "lambda": .double(0.5)]])
    let study = try #require(draft.read().study)
    let told = try sizes(draft)
    let built = StageLPTemplate.all(study: study, tree: OpeningTree(study: study, seed: 1), formulation: .multi)
    #expect(told == built.map { StageLPSize($0.model) })
    #expect(told.map(\.columns) == [13, 9])
    // A level and a row for each opening; nothing but the aggregated future where the measure is no small LP.
    let others: [(JSONValue, [Int])] = [
      ("worst_case", [11, 5]), (["entropic": ["gamma": 0.1]], [9, 3]), (["wasserstein": ["radius": 0.1]], [9, 3]),
    ]
    for (measure, size) in others {
      draft.set("stages.json", "stages[0].risk_measure", measure)
      let study = try #require(draft.read().study)
      let told = try sizes(draft)
      let built = StageLPTemplate.all(study: study, tree: OpeningTree(study: study, seed: 1), formulation: .multi)
      #expect(told == built.map { StageLPSize($0.model) })
      #expect([told[0].columns, told[0].rows] == size)
    }
  }

  /// Each kind of equipment adds what its formula has.
  @Test func equipmentAddsItsColumnsAndRows() throws {
    func size(_ edit: (inout CaseDraft) -> Void) throws -> StageLPSize {
      var draft = CaseDraft.twoStages
      edit(&draft)
      return try #require(sizes(draft).first)
    }
    // e, two slacks; one row with these and the volume; e in the balance.
    let evaporation = try size {
      $0.evaporate(100)
    }
    #expect([evaporation.columns, evaporation.rows, evaporation.nonzeros] == [12, 4, 16])
    // g instead of productivity. Per plane g, volume, turbined.
    let planes = try size { $0.planes([",0,0,0.002,0.8,0", ",1,0,0.001,0.95,0"]) }
    #expect([planes.columns, planes.rows, planes.nonzeros] == [10, 5, 17])
    #expect(planes.smallestCoefficient == 0.0005)
    // Nothing evaporates, so nothing is added.
    let dry = try size {
      $0.evaporate(0)
    }
    #expect([dry.columns, dry.rows, dry.nonzeros] == [9, 3, 11])
  }
}
