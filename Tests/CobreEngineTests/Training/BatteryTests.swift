internal import CobreBase
internal import CobreCase
import CobreCommunication
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// Batteries by hand.
@Suite struct BatteryTests {
  /// Two stages of two chronological blocks (365 h each): load 80 MW, hydro without water, a thermal of 90 MW at 50
  /// $/MWh in the first block and a deficit at 1000 beyond it.
  private static func draft(_ battery: JSONValue) -> CaseDraft {
    var draft = CaseDraft.twoStages
    draft.set("initial_conditions.json", "storage", [["hydro_id": 0, "value_hm3": 0]])
    draft.inflows(0, 0)
    draft.set("system/thermals.json", "thermals[0].generation.max_mw", 90)
    for stage in 0..<2 {
      draft.set(
        "stages.json", "stages[\(stage)].blocks",
        [["id": 0, "name": "LOW", "hours": 365], ["id": 1, "name": "HIGH", "hours": 365]])
      draft.set("stages.json", "stages[\(stage)].block_mode", "chronological")
    }
    let factors: [JSONValue] = (0..<2).map {
      [
        "bus_id": 1, "stage_id": .int($0),
        "block_factors": [["block_id": 0, "factor": 0.5], ["block_id": 1, "factor": 1.25]],
      ]
    }
    draft.set("scenarios/load_factors.json", "load_factors", .array(factors))
    draft.set("system/batteries.json", "batteries", [battery])
    return draft
  }

  private static func battery(_ changes: JSONObject = [:]) -> JSONValue {
    var object: JSONObject = [
      "id": 3, "name": "B", "bus_id": 1, "energy": ["max_mwh": 3000.0, "initial_mwh": 0.0],
      "power": ["max_charge_mw": 20.0, "max_discharge_mw": 20.0], "charge_efficiency": 0.8,
      "discharge_efficiency": 0.5, "degradation_cost": 4.0,
    ]
    for (key, value) in changes.members { object[key] = value }
    return .object(object)
  }

  /// $ of both stages, by MWh of each: 40 and 90 MW of the plant, what it charges, wear, and what lacks.
  private static func cost(charged: Double, served: Double) -> Double {
    let plant: Double = 365 * 130 + charged
    let lacking: Double = 3650 - served
    let stage: Double = 50 * plant + 4 * served + 1000 * lacking
    return 2 * stage
  }

  private static func run(_ draft: CaseDraft) throws -> TrainingRun {
    let report = draft.read()
    return try TrainingRun(try #require(report.study, "\(report.findings)"), iterations: 12)
  }

  /// In the first block 40 MW of load leave 50 MW of the plant, in the second 100 MW lack 10.
  ///
  /// 10 MW for 365 h leave 3650 / 0.5 = 7300 MWh of the store, more than its 3000: 1500 MWh can be served and 2150
  /// lack. 3000 MWh take 3750 MWh from the plant, of at most 20 · 365 = 7300.
  @Test func shiftsEnergyWithItsLosses() throws {
    let wanted = Self.cost(charged: 3750, served: 1500)
    #expect(abs(try Self.run(Self.draft(Self.battery())).lowerBound - wanted) <= 1e-8 * wanted)
  }

  /// Of what is charged in the first block, (1 − s)^365 is there at the end of the second.
  ///
  /// With a limit of 1000 MWh: it is full after the first block, and the second takes out what self-discharge leaves.
  @Test func losesItsContentsWithTime() throws {
    let battery = Self.battery([
      "energy": ["max_mwh": 1000.0, "initial_mwh": 0.0], "self_discharge_per_hour": 0.0005,
    ])
    var kept = 1.0
    for _ in 0..<365 { kept *= 1 - 0.0005 }
    let served = 1000 * kept * 0.5
    let wanted = Self.cost(charged: 1250, served: served)
    #expect(abs(try Self.run(Self.draft(battery)).lowerBound - wanted) <= 1e-8 * wanted)
  }

  /// In the first stage it takes 7 MW at most: of 2555 MWh 2044 are stored and 1022 served.
  ///
  /// In the second it holds 500 MWh at most: 625 are taken and 250 served.
  @Test func keepsLimitsOfStages() throws {
    var draft = Self.draft(Self.battery())
    draft.write(
      F.batteryBounds,
      "battery_id,stage_id,min_energy_mwh,max_energy_mwh,max_charge_mw,max_discharge_mw\n3,0,,,7,\n3,1,,500,,4\n")
    let first: Double = 50 * (365 * 130 + 2555) + 4 * 1022 + 1000 * (3650 - 1022)
    let second: Double = 50 * (365 * 130 + 625) + 4 * 250 + 1000 * (3650 - 250)
    let wanted = first + second
    #expect(abs(try Self.run(draft).lowerBound - wanted) <= 1e-8 * wanted)
  }

  /// A target at 30 $/MWh is not worth 50 / 0.8 $ of charging, one at 100 is; between stages the contents are carried.
  @Test(arguments: [30.0, 100]) func meetsATargetThatPays(cost: Double) throws {
    let battery = Self.battery([
      "energy": [
        "max_mwh": 3000.0, "initial_mwh": 0.0, "target_mwh": 600.0, "target_violation_cost": .double(cost),
      ],
      "power": ["max_charge_mw": 20.0, "max_discharge_mw": 0.0],
    ])
    let wanted = Self.cost(charged: 0, served: 0) + 600 * min(cost, 62.5)
    #expect(abs(try Self.run(Self.draft(battery)).lowerBound - wanted) <= 1e-8 * wanted)
  }

  @Test func isNamedAndStartsAsGiven() throws {
    let study = try #require(
      Self.draft(Self.battery(["energy": ["max_mwh": 3000.0, "initial_mwh": 1200.0]])).read().study)
    #expect(study.stateNames.last == "battery[3]")
    #expect(OpeningTree(study: study, seed: 1).inflow.initialState.last == 1200)
    #expect(CaseDescription(study).counts.batteries == 1)
  }

  /// What a simulation records of the same system, and the parts of its cost.
  @Test func isRecorded() throws {
    let study = try #require(Self.draft(Self.battery()).read().study)
    let options = TrainingOptions(study: study)
    let trainer = try Trainer(study: study, options: options, communicator: LocalCommunicator())
    _ = try trainer.train { $0.iteration < 12 }
    let simulator = try Simulator(
      study: study, policy: trainer.policy, options: options, communicator: LocalCommunicator())
    let cost = try simulator.run(scenarios: 1).statistics.mean
    let wanted = Self.cost(charged: 3750, served: 1500)
    #expect(abs(cost - wanted) <= 1e-8 * wanted)
  }
}
