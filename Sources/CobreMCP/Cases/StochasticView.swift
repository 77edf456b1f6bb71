package import CobreBase
package import CobreCase
internal import CobreEngine

/// The inflow model of a case within a size that an agent can read.
package enum StochasticView {
  /// Largest number of warnings and of pairs of plants reported.
  private static var mostWarnings: Int { 12 }
  private static var mostPairs: Int { 5 }
  /// Largest number of seasons reported of one plant.
  ///
  /// Weeks of a year fit.
  private static var mostSeasons: Int { 60 }

  /// - Parameters:
  ///   - study: the case.
  ///   - hydros: indices of the plants to show.
  ///   - plantBytes: the most bytes of all plants. Beyond it the last ones are left out, but never the first.
  ///   - warnings: the warnings of reading the case.
  /// - Returns: model, plants, correlation and warnings.
  package static func json(
    _ study: StudyCase, hydros: [Int], plantBytes: Int = .max, warnings: [Finding]
  ) -> JSONObject {
    let process = InflowProcess(study: study)
    let summaries = study.hydros.indices.map { InflowSummary(study: study, hydro: $0) }
    var plants: [JSONValue] = []
    var bytes = 0
    for hydro in hydros {
      var plant = plant(summaries[hydro], study.hydros[hydro], lags: process.layout.lagCounts[hydro])
      let starts = start(study, hydro: hydro, lags: process.layout.lagCounts[hydro])
      if let starts { plant["starts_from"] = starts }
      bytes += JSONValue.object(plant).serialized().count
      guard plants.isEmpty || bytes <= plantBytes else { break }
      plants.append(.object(plant))
    }
    return [
      "inflow": [
        "model": .string(CaseDescription(study).inflowModel),
        "negative_inflows": .string(study.configuration.inflowMethod.rawValue),
        "plants": .int(Int64(study.hydros.count)),
        "plants_with_lags": .int(Int64(process.layout.lagCounts.count { $0 > 0 })),
        "largest_order": .int(Int64(summaries.map(\.order).max() ?? 0)),
        "lag_components": .int(Int64(process.layout.dimension - process.layout.hydros)),
        "not_stationary": .array(
          summaries.filter { $0.spectralRadius >= 1 }.prefix(40).map { .int(Int64(study.hydros[$0.hydro].id)) }),
      ],
      "hydros": .array(plants),
      "correlation": .object(correlation(study)),
      "warnings": .array(texts(warnings, summaries, study).map { .string($0) }),
    ]
  }

  package static let schema: JSONObject = [
    "inflow": [
      "type": "object",
      "description": """
      model (none, seasonal_stats, openings or estimated), what happens to negative inflows, plants with lags, largest \
      order, components of the state for lags, ids of plants whose model is not stationary
      """,
    ],
    "hydros": Schema.list(
      of: ["type": "object"],
      """
      Per plant: lags in the state, starts_from (values of the lags at the start, and where they come from), spectral_radius over a cycle (below 1: stationary), and lists with one entry per season: \
      mean_m3s, std_m3s, order, residual_std_ratio, explained (share of variance explained by the past), coefficients \
      (standardised, lag 1 first), annual, observations, remarks
      """),
    "correlation": [
      "type": "object",
      "description":
        "source (given, residuals or none), number of profiles, mean absolute value, pairs of largest value",
    ],
    "warnings": Schema.list(of: ["type": "string"], "Sentences about the model, at most 12"),
  ]

  private static func plant(_ summary: InflowSummary, _ hydro: Hydro, lags: Int) -> JSONObject {
    let seasons = summary.seasons.prefix(mostSeasons)
    func list(_ value: (InflowSummary.Season) -> JSONValue) -> JSONValue { .array(seasons.map(value)) }
    var result: JSONObject = [
      "hydro_id": .int(Int64(hydro.id)),
      "name": .string(hydro.name.printable(limit: 60)),
      "lags": .int(Int64(lags)),
      "spectral_radius": .optional(rounded(summary.spectralRadius)),
    ]
    result[summary.isBySeason ? "season_ids" : "stage_ids"] = list { .int(Int64($0.id)) }
    result["mean_m3s"] = list { .optional(rounded($0.mean)) }
    result["std_m3s"] = list { .optional(rounded($0.deviation)) }
    result["order"] = list { .int(Int64($0.coefficients.count)) }
    result["residual_std_ratio"] = list { .optional(rounded($0.residualRatio)) }
    result["explained"] = list { .optional(rounded(1 - $0.residualRatio * $0.residualRatio)) }
    if summary.order > 0 {
      result["coefficients"] = list { .array($0.coefficients.prefix(12).map { .optional(rounded($0)) }) }
    }
    if seasons.contains(where: { $0.annual != nil }) {
      result["annual"] = list { $0.annual.map { .optional(rounded($0)) } ?? .null }
    }
    if seasons.contains(where: { $0.observations != nil }) {
      result["observations"] = list { $0.observations.map { .int(Int64($0)) } ?? .null }
    }
    if seasons.contains(where: { $0.remark != nil }) {
      result["remarks"] = list { $0.remark.map { .string($0.sentence) } ?? .null }
    }
    return result
  }

  /// What the lags of a plant start from, most recent first, or nil without lags.
  private static func start(_ study: StudyCase, hydro: Int, lags: Int) -> JSONValue? {
    guard lags > 0 else { return nil }
    let values = study.initialConditions.pastInflows.first { $0.hydro == hydro }?.values ?? []
    var result: JSONObject = ["values_m3s": .array(values.prefix(min(12, lags)).map { .optional(rounded($0)) })]
    if let start = study.inflowStarts.first(where: { $0.hydro == hydro }) {
      result["source"] = "inflow_history"
      result["dates"] = .array(start.days.prefix(12).map { .string("\($0)") })
    } else {
      result["source"] = "past_inflows"
    }
    return .object(result)
  }

  private static func correlation(_ study: StudyCase) -> JSONObject {
    guard let correlation = study.correlation else { return ["source": "none"] }
    var pairs: [(first: Int, second: Int, value: Double)] = []
    var (sum, count) = (0.0, 0)
    let usual = correlation.profiles.first { $0.name == "default" } ?? correlation.profiles.first
    for group in usual?.groups ?? [] where group.noiseClass == .inflow {
      let size = group.entities.count
      for a in 0..<size {
        for b in (a + 1)..<max(a + 1, size) {
          let value = group.matrix[a * size + b]
          pairs.append((study.hydros[group.entities[a]].id, study.hydros[group.entities[b]].id, value))
          sum += abs(value)
          count += 1
        }
      }
    }
    pairs.sort { (abs($1.value), $0.first, $0.second) < (abs($0.value), $1.first, $1.second) }
    return [
      "source": study.correlatesResiduals ? "residuals" : "given",
      "profiles": .int(Int64(correlation.profiles.count)),
      "inflow_pairs": .int(Int64(count)),
      "mean_absolute": count > 0 ? .optional(rounded(sum / Double(count))) : .null,
      "largest": .array(
        pairs.prefix(mostPairs).map {
          [
            "hydro_id": .int(Int64($0.first)), "other_hydro_id": .int(Int64($0.second)),
            "correlation": .optional(rounded($0.value)),
          ]
        }),
    ]
  }

  /// Warnings of reading that concern noise and inflow, then what the estimation remarked.
  private static func texts(_ warnings: [Finding], _ summaries: [InflowSummary], _ study: StudyCase) -> [String] {
    var texts = warnings.filter { [419, 526, 527, 528, 529, 530, 531, 532, 533, 536, 541].contains($0.code) }
      .map(\.message)
    for remark in [PeriodicFit.Remark.constant, .repeated, .negative, .limited, .unsupported] {
      let places = summaries.filter { $0.seasons.contains { $0.remark == remark } }
      guard let first = places.first else { continue }
      texts.append(
        "\(places.count) plant(s), such as hydro \(study.hydros[first.hydro].id): \(remark.sentence) in some season.")
    }
    let cut = texts.count - mostWarnings
    return cut > 0
      ? texts.prefix(mostWarnings - 1) + ["\(cut + 1) more; validate_case lists those of the files."] : texts
  }

  /// Five significant digits.
  private static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return value }
    var (scale, size) = (1.0, abs(value))
    while size < 10_000, scale < 1e15 {
      scale *= 10
      size *= 10
    }
    return (value * scale).rounded() / scale
  }
}
