extension CaseBuilder {
  /// Fills the rules of all plants, and their values by season into the limits of the stages.
  ///
  /// To be called before the stage tables, which win over seasons.
  func fillOperatingRules(_ study: inout StudyCase) {
    for (hydro, plant) in context.registry(.hydro).nodes.enumerated() {
      let node = plant["operating_rules"]
      guard node.exists else { continue }
      study.hydros[hydro].rules = OperatingRules(
        alertCost: node["alert_storage_cost"].number, floodCost: node["flood_control_storage_cost"].number,
        spillageCost: node["spillage_violation_cost"].number, rampCost: node["outflow_ramp_violation_cost"].number,
        leastOutflow: LinearPiece.through(Self.points(node["min_outflow_curve"])),
        mostSpillage: LinearPiece.through(Self.points(node["max_spillage_curve"])),
        uses: node["water_uses"].elements.map { use in
          let own = Self.bySeason(use["seasons"])
          return WaterUse(
            name: use["name"].text, cost: use["shortfall_cost"].number,
            demands: study.stages.map { stage in
              stage.seasonID.flatMap { own[$0] }?["demand_m3s"].number ?? use["demand_m3s"].number
            })
        })
      let seasons = Self.bySeason(node["seasons"])
      for (stage, description) in study.stages.enumerated() {
        let index = stage * study.hydros.count + hydro
        let own = description.seasonID.flatMap { seasons[$0] } ?? Node(nil)
        func value(_ key: String) -> Double? { own[key].optionalNumber ?? node[key].optionalNumber }
        study.hydroLimits[index].alertStorage = value("alert_storage_hm3")
        study.hydroLimits[index].floodStorage = value("flood_control_storage_hm3")
        study.hydroLimits[index].maxOutflowRise = value("max_outflow_rise_m3s")
        study.hydroLimits[index].maxOutflowFall = value("max_outflow_fall_m3s")
        if let least = own["min_outflow_m3s"].optionalNumber { study.hydroLimits[index].minOutflow = least }
      }
    }
  }

  /// Points of a curve; those that do not rise have been reported and are left out.
  static func points(_ node: Node) -> [(position: Double, value: Double)] {
    var points: [(position: Double, value: Double)] = []
    for point in node.elements {
      let position = point["storage_hm3"].number
      if let last = points.last, position <= last.position { continue }
      points.append((position, point["flow_m3s"].number))
    }
    return points
  }

  private static func bySeason(_ node: Node) -> [Int: Node] {
    Dictionary(node.elements.map { ($0["season_id"].int, $0) }) { first, _ in first }
  }
}
