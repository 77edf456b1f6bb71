internal import CobreBase
internal import CobreCase

extension CaseView {
  /// What a case has beyond a chain of stages with reservoirs, thermal plants and a free network.
  static func features(_ features: CaseFeatures) -> JSONObject {
    var result = JSONObject()
    if let markov = features.markov {
      var members: JSONObject = [
        "dates": .int(Int64(markov.dates)), "states_per_date": range(markov.statesPerDate),
        "transitions": .int(Int64(markov.transitions)),
      ]
      if !markov.unreachable.isEmpty { members["unreachable"] = list(markov.unreachable) }
      result["markov"] = .object(members)
    }
    if let network = features.network {
      result["network"] = [
        "lines_with_reactance": .int(Int64(network.reactances)), "angle_limits": .int(Int64(network.angleLimits)),
        "lines_with_resistance": .int(Int64(network.resistances)),
      ]
    }
    if let rules = features.operatingRules {
      var members = JSONObject()
      for (name, count) in rules.sorted(by: { $0.key < $1.key }) { members[name] = .int(Int64(count)) }
      result["operating_rules"] = .object(members)
    }
    if let storage = features.storage {
      result["battery_storage"] = [
        "charge_mw": .optional(storage.charge), "discharge_mw": .optional(storage.discharge),
        "max_mwh": .optional(storage.energy), "initial_mwh": .optional(storage.initial),
        "with_target": .int(Int64(storage.targets)),
      ]
    }
    if let prices = features.prices {
      result["objective_states"] = [
        "contracts": .int(Int64(prices.contracts)), "initial_prices": .array(prices.initial.map { .optional($0) }),
        "coefficients": .array(prices.coefficients.map { .optional($0) }),
      ]
    }
    if let risks = features.riskByStage {
      result["risk_by_stage"] = .array(
        risks.map { ["stages": list($0.stages), "measure": .string($0.measure)] })
    }
    return result
  }

  static let featureSchema: JSONObject = [
    "markov": part(
      "Where stages lie side by side in time: dates, states_per_date, transitions, and unreachable stages if there are any"
    ),
    "network": part("Lines with reactance (DC flow), angle limits and resistance, where there are any"),
    "operating_rules": part(
      "Plants by rule: curves of outflow and spillage, alert and flood levels, ramps, water uses"),
    "battery_storage": part("MW and MWh of all batteries at stage 0, and how many have a target"),
    "objective_states": part("Prices that follow processes: contracts with one, initial prices, range of coefficients"),
    "risk_by_stage": Schema.list(
      of: ["type": "object"], "Risk measures with their numbers: first and last stage, measure; at most 12"),
  ]

  private static func list(_ values: [Int]) -> JSONValue { .array(values.map { .int(Int64($0)) }) }
}
