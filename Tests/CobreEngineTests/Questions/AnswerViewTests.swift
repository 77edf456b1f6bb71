import CobreTestSupport
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Ready views against the values that the run has kept.
@Suite struct AnswerViewTests {
  private let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private func rows(_ sql: String, _ run: AskedRun) throws -> [[JSONValue]] {
    try ResultQuery.run(sql, in: run.evidence.store.path, limits: QueryLimits(rows: 5000, bytes: 1 << 20)).rows
  }

  @Test func deficitsAreCountedByScenario() throws {
    let run = try AskedRun(shortOfPowerIn: home, scenarios: 5)
    let study = try run.evidence.requiredStudy()
    let shown = try rows("SELECT stage, probability, energy_not_served FROM deficit_by_stage ORDER BY stage", run)
    #expect(shown.count == study.stages.count)
    var isSome = false
    for (stage, row) in shown.enumerated() {
      // From single values: MW by bus and block times the hours of the block.
      let values = try rows(
        "SELECT v.scenario, v.block, v.value FROM simulation_value v JOIN simulation_quantity q ON q.id = v.quantity "
          + "WHERE q.entity_kind = 'bus' AND q.name = 'deficit' AND v.stage = \(stage)", run)
      var energy: [Int: Double] = [:]
      for value in values {
        let hours = study.stages[stage].blocks[value[1].int ?? 0].hours
        energy[value[0].int ?? -1, default: 0] += hours * (value[2].number ?? 0)
      }
      let missed: Int = energy.values.count { $0 > 0.001 }
      let share = Double(missed) / 5
      let total: Double = energy.values.reduce(0, +)
      let shownShare: Double = row[1].number ?? -1
      let shownEnergy: Double = row[2].number ?? -1
      let tolerance: Double = 1e-6 * max(1, total)
      #expect(abs(shownShare - share) < 1e-12)
      #expect(abs(shownEnergy - total / 5) <= tolerance)
      if share > 0 { isSome = true }
    }
    #expect(isSome)
  }

  @Test func reservoirsHaveNamesAndPricesAnOrder() throws {
    let run = try AskedRun(template: .cascade, in: home)
    let study = try run.evidence.requiredStudy()
    let names = try rows("SELECT DISTINCT hydro, name FROM reservoir_storage ORDER BY hydro", run)
    #expect(names.map { $0[1].string } == study.hydros.sorted { $0.id < $1.id }.map(\.name))
    #expect(
      try rows("SELECT COUNT(*) FROM reservoir_storage", run)[0][0].int == study.hydros.count * study.stages.count)
    let prices = try rows("SELECT price, share, stage, block FROM price_duration WHERE bus = 1 ORDER BY share", run)
    let sorted = prices.compactMap { $0[0].number }
    let descending: [Double] = sorted.sorted(by: >)
    #expect(sorted == descending)
    #expect(prices.last?[1].number == 1)
    // Blocks of different length count by their hours.
    let hours = prices.map { study.stages[$0[2].int ?? -1].blocks[$0[3].int ?? -1].hours }
    #expect(Set(hours).count > 1)
    let all: Double = hours.reduce(0, +)
    for (price, row) in zip(sorted, prices) {
      let above: Double = zip(sorted, hours).reduce(0) { $0 + ($1.0 >= price ? $1.1 : 0) }
      let share: Double = above / all
      let shown: Double = row[1].number ?? -1
      #expect(abs(shown - share) < 1e-12)
    }
    let energy = try rows("SELECT SUM(hydro), SUM(thermal), SUM(deficit) FROM energy_by_source", run)[0]
    for position in 0...1 {
      let sum: Double = energy[position].number ?? 0
      #expect(sum > 0)
    }
    #expect(energy[2].number != nil)
  }

  /// A system whose contracts and pump are fixed: 10 MW come in, 20 MW go out, and 3 m³/s at 2 MW per m³/s are pumped.
  @Test func supplyMeetsLoadContractsAndPumps() throws {
    var draft = CaseDraft.smallest
    draft.set("system/thermals.json", "thermals[0].generation.max_mw", 200)
    draft.set(
      "system/energy_contracts.json", "contracts",
      .array(
        [("BOUGHT", "import", 10), ("SOLD", "export", 20)].enumerated().map { index, contract in
          [
            "id": .int(Int64(index)), "name": .string(contract.0), "bus_id": 1, "type": .string(contract.1),
            "price_per_mwh": 0,
            "limits": ["min_mw": .double(contract.2), "max_mw": .double(contract.2)],
          ]
        }))
    draft.set(
      "system/pumping_stations.json", "pumping_stations",
      [
        [
          "id": 0, "name": "UP", "bus_id": 1, "source_hydro_id": 7, "destination_hydro_id": 2,
          "consumption_mw_per_m3s": 2, "flow": ["min_m3s": 3, "max_m3s": 3],
        ]
      ])
    let lake = try JSONParser.parse(draft.files["system/hydros.json"] ?? [])["hydros"]?.array?.first
    draft.set("system/hydros.json", "hydros[1]", lake)
    draft.set("system/hydros.json", "hydros[1].id", 2)
    draft.set("system/hydros.json", "hydros[1].name", "LAKE")
    draft.set("system/hydros.json", "hydros[1].downstream_id", 7)
    draft.set("initial_conditions.json", "storage[1]", ["hydro_id": 2, "value_hm3": 60])
    draft.write(
      "scenarios/inflow_openings.csv",
      "stage_id,opening_index,probability,hydro_id,value_m3s\n0,0,,7,22.0\n0,0,,2,0.0\n1,0,,7,30.0\n1,0,,2,0.0\n")
    draft.set("stages.json", "stages[1].num_scenarios", 1)
    let directory = home.path + "/contracts"
    try CaseText(draft.files.mapValues { String(decoding: $0, as: UTF8.self) }).write(to: directory)
    let run = try AskedRun(directory, in: home, name: "run-contracts", iterations: 10, scenarios: 1)
    let energy = try rows(
      "SELECT contract_import, contract_export, pumping, battery_charge FROM energy_by_source ORDER BY stage", run)
    for (row, hours) in zip(energy, [744.0, 672.0]) {
      for (cell, power) in zip(row, [10.0, 20, 6]) { #expect(abs((cell.number ?? 0) - power * hours) < 1e-6 * hours) }
      #expect(row[3] == .null)
    }
    let supply = try #require(try MeanSupply(run.evidence))
    #expect(supply.demandName == "load, pumping and exports")
    #expect(supply.layers.map(\.name) == ["hydro", "thermal", "imports"])
    for (stage, demand) in [62.0 + 26, 58.0 + 26].enumerated() {
      let difference: Double = supply.demand[stage] - demand
      #expect(abs(difference) < 1e-9)
      let given: Double = supply.layers.reduce(0) { $0 + ($1.values[stage] ?? 0) }
      #expect(abs(given - demand) < 1e-6)
    }
  }
}
