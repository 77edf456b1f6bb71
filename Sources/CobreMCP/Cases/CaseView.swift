package import CobreBase
package import CobreCase
internal import CobreEngine

/// What a valid case contains, in numbers that show its size and its uncertainties.
package enum CaseView {
  package static func json(_ study: StudyCase) -> JSONObject {
    let facts = CaseDescription(study)
    var view: JSONObject = [
      "counts": counts(facts),
      "horizon": horizon(facts),
      "state_dimension": .int(Int64(InflowProcess(study: study).layout.dimension)),
      "noise": noise(facts, study),
      "power_system": powerSystem(facts),
      "risk_measure": .string(facts.riskMeasure),
      "stage_problems": StageLPView.json(study),
      "fitted_planes": StageLPView.fits(study),
      "training": training(facts, study),
      "simulation": [
        "enabled": .bool(study.configuration.simulation.enabled),
        "scenarios": .int(Int64(study.configuration.simulation.scenarios)),
      ],
    ]
    for (name, member) in features(facts.features).members { view[name] = member }
    return view
  }

  package static let schema: JSONObject = {
    var schema = common
    for (name, member) in featureSchema.members { schema[name] = member }
    return schema
  }()

  private static let common: JSONObject = [
    "counts": part("How many of each element: buses, lines, hydros, thermals, ..."),
    "horizon": part(
      "stages, start and end (end is the first day after), hours, blocks_per_stage, block_modes, "
        + "discount_rate per year, graph"
    ),
    "state_dimension": Schema.integer(
      "Components of the state that the policy is a function of: storages, inflow lags, batteries, prices"),
    "noise": part(
      "dimension of the noise vector, buses_with_noise, sources_with_noise, openings_per_stage, sampling_methods, "
        + "correlated, inflow_model, inflow_order"),
    "power_system": part(
      "thermal_mw, hydro_mw and useful_storage_hm3 of the first stage, mean_load_mw of the study"),
    "risk_measure": Schema.text(
      "expectation, or what stages have instead, by commas: cvar, worst_case, entropic, wasserstein, modified_chi_squared"
    ),
    "stage_problems": [
      "type": ["object", "null"],
      "description": .string(
        "Linear program of a stage before cuts: columns, rows, nonzeros (least and greatest over the stages), "
          + "smallest_coefficient and largest_coefficient of the matrix, the same by_stage; null for a case too large "
          + "for that"),
    ],
    "fitted_planes": [
      "type": "array",
      "description": .string(
        "Plants with planes fitted from geometry: hydro_id, planes, kappa, largest_relative_error and "
          + "mean_relative_error of the least plane on the grid"),
    ],
    "training": part(
      "forward_passes, passes_together (at first), iteration_limit, time_limit_seconds, seed, lp_solves_per_iteration (at "
        + "least; a mean where stages branch)"),
    "simulation": part("enabled, scenarios"),
  ]

  static func part(_ description: String) -> JSONValue {
    ["type": "object", "description": .string(description)]
  }

  private static func counts(_ facts: CaseDescription) -> JSONValue {
    let counts = facts.counts
    return [
      "buses": .int(Int64(counts.buses)),
      "lines": .int(Int64(counts.lines)),
      "hydros": .int(Int64(counts.hydros)),
      "thermals": .int(Int64(counts.thermals)),
      "non_controllable_sources": .int(Int64(counts.nonControllableSources)),
      "pumping_stations": .int(Int64(counts.pumpingStations)),
      "energy_contracts": .int(Int64(counts.contracts)),
      "batteries": .int(Int64(counts.batteries)),
      "price_processes": .int(Int64(counts.priceProcesses)),
      "generic_constraints": .int(Int64(counts.genericConstraints)),
    ]
  }

  private static func horizon(_ facts: CaseDescription) -> JSONValue {
    [
      "stages": .int(Int64(facts.stages)),
      "start": .string(facts.firstDate),
      "end": .string(facts.endDate),
      "hours": .optional(facts.hours),
      "blocks_per_stage": range(facts.blocksPerStage),
      "block_modes": .array(facts.blockModes.map { .string($0) }),
      "discount_rate": .optional(facts.annualDiscountRate),
      "graph": .string(facts.policyGraph),
    ]
  }

  private static func noise(_ facts: CaseDescription, _ study: StudyCase) -> JSONValue {
    [
      "dimension": .int(Int64(facts.noiseDimension)),
      "buses_with_noise": .int(Int64(study.noiseBuses.count)),
      "sources_with_noise": .int(Int64(study.noiseSources.count)),
      "openings_per_stage": range(facts.openingsPerStage),
      "sampling_methods": .array(Set(study.stages.map(\.samplingMethod.rawValue)).sorted().map { .string($0) }),
      "correlated": .bool(study.correlation != nil),
      "inflow_model": .string(facts.inflowModel),
      "inflow_order": .int(Int64(facts.inflowOrder)),
    ]
  }

  private static func powerSystem(_ facts: CaseDescription) -> JSONValue {
    [
      "thermal_mw": .optional(facts.thermalCapacity),
      "hydro_mw": .optional(facts.hydroCapacity),
      "mean_load_mw": .optional(facts.meanLoad),
      "useful_storage_hm3": .optional(facts.usefulStorage),
    ]
  }

  private static func training(_ facts: CaseDescription, _ study: StudyCase) -> JSONValue {
    // As a double, since a case may name any number.
    let solves = facts.solvesPerIteration.rounded()
    let rule = SweepRule(
      study: study, options: TrainingOptions(study: study), passes: facts.forwardPasses,
      components: InflowProcess(study: study).layout.dimension)
    return [
      "forward_passes": .int(Int64(facts.forwardPasses)),
      "passes_together": .int(Int64(rule.size(after: []))),
      "iteration_limit": facts.iterationLimit.map { .int(Int64($0)) } ?? .null,
      "time_limit_seconds": .optional(facts.timeLimitSeconds),
      // As text, since some clients hold numbers as doubles.
      "seed": .string(String(study.configuration.training.seed)),
      "lp_solves_per_iteration": Int64(exactly: solves).map { .int($0) } ?? .double(solves),
    ]
  }

  /// One number where all are the same, else the least and the greatest.
  static func range(_ values: [Int]) -> JSONValue {
    guard let least = values.min(), let greatest = values.max() else { return .null }
    return least == greatest ? .int(Int64(least)) : [.int(Int64(least)), .int(Int64(greatest))]
  }
}
