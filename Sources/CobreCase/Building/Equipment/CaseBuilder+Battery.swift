extension CaseBuilder {
  func buildBatteries() -> [Battery] {
    context.registry(.battery).nodes.map { node in
      let energy = node["energy"]
      let target = energy["target_mwh"].optionalNumber.map {
        Battery.Target(energy: $0, cost: energy["target_violation_cost"].number)
      }
      return Battery(
        id: node["id"].int, name: node["name"].text, service: service(node), bus: bus(node["bus_id"].int),
        chargeEfficiency: node["charge_efficiency"].number, dischargeEfficiency: node["discharge_efficiency"].number,
        selfDischarge: node["self_discharge_per_hour"].number, degradationCost: node["degradation_cost"].number,
        initialEnergy: energy["initial_mwh"].number, target: target)
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillBatteryLimits(_ study: inout StudyCase) {
    study.batteryLimits = repeated(
      context.registry(.battery).nodes.map { node in
        let (energy, power) = (node["energy"], node["power"])
        return BatteryLimits(
          minEnergy: energy["min_mwh"].number, maxEnergy: energy["max_mwh"].number,
          maxCharge: power["max_charge_mw"].number, maxDischarge: power["max_discharge_mw"].number)
      }, study)
    apply(
      .batteryBounds, "battery_id", .battery, &study, \.batteryLimits,
      [
        ("min_energy_mwh", \.minEnergy), ("max_energy_mwh", \.maxEnergy), ("max_charge_mw", \.maxCharge),
        ("max_discharge_mw", \.maxDischarge),
      ])
  }
}
