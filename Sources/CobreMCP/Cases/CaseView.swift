package import CobreEngine

/// What a valid case holds, in numbers that say how big it is and what is uncertain in it.
package enum CaseView {
  package static func json(_ study: StudyCase) -> JSONObject {
    [
      "counts": counts(study),
      "horizon": horizon(study),
      "state_dimension": .int(Int64(study.hydros.count)),
      "noise": noise(study),
      "power_system": powerSystem(study),
      "risk_measures": .array(riskMeasures(study).map { .string($0) }),
      "training": training(study),
      "simulation": [
        "enabled": .bool(study.configuration.simulation.enabled),
        "scenarios": .int(Int64(study.configuration.simulation.scenarios)),
      ],
    ]
  }

  package static let schema: JSONObject = [
    "counts": part("How many of each element: buses, lines, hydros, thermals, ..."),
    "horizon": part(
      "stages, start and end (days, end is the first day after), hours, blocks_per_stage, discount_rate per year, graph"
    ),
    "state_dimension": Schema.integer("Components of the state that the policy is a function of: storages"),
    "noise": part(
      "dimension of the noise vector and its parts, openings_per_stage, sampling_methods, correlated, inflow_model"),
    "power_system": part(
      "first stage: thermal_mw, hydro_mw, mean_load_mw; useful_storage_hm3, initial_useful_storage_hm3"),
    "risk_measures": Schema.list(of: ["type": "string"], "Those in use over the stages"),
    "training": part(
      "forward_passes, iteration_limit, time_limit_seconds, seed, lp_solves_per_iteration (at least)"),
    "simulation": part("enabled, scenarios"),
  ]

  private static func part(_ description: String) -> JSONValue {
    ["type": "object", "description": .string(description)]
  }

  private static func counts(_ study: StudyCase) -> JSONValue {
    [
      "buses": .int(Int64(study.buses.count)),
      "lines": .int(Int64(study.lines.count)),
      "hydros": .int(Int64(study.hydros.count)),
      "thermals": .int(Int64(study.thermals.count)),
      "non_controllable_sources": .int(Int64(study.sources.count)),
      "pumping_stations": .int(Int64(study.pumpingStations.count)),
      "energy_contracts": .int(Int64(study.contracts.count)),
      "generic_constraints": .int(Int64(study.genericConstraints.count)),
    ]
  }

  private static func horizon(_ study: StudyCase) -> JSONValue {
    [
      "stages": .int(Int64(study.stages.count)),
      "start": .optional(study.stages.first.map { $0.start.description }),
      "end": .optional(study.stages.last.map { $0.end.description }),
      "hours": .double(study.stages.reduce(0) { $0 + $1.hours }),
      "blocks_per_stage": range(study.stages.map(\.blocks.count)),
      "discount_rate": .double(study.graph.annualDiscountRate),
      "graph": .string(study.graph.kind.rawValue),
    ]
  }

  private static func noise(_ study: StudyCase) -> JSONValue {
    let uncertainHydros = study.hydros.indices.filter { hydro in
      study.stages.indices.contains { study.inflowStatistics(stage: $0, hydro: hydro).deviation > 0 }
    }
    return [
      "dimension": .int(Int64(study.noiseDimension)),
      "hydros_with_noise": .int(Int64(uncertainHydros.count)),
      "buses_with_noise": .int(Int64(study.noiseBuses.count)),
      "sources_with_noise": .int(Int64(study.noiseSources.count)),
      "openings_per_stage": range(study.stages.map(\.openings)),
      "sampling_methods": .array(Set(study.stages.map(\.samplingMethod.rawValue)).sorted().map { .string($0) }),
      "correlated": .bool(study.correlation != nil),
      "inflow_model": .string(inflowModel(study)),
    ]
  }

  private static func inflowModel(_ study: StudyCase) -> String {
    switch study.inflowModelSource {
    case .none: return "none"
    case .openings: return "given openings"
    case .estimated: return "fitted from the history"
    case .given:
      let order = study.autoregressiveCoefficients.map(\.lag).max() ?? 0
      return "PAR(\(order)) as given"
    }
  }

  private static func powerSystem(_ study: StudyCase) -> JSONValue {
    guard !study.stages.isEmpty else { return [:] }
    let thermal = study.thermals.indices.reduce(0) { $0 + study.limits(stage: 0, thermal: $1).maxGeneration }
    let hydros = study.hydros.indices.map { study.limits(stage: 0, hydro: $0) }
    let load = study.buses.indices.reduce(0) { $0 + study.loadStatistics(stage: 0, bus: $1).mean }
    let useful = hydros.reduce(0) { $0 + $1.maxStorage - $1.minStorage }
    let initial = zip(study.hydros, hydros).reduce(0) { $0 + $1.0.initialStorage - $1.1.minStorage }
    return [
      "thermal_mw": .double(thermal),
      "hydro_mw": .double(hydros.reduce(0) { $0 + $1.maxGeneration }),
      "mean_load_mw": .double(load),
      "useful_storage_hm3": .double(useful),
      "initial_useful_storage_hm3": .double(initial),
    ]
  }

  private static func riskMeasures(_ study: StudyCase) -> [String] {
    let names = study.stages.map { stage in
      switch stage.riskMeasure {
      case .expectation: "expectation"
      case .cvar(let alpha, let lambda): "cvar alpha \(alpha) lambda \(lambda)"
      }
    }
    return Set(names).sorted()
  }

  private static func training(_ study: StudyCase) -> JSONValue {
    let settings = study.configuration.training
    // One solve for each stage of a trajectory, and one for each opening of the stages after the first. As doubles, since
    // a case may name any number.
    let backward = study.stages.dropFirst().reduce(0) { $0 + Double($1.openings) }
    let solves = Double(settings.forwardPasses) * (Double(study.stages.count) + backward)
    return [
      "forward_passes": .int(Int64(settings.forwardPasses)),
      "iteration_limit": settings.iterationLimit.map { .int(Int64($0)) } ?? .null,
      "time_limit_seconds": .optional(settings.timeLimit),
      // As text, since some clients hold numbers as doubles.
      "seed": .string(String(settings.seed)),
      "lp_solves_per_iteration": Int64(exactly: solves).map { .int($0) } ?? .double(solves),
    ]
  }

  /// One number where all are the same, else the least and the greatest.
  private static func range(_ values: [Int]) -> JSONValue {
    guard let least = values.min(), let greatest = values.max() else { return .null }
    return least == greatest ? .int(Int64(least)) : [.int(Int64(least)), .int(Int64(greatest))]
  }
}
