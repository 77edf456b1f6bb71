extension NovomodeloMeaningChecks {
  /// Rules 421, 508, 513 and 514.
  mutating func checkCurves() {
    for (index, hydro) in study.hydros.enumerated() {
      let entity = hydros.entity(index)
      for (earlier, later) in zip(hydro.geometry, hydro.geometry.dropFirst()) {
        guard later.volume <= earlier.volume || later.height < earlier.height || later.area < earlier.area else {
          continue
        }
        report(
          508, .hydroGeometry, "", entity: entity, value: "\(later.volume) hm³",
          "The geometry of hydro \(hydro.id) has a volume that does not rise, or a level or an area that falls, at "
            + "\(later.volume) hm³.", "Let volumes rise strictly, and levels and areas not fall.")
        break
      }
      if let data = hydro.evaporation {
        if hydro.geometry.isEmpty {
          report(
            421, .hydros, hydros.path(index, "evaporation"), entity: entity,
            "Evaporation needs the plant's geometry.", "Add its rows to \(NovomodeloFile.hydroGeometry.path).")
        }
        for volume in data.referenceVolumes ?? []
        where volume < hydro.limits.minStorage || volume > hydro.limits.maxStorage {
          report(
            513, .hydros, hydros.path(index, "evaporation.reference_volumes_hm3"), entity: entity,
            value: String(volume),
            "The reference volume \(volume) hm³ lies outside the storage limits.", "Keep it within the limits.")
        }
      }
      if case .piecewise(let points) = hydro.tailrace,
        zip(points, points.dropFirst()).contains(where: { $1.outflow <= $0.outflow })
      {
        report(
          514, .hydros, hydros.path(index, "tailrace.points"), entity: entity,
          "The outflows of the tailrace points do not rise.", "Order the points by outflow, each once.")
      }
    }
  }

  /// Rules 616 and 617.
  mutating func checkProductivities() {
    let builder = NovomodeloBuilder(context: context)
    let equivalent = builder.equivalentProductivities(study)
    let entries = builder.productionEntries(study)
    let energies = study.hydros.contains { $0.ownModel == .fpha } ? EnergyTable(study: study) : nil
    let named = Set(context.root(.productionModels)["production_models"].elements.map { $0["hydro_id"].int })
    for (hydro, plant) in study.hydros.enumerated() {
      if plant.ownModel == .fpha, !named.contains(plant.id) {
        report(
          616, .productionModels, "production_models", entity: hydros.entity(hydro), value: String(plant.id),
          "Hydro \(plant.id) is declared with fpha, but the file does not say where its planes come from.",
          "Add an element for it, or declare it with constant_productivity.")
        continue
      }
      for stage in study.stages.indices {
        let index = stage * study.hydros.count + hydro
        let entry = entries[index]
        let id = context.stages.ids[stage]
        if plant.ownModel == .fpha {
          guard energies?.equivalentProductivity(stage: stage, hydro: hydro) == nil else {
            let isConstant = study.production(stage: stage, hydro: hydro).kind != .fpha
            guard isConstant, entry?.productivity == nil, equivalent[index] == nil else { continue }
            report(
              626, .productionModels, entry?.path ?? "", entity: hydros.entity(hydro), value: "stage \(id)",
              "Hydro \(plant.id) has no productivity at stage \(id). Novomodelo lets it produce nothing there; Cobre "
                + "takes its equivalent productivity.")
            break
          }
          report(
            617, .energyProductivity, "", entity: hydros.entity(hydro), value: "stage \(id)",
            "Hydro \(plant.id) is declared with fpha and has no equivalent productivity at stage \(id).",
            "Add a row, or its geometry and a specific productivity.")
          break
        }
        // A plant with planes at this stage takes its productivity from them.
        guard entry?.kind != .fpha else { continue }
        let given = (entry?.productivity != nil ? 1 : 0) + (equivalent[index] != nil ? 1 : 0)
        guard given != 1 else { continue }
        report(
          616, .productionModels, entry?.path ?? "", entity: hydros.entity(hydro), value: "stage \(id)",
          given == 0
            ? "Hydro \(plant.id) has no productivity at stage \(id)."
            : "Hydro \(plant.id) has two productivities at stage \(id), here and in \(NovomodeloFile.energyProductivity.path).",
          given == 0 ? "Give productivity_mw_per_m3s here, or a row of the table." : "Keep one of the two.")
        break
      }
    }
  }

  /// Rule 417: ranges of a plant with computed planes leave out no stage.
  private mutating func checkRanges(_ entries: [NovomodeloBuilder.ProductionEntry?]) {
    for (position, model) in context.root(.productionModels)["production_models"].elements.enumerated() {
      guard let hydro = hydros.index[model["hydro_id"].int],
        model["stage_ranges"].elements.contains(where: { $0["fpha_config"]["source"].text == "computed" }),
        let gap = study.stages.indices.first(where: { entries[$0 * study.hydros.count + hydro] == nil })
      else { continue }
      report(
        417, .productionModels, "production_models[\(position)].stage_ranges", entity: hydros.entity(hydro),
        value: "stage \(context.stages.ids[gap])",
        "No range of hydro \(study.hydros[hydro].id), which has computed planes, holds stage \(context.stages.ids[gap]).",
        "Let the ranges cover every stage; one of constant productivity will do.")
    }
  }

  /// Rule 631, and the rules on computed planes: 415 and 510.
  mutating func checkFits() {
    let entries = NovomodeloBuilder(context: context).productionEntries(study)
    checkRanges(entries)
    for (hydro, plant) in study.hydros.enumerated() {
      for problem in TailraceFamily.problems(plant.tailraceFamilies) {
        report(
          631, .tailraceCurves, "", entity: hydros.entity(hydro), problem, "Correct the rows of hydro \(plant.id).")
      }
      guard let failure = study.planeFitFailures[hydro] else { continue }
      let first = entries.indices.first {
        $0 % study.hydros.count == hydro && entries[$0]?.fpha?.source == .computed
      }.flatMap { entries[$0] }
      report(
        failure.rule, .productionModels, "\(first?.path ?? "production_models").fpha_config",
        entity: hydros.entity(hydro), failure.message, failure.suggestion)
    }
  }

  /// Rules 414 and 510.
  mutating func checkPlanes() {
    if let table = context.table(.fphaHyperplanes) {
      let (volume, turbined) = (table.numbers("gamma_v"), table.numbers("gamma_q"))
      for row in 0..<table.rowCount where volume[row] == 0 && turbined[row] == 0 {
        report(
          510, .fphaHyperplanes, table.place(row, "gamma_q"), value: "0",
          "The plane rises neither with the volume nor with the flow.", "Give gamma_v or gamma_q above 0.")
      }
    }
    let entries = NovomodeloBuilder(context: context).productionEntries(study)
    for (hydro, plant) in study.hydros.enumerated() {
      for stage in study.stages.indices {
        let entry = entries[stage * study.hydros.count + hydro]
        guard study.production(stage: stage, hydro: hydro).kind == .fpha,
          entry?.fpha?.source != .computed, study.planes(stage: stage, hydro: hydro).isEmpty
        else { continue }
        report(
          414, .fphaHyperplanes, "", entity: hydros.entity(hydro), value: "stage \(context.stages.ids[stage])",
          "Hydro \(plant.id) has no planes at stage \(context.stages.ids[stage]).",
          "Add rows for the stage, or rows whose stage_id is null.")
        break
      }
    }
  }
}
