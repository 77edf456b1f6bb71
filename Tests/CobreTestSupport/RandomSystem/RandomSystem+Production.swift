extension RandomSystem.Plan {
  /// Writes the production models and planes that the features ask for.
  func writeProductionModels(to text: inout CaseText) {
    guard !features.isDisjoint(with: [.productionPlanes, .changingModels, .fittedPlanes]) else { return }
    var random = random("planes")
    var rows: [String] = []
    var models: [JSONText] = []
    for hydro in hydros where hydro.id == hydros[0].id || random.chance(0.6) {
      rows += planes(hydro, stage: nil, &random)
      if features.contains(.changingModels) {
        // One stage has its own plane, which replaces the planes for all stages.
        rows += planes(hydro, stage: stages[stages.count - 1].id, &random).prefix(1)
        models.append(changingModel(hydro, &random))
      } else {
        var range: [(String, JSONText)] = [("start_stage_id", 0), ("end_stage_id", nil), ("model", "fpha")]
        if features.contains(.fittedPlanes) { range.append(("fpha_config", fitting(hydro, &random))) }
        models.append([
          "hydro_id": .integer(hydro.id), "selection_mode": "stage_ranges", "stage_ranges": .array([.object(range)]),
        ])
      }
    }
    text.csv(
      "system/fpha_hyperplanes.csv", "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s,kappa", rows)
    text.json("system/hydro_production_models.json", ["production_models": .array(models)])
  }

  /// Two planes, both of which depend on the volume.
  private func planes(_ hydro: RandomSystem.PlannedHydro, stage: Int?, _ random: inout TestRandom) -> [String] {
    let slope = random.number(0.0005, 0.01, digits: 4)
    let key = "\(hydro.id),\(stage.map(\.description) ?? "")"
    return [
      "\(key),0,\(random.number(0, 2)),\(slope),\(0.8 * hydro.productivity),-0.002,0.97",
      "\(key),1,1.5,\(0.4 * slope),\(0.95 * hydro.productivity),-0.004,",
    ]
  }

  /// Another model in each stage or season.
  ///
  /// What no entry covers keeps the plant's own.
  private func changingModel(_ hydro: RandomSystem.PlannedHydro, _ random: inout TestRandom) -> JSONText {
    func model(_ random: inout TestRandom) -> [(String, JSONText)] {
      switch random.integer(0...3) {
      case 0, 1: [("model", "fpha"), ("fpha_config", ["source": "precomputed"])]
      case 2: [("model", "constant_productivity"), ("productivity_override", .number(random.number(0.3, 1.2)))]
      // The same in training.
      default: [("model", random.chance(0.5) ? "linearized_head" : "constant_productivity")]
      }
    }
    if random.chance(0.5) {
      let ranges = stages.filter { $0.id == 0 || random.chance(0.8) }.map { stage -> JSONText in
        let last = min(stage.id + random.integer(0...1), stages.count - 1)
        let range: [(String, JSONText)] = [
          ("start_stage_id", .integer(stage.id)), ("end_stage_id", .integer(last)),
        ]
        return .object(range + model(&random))
      }
      return ["hydro_id": .integer(hydro.id), "selection_mode": "stage_ranges", "stage_ranges": .array(ranges)]
    }
    let seasons = stages.filter { $0.id == 0 || random.chance(0.6) }.map { stage -> JSONText in
      .object([("season_id", .integer(stage.month % 12))] + model(&random))
    }
    return [
      "hydro_id": .integer(hydro.id), "selection_mode": "seasonal",
      "default_model": random.chance(0.5) ? "fpha" : "constant_productivity", "seasons": .array(seasons),
    ]
  }

  private func fitting(_ hydro: RandomSystem.PlannedHydro, _ random: inout TestRandom) -> JSONText {
    [
      "source": "computed", "volume_discretization_points": .integer(random.integer(2...5)),
      "turbine_discretization_points": .integer(random.integer(2...4)), "spillage_discretization_points": 2,
      "max_planes_per_hydro": .integer(random.integer(2...6)),
      "fitting_window": random.chance(0.5) ? ["volume_min_percentile": 0.1, "volume_max_percentile": 0.9] : nil,
    ]
  }

  /// What a fit of the production function needs besides the geometry.
  func hydraulicFields(_ hydro: RandomSystem.PlannedHydro) -> [(String, JSONText)] {
    var random = random("hydraulics \(hydro.id)")
    let tailrace: JSONText
    if random.chance(0.5) {
      tailrace = ["type": "polynomial", "coefficients": [.number(random.number(120, 150)), 0.03, -0.00005]]
    } else {
      let points: [JSONText] = [(0, 130.0), (40, 131.5), (400, 140)].map {
        ["outflow_m3s": .number($0.0), "height_m": .number($0.1)]
      }
      tailrace = ["type": "piecewise", "points": .array(points)]
    }
    let losses: JSONText =
      random.chance(0.5)
      ? ["type": "factor", "value": .number(random.number(0.01, 0.05))]
      : ["type": "constant", "value_m": .number(random.number(0.5, 3))]
    return [
      ("tailrace", tailrace), ("hydraulic_losses", losses),
      ("efficiency", ["type": "constant", "value": .number(random.number(0.85, 0.95))]),
    ]
  }
}
