/// The inflow model in use as CSV tables, complete and with every digit.
///
/// Tables of the case format can be copied into a case, which then gives its model instead of estimating it.
package struct InflowModelTables: Sendable {
  /// File names and contents.
  package let files: [(name: String, text: String)]

  package init(study: StudyCase) {
    var files: [(name: String, text: String)] = []
    func add(_ name: String, _ header: String, _ rows: [String]) {
      guard !rows.isEmpty else { return }
      files.append((name, header + "\n" + rows.joined(separator: "\n") + "\n"))
    }
    let ids = study.hydros.map(\.id)
    if study.inflowOpenings == nil {
      var statistics: [String] = []
      for hydro in ids.indices {
        for row in study.preStudyStatistics where row.hydro == hydro {
          statistics.append("\(ids[hydro]),\(row.stageID),\(row.statistics.mean),\(row.statistics.deviation)")
        }
        for stage in study.stages.indices {
          let row = study.inflowStatistics(stage: stage, hydro: hydro)
          statistics.append("\(ids[hydro]),\(study.stages[stage].id),\(row.mean),\(row.deviation)")
        }
      }
      add("inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s", statistics)
    }
    add(
      "inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio",
      study.autoregressiveCoefficients.map {
        "\(ids[$0.hydro]),\($0.stageID),\($0.lag),\($0.coefficient),\($0.residualRatio)"
      })
    add(
      "inflow_annual_component.csv", "hydro_id,stage_id,annual_coefficient,annual_mean_m3s,annual_std_m3s",
      study.annualComponents.map { "\(ids[$0.hydro]),\($0.stageID),\($0.coefficient),\($0.mean),\($0.deviation)" })
    add(
      "inflow_recursion.csv", "hydro_id,stage_id,term,value",
      Self.recursion(InflowProcess(study: study), study))
    if let estimate = study.inflowEstimate {
      let (seasons, coefficients) = Self.seasons(estimate, ids)
      add(
        "inflow_fit.csv",
        "hydro_id,season_id,observations,mean_m3s,std_m3s,selected_order,order,residual_std_ratio,annual_coefficient,"
          + "annual_mean_m3s,annual_std_m3s,remark", seasons)
      add("inflow_fit_coefficients.csv", "hydro_id,season_id,lag,coefficient", coefficients)
    }
    add(
      "correlation.csv", "profile,type,group,entity_id,other_entity_id,correlation", Self.correlations(study))
    self.files = files
  }

  /// b and σ of every stage in m³/s, then its ψ.
  private static func recursion(_ process: InflowProcess, _ study: StudyCase) -> [String] {
    guard study.inflowOpenings == nil else { return [] }
    var rows: [String] = []
    for (hydro, plant) in study.hydros.enumerated() {
      for stage in study.stages {
        rows.append("\(plant.id),\(stage.id),deviation,\(process.deviation(stage: stage.id, hydro: hydro))")
        rows.append("\(plant.id),\(stage.id),base,\(process.base(stage: stage.id, hydro: hydro))")
        for (index, value) in process.coefficients(stage: stage.id, hydro: hydro).enumerated() {
          rows.append("\(plant.id),\(stage.id),lag_\(index + 1),\(value)")
        }
      }
    }
    return rows
  }

  private static func seasons(_ estimate: InflowEstimate, _ ids: [Int]) -> (seasons: [String], coefficients: [String]) {
    var seasons: [String] = []
    var coefficients: [String] = []
    for (hydro, id) in ids.enumerated() {
      for season in estimate.cycles.cycles.joined() {
        guard let fit = estimate.season(season, hydro: hydro) else { continue }
        let annual = fit.annual.map { "\($0),\(fit.annualMoments.mean),\(fit.annualMoments.deviation)" } ?? ",,"
        seasons.append(
          "\(id),\(season),\(fit.count),\(fit.mean),\(fit.deviation),\(fit.selectedOrder),\(fit.order),"
            + "\(fit.residualRatio),\(annual),\(fit.remark.map { quoted($0.sentence) } ?? "")")
        for (index, value) in fit.coefficients.enumerated() {
          coefficients.append("\(id),\(season),\(index + 1),\(value)")
        }
      }
    }
    return (seasons, coefficients)
  }

  private static func correlations(_ study: StudyCase) -> [String] {
    guard let correlation = study.correlation else { return [] }
    func id(_ noiseClass: NoiseClass, _ index: Int) -> Int {
      switch noiseClass {
      case .inflow: study.hydros[index].id
      case .load: study.buses[index].id
      case .ncs: study.sources[index].id
      }
    }
    var rows: [String] = []
    for profile in correlation.profiles {
      for group in profile.groups {
        let count = group.entities.count
        for a in 0..<count {
          for b in a..<count {
            rows.append(
              "\(quoted(profile.name)),\(group.noiseClass.rawValue),\(quoted(group.name)),"
                + "\(id(group.noiseClass, group.entities[a])),\(id(group.noiseClass, group.entities[b])),"
                + "\(group.matrix[a * count + b])")
          }
        }
      }
    }
    return rows
  }

  /// A name as a field: names come from the case and may contain any character.
  private static func quoted(_ name: String) -> String {
    "\"" + name.replacing("\"", with: "\"\"") + "\""
  }
}
