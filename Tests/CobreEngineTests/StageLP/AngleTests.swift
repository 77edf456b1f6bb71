import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Testing

/// DC power flow by hand.
@Suite struct AngleTests {
  /// Three buses in a triangle of equal reactances: cheap power at bus 1, dear power at bus 2, 90 MW of load at bus 3.
  ///
  /// Of each MW from 1 to 3 two thirds take the line 1-3 and one third the way over 2. A limit of 40 MW on 1-3 allows x
  /// from bus 1 and 90 − x from bus 2 with 2x/3 + (90 − x)/3 = 40, so x = 30.
  private static func draft(limit: Double, reactances: [Double?] = [0.1, 0.1, 0.1], angle: Double? = nil) -> CaseDraft {
    var draft = CaseDraft.twoStages
    draft.set(
      "system/buses.json", "buses",
      [["id": 1, "name": "A"], ["id": 2, "name": "B"], ["id": 3, "name": "C"]])
    draft.set("system/hydros.json", "hydros", [])
    draft.set("initial_conditions.json", "storage", [])
    draft.files["scenarios/inflow_openings.csv"] = nil
    let ends: [(Int64, Int64, Double)] = [(1, 2, 1000), (1, 3, limit), (2, 3, 1000)]
    draft.set(
      "system/lines.json", "lines",
      .array(
        ends.enumerated().map { index, line in
          [
            "id": .int(Int64(index)), "name": "L", "source_bus_id": .int(line.0), "target_bus_id": .int(line.1),
            "capacity": ["direct_mw": .double(line.2), "reverse_mw": .double(line.2)], "exchange_cost": 0.0,
            "reactance_pu": reactances[index].map { .double($0) } ?? .null,
            "max_angle_degrees": index == 1 ? angle.map { .double($0) } ?? .null : .null,
          ]
        }))
    draft.set(
      "system/thermals.json", "thermals",
      .array(
        [(1, 10.0), (2, 40.0)].map { bus, cost in
          [
            "id": .int(Int64(bus)), "name": "G", "bus_id": .int(Int64(bus)), "cost_per_mwh": .double(cost),
            "generation": ["min_mw": 0.0, "max_mw": 200.0],
          ]
        }))
    draft.write(
      "scenarios/load_seasonal_stats.csv",
      "bus_id,stage_id,mean_mw,std_mw\n1,0,0,0\n1,1,0,0\n2,0,0,0\n2,1,0,0\n3,0,90,0\n3,1,90,0\n")
    return draft
  }

  private static func costPerHour(_ draft: CaseDraft) throws -> Double {
    let report = draft.read()
    return try TrainingRun(try #require(report.study, "\(report.findings)"), iterations: 2).lowerBound / 1460
  }

  @Test func theCheapWayIsNotTaken() throws {
    #expect(abs(try Self.costPerHour(Self.draft(limit: 1000)) - 900) < 1e-6)
    #expect(abs(try Self.costPerHour(Self.draft(limit: 40)) - (30 * 10 + 60 * 40)) < 1e-6)
    // Without reactances power takes the way that is open.
    #expect(abs(try Self.costPerHour(Self.draft(limit: 40, reactances: [nil, nil, nil])) - 900) < 1e-6)
  }

  /// x₁₃ = 0.4: of bus 1's power 0.2 / 0.6 take 1-3, of bus 2's 0.1 / 0.6; x/3 + (90 − x)/6 = 20 gives x = 30.
  @Test func reactancesShareTheFlow() throws {
    let draft = Self.draft(limit: 20, reactances: [0.1, 0.4, 0.1])
    #expect(abs(try Self.costPerHour(draft) - (30 * 10 + 60 * 40)) < 1e-6)
  }

  /// 40 MW over x = 0.1 at 100 MVA are 0.04 rad.
  @Test func anglesLimitFlows() throws {
    let draft = Self.draft(limit: 1000, angle: 0.04 * 180 / .pi)
    #expect(abs(try Self.costPerHour(draft) - (30 * 10 + 60 * 40)) < 1e-6)
  }

  /// A line without capacity is open: all power goes over bus 2.
  @Test func aLineWithoutCapacityIsOpen() throws {
    #expect(abs(try Self.costPerHour(Self.draft(limit: 0)) - 900) < 1e-6)
  }

  /// One line from a plant at 10 $/MWh to a load of 50 MW.
  ///
  /// With c = r / 100 = 1/180 a flow of 60 MW, one of the points of the tangents, loses 20 MW, half at each end, so
  /// that the plant gives 70 MW.
  @Test func lossesGrowWithTheSquareOfTheFlow() throws {
    var draft = Self.draft(limit: 80, reactances: [nil, nil, nil])
    draft.set("system/lines.json", "lines[1].resistance_pu", .double(100.0 / 180))
    for line in [0, 2] {
      draft.set("system/lines.json", "lines[\(line)].capacity", ["direct_mw": 0.0, "reverse_mw": 0.0])
    }
    draft.replace("scenarios/load_seasonal_stats.csv", ",90,0", ",50,0")
    #expect(abs(try Self.costPerHour(draft) - 700) < 1e-6)
    // With two tangents, at 40 and 80 MW, those meet at 60 with 40² / 180 + (60 − 40) · 80 / 180 = 17.78 MW.
    draft.set("system/lines.json", "lines[1].loss_pieces", 2)
    let loss = { (flow: Double) in (80 * flow - 1600) / 180 }
    // f − loss(f) / 2 = 50, f (1 − 2/9) = 50 − 40/9.
    let flow = (50 - 40.0 / 9) * 9 / 7
    #expect(abs(try Self.costPerHour(draft) - 10 * (flow + loss(flow) / 2)) < 1e-6)
  }

  /// Where a surplus of power costs money, a line loses no more than the chord to its capacity.
  @Test func noLineBurnsASurplus() throws {
    var draft = Self.draft(limit: 80, reactances: [nil, nil, nil])
    draft.set("system/lines.json", "lines[1].resistance_pu", .double(100.0 / 180))
    for line in [0, 2] {
      draft.set("system/lines.json", "lines[\(line)].capacity", ["direct_mw": 0.0, "reverse_mw": 0.0])
    }
    draft.replace("scenarios/load_seasonal_stats.csv", "3,0,90,0", "3,0,0,0")
    draft.replace("scenarios/load_seasonal_stats.csv", "3,1,90,0", "3,1,0,0")
    draft.set("system/thermals.json", "thermals[0].generation.min_mw", 90)
    draft.set("penalties.json", "bus.excess_cost", 30)
    // f is sent, and f · 80/180 is lost on the way, up to a flow of 80 MW that loses 35.56.
    #expect(abs(try Self.costPerHour(draft) - (900 + 30 * (90 - 80.0 * 80 / 180))) < 1e-6)
  }
}
