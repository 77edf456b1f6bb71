import CobreEngine
import CobreTestSupport
import Testing

@testable import CobreCase

@Suite("Describing a case") struct CaseDescriptionTests {
  @Test func countsTheValley() throws {
    let description = CaseDescription(try #require(CaseDraft.valley.read().study))
    #expect(description.counts.hydros == 2)
    #expect(description.counts.contracts == 2)
    #expect(description.stages == 2)
    #expect(description.firstDate == "2027-01-01")
    #expect(description.endDate == "2027-03-01")
    #expect(description.hours == 1416)
    #expect(description.blocksPerStage == [1, 2])
    #expect(description.openingsPerStage == [1, 2])
    #expect(description.noiseDimension == 2)
    #expect(description.thermalCapacity == 35)
    #expect(description.usefulStorage == 225)
    // Bus 1: 62·(200·1.2 + 544) + 58·672. Bus 4: 30·744 + 28·672. Over 1416 h.
    let energy = 62.0 * (200 * 1.2 + 544) + 58 * 672 + 30 * 744 + 28 * 672
    #expect(abs(description.meanLoad - energy / 1416) < 1e-9)
    #expect(description.features.markov == nil && description.features.riskByStage == nil)
  }

  /// Twelve solves by hand: 0 leads to 1 (0.25) and 2 (0.75), which both lead to 3.
  @Test func countsStatesSideBySide() throws {
    var study = try #require(CaseDraft.valley.read().study)
    let first = study.stages[0]
    let second = study.stages[1]
    study.stages = [first, second, second, second]
    for (index, openings) in [1, 2, 3, 4].enumerated() {
      study.stages[index].id = index
      study.stages[index].openings = openings
    }
    study.stages[3].start = second.end
    func arc(_ source: Int, _ target: Int, _ probability: Double) -> Transition {
      Transition(source: source, target: target, probability: probability, annualDiscountRate: 0)
    }
    study.graph.transitions = [arc(0, 1, 0.25), arc(0, 2, 0.75), arc(1, 3, 1), arc(2, 3, 1)]
    study.configuration.training.forwardPasses = 2
    // 1 + 2 + 3 at stage 0, 1 + 4 at 1 or 2, 1 at 3: 12 for each trajectory.
    #expect(CaseDescription.solves(study) == 24)
    let markov = try #require(CaseFeatures.markov(study))
    #expect(markov.dates == 3 && markov.statesPerDate == [1, 2] && markov.transitions == 4 && markov.unreachable == [])
    study.graph.transitions = [arc(0, 2, 1), arc(1, 3, 1), arc(2, 3, 1)]
    #expect(CaseFeatures.markov(study)?.unreachable == [1])
  }

  @Test func tellsRiskByStage() throws {
    var study = try #require(CaseDraft.valley.read().study)
    study.stages.append(study.stages[1])
    study.stages[0].riskMeasure = .cvar(alpha: 0.2, lambda: 0.5)
    study.stages[1].riskMeasure = .cvar(alpha: 0.2, lambda: 0.5)
    study.stages[2].riskMeasure = .combination([
      .init(weight: 0.25, measure: .worstCase), .init(weight: 0.75, measure: .expectation),
    ])
    let risks = try #require(CaseFeatures.risk(study))
    #expect(risks.map(\.stages) == [[0, 1], [2, 2]])
    #expect(risks.map(\.measure) == ["cvar (alpha 0.2, lambda 0.5)", "0.25 worst_case + 0.75 expectation"])
  }

  /// Templates whose features are known from their files.
  @Test func tellsWhatTemplatesHave() throws {
    func features(_ template: CaseTemplate) throws -> CaseFeatures {
      CaseFeatures(try CaseText(template.files()).study())
    }
    #expect(try features(.singleHydro) == CaseFeatures(try #require(CaseDraft.valley.read().study)))
    #expect(try features(.markov).markov != nil)
    #expect(try features(.battery).storage != nil)
    #expect((try features(.mesh).network?.reactances ?? 0) > 0)
    #expect(try features(.riverRules).operatingRules?.isEmpty == false)
    #expect(try features(.spotMarket).prices?.contracts == 2)
    #expect(try features(.riskAverse).riskByStage?.isEmpty == false)
  }
}
