extension RandomSystem.Plan {
  /// Operating rules of a plant, other ones for each.
  func operatingRules(_ hydro: RandomSystem.PlannedHydro) -> JSONText {
    var random = random("rules \(hydro.id)")
    let full = hydro.maxStorage
    var fields: [(String, JSONText)] = []
    var seasons = stages.map { stage -> [(String, JSONText)] in [("season_id", .integer(stage.month % 12))] }
    let alert = random.number(hydro.minStorage + 0.1 * full, hydro.minStorage + 0.3 * full, digits: 1)
    if random.chance(0.7) {
      fields.append(("alert_storage_hm3", .number(alert)))
      fields.append(("alert_storage_cost", .number(random.number(500, 4000, digits: 0))))
    }
    if random.chance(0.6) {
      for index in seasons.indices where index == 0 || random.chance(0.6) {
        seasons[index].append(
          ("flood_control_storage_hm3", .number(random.number(max(alert, 0.6 * full), full, digits: 1))))
      }
      fields.append(("flood_control_storage_cost", .number(random.number(500, 4000, digits: 0))))
    }
    if random.chance(0.8) { fields.append(("min_outflow_curve", convexCurve(&random, full))) }
    if random.chance(0.6) {
      let crest = random.number(0, 8, digits: 1)
      fields.append(
        (
          "max_spillage_curve",
          curve([(0, crest), (0.4 * full, crest + 6), (0.9 * full, crest + 9), (full, crest + 8)])
        ))
      fields.append(("spillage_violation_cost", .number(random.number(50, 300, digits: 0))))
    }
    if features.contains(.chronological), random.chance(0.7) {
      fields.append(("max_outflow_rise_m3s", .number(random.number(0, 8, digits: 1))))
      for index in seasons.indices where random.chance(0.5) {
        seasons[index].append(("max_outflow_fall_m3s", .number(random.number(0, 6, digits: 1))))
      }
      fields.append(("outflow_ramp_violation_cost", .number(random.number(5, 60, digits: 0))))
    }
    for index in seasons.indices where random.chance(0.4) {
      seasons[index].append(("min_outflow_m3s", .number(random.number(1, 9, digits: 1))))
    }
    if random.chance(0.7) {
      let own: JSONText = ["season_id": .integer((stages.last?.month ?? 0) % 12), "demand_m3s": 4.5]
      let town: JSONText = [
        "name": "TOWN", "demand_m3s": .number(random.number(0.5, 3, digits: 1)), "shortfall_cost": 420.0,
      ]
      let irrigation: JSONText = [
        "name": "FIELDS", "demand_m3s": .number(random.number(1, 6, digits: 1)),
        "shortfall_cost": .number(random.number(20, 200, digits: 0)), "seasons": [own],
      ]
      fields.append(("water_uses", random.chance(0.7) ? [town, irrigation] : [irrigation]))
    }
    fields.append(("seasons", .array(seasons.map { .object($0) })))
    return .object(fields)
  }

  private func curve(_ points: [(storage: Double, flow: Double)]) -> JSONText {
    .array(points.map { ["storage_hm3": .number($0.storage), "flow_m3s": .number($0.flow)] })
  }

  /// A least outflow that rises faster and faster, sometimes after it has fallen.
  private func convexCurve(_ random: inout TestRandom, _ full: Double) -> JSONText {
    let low = random.number(2, 6, digits: 1)
    let middle = low + random.number(-2, 3, digits: 1)
    return curve([(0, low), (0.5 * full, middle), (full, middle + random.number(3, 12, digits: 1))])
  }
}
