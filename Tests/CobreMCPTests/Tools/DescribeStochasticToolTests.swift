internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreMCP
internal import CobreTestSupport
internal import Testing

/// What an agent learns about an inflow model: the numbers of the model, within a readable size.
@Suite struct DescribeStochasticToolTests {
  private func described(_ study: StudyCase, warnings: [Finding] = []) -> JSONObject {
    StochasticView.json(study, hydros: Array(study.hydros.indices), warnings: warnings)
  }

  @Test func tellsWhatTheTablesGive() throws {
    let study = try CalendarSystem(seed: 5, stages: .annual).text.study()
    let view = described(study)
    #expect(view["inflow"]?["model"]?.string == "seasonal_stats")
    #expect(view["inflow"]?["plants_with_lags"]?.int == 2)
    #expect(view["inflow"]?["lag_components"]?.int == 24)
    #expect(view["correlation"]?["source"]?.string == "none")
    let plant = try #require(view["hydros"]?.array?.first)
    #expect(plant["hydro_id"]?.int == 3)
    #expect(plant["lags"]?.int == 12)
    #expect(plant["season_ids"]?.array?.compactMap(\.int) == [0, 1, 2, 3])
    let given = study.autoregressiveCoefficients.filter { $0.hydro == 0 && $0.stageID == 1 }.map(\.coefficient)
    let told = plant["coefficients"]?.array?[1].array?.compactMap(\.number) ?? []
    #expect(told.count == given.count)
    #expect(zip(told, given).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(plant["annual"]?.array?.compactMap(\.number) == [0.3, 0.3, 0.3, 0.3])
    #expect(plant["residual_std_ratio"]?.array?.compactMap(\.number) == [0.8, 0.8, 0.8, 0.8])
    #expect(plant["explained"]?.array?.compactMap(\.number) == [0.36, 0.36, 0.36, 0.36])
  }

  @Test func tellsWhatWasEstimated() throws {
    var text = CalendarSystem(seed: 5, stages: .annual).text
    for name in ["inflow_seasonal_stats", "inflow_ar_coefficients", "inflow_annual_component", "noise_openings"] {
      text.files["scenarios/\(name).csv"] = nil
    }
    var random = TestRandom(seed: 8, label: "history")
    var rows: [String] = []
    for id in [3, 5] {
      for month in 0..<480 {
        // Every January is the same at plant 5.
        let value = id == 5 && month % 12 == 0 ? 33 : random.number(20, 60, digits: 3)
        rows.append("\(id),\(1950 + month / 12)-\(month % 12 < 9 ? "0" : "")\(month % 12 + 1)-01,\(value)")
      }
    }
    text.csv("scenarios/inflow_history.csv", "hydro_id,date,value_m3s", rows)
    let view = described(try text.study())
    #expect(view["inflow"]?["model"]?.string == "estimated")
    #expect(view["correlation"]?["source"]?.string == "residuals")
    #expect(view["correlation"]?["inflow_pairs"]?.int == 1)
    let plants = try #require(view["hydros"]?.array)
    #expect(plants[0]["observations"]?.array?.compactMap(\.int) == [40, 40, 40, 40])
    #expect(plants[1]["mean_m3s"]?.array?.first?.number == 33)
    #expect(plants[1]["std_m3s"]?.array?.first?.number == 0)
    #expect(view["warnings"]?.array?.contains { $0.string?.contains("deterministic") == true } == true)
  }

  @Test func staysReadable() throws {
    let study = try CalendarSystem(seed: 5, stages: .annual).text.study()
    func plants(_ count: Int, _ bytes: Int) -> [JSONValue] {
      let view = StochasticView.json(study, hydros: .init(repeating: 0, count: count), plantBytes: bytes, warnings: [])
      return view["hydros"]?.array ?? []
    }
    let size = try #require(plants(1, .max).first).serialized().count
    #expect(plants(10, .max).count == 10)
    #expect(plants(10, 3 * size).count == 3)
    #expect(plants(10, 4 * size - 1).count == 3)
    // However long it is.
    #expect(plants(10, 1).count == 1)
    #expect(plants(0, 1).isEmpty)
  }
}
