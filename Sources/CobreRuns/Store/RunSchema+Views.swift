internal import CobreEngine

/// Views of `run.sqlite`: questions that people ask, ready to be selected from.
///
/// They hold nothing of their own: a database that an older engine has made gets them when it is opened for writing,
/// and is read without them until then. A view that changes is dropped by a step of `RunSchema`.
extension RunSchema {
  /// Beginning of the names of `simulation_stage.quantity` for storages.
  static let storagePrefix = "storage of hydro "
  /// Quantity of `simulation_stage` of a flow, and its column of `energy_by_source`.
  static func energyQuantity(_ flow: EnergyFlow) -> String { energyNames(flow).quantity + " (MWh)" }
  /// Flows that every system has.
  static let alwaysStored: Set<EnergyFlow> = [.hydro, .thermal, .deficit]

  static func energyNames(_ flow: EnergyFlow) -> (column: String, quantity: String) {
    switch flow {
    case .hydro: ("hydro", "hydro generation")
    case .thermal: ("thermal", "thermal generation")
    case .source: ("source", "source generation")
    case .deficit: ("deficit", "deficit")
    case .batteryDischarge: ("battery_discharge", "battery discharge")
    case .batteryCharge: ("battery_charge", "battery charge")
    case .contractImport: ("contract_import", "contract import")
    case .contractExport: ("contract_export", "contract export")
    case .pumping: ("pumping", "pumping")
    }
  }

  static let deficitProbability = "probability of deficit (share of scenarios)"

  /// Mean of a quantity of `simulation_stage` over the stages of a period, each by how many scenarios come to it.
  private static func mean(_ quantity: String) -> String {
    let isIt = "s.quantity = '\(quantity)' AND s.mean IS NOT NULL"
    let weight = "COALESCE(t.visits, 1)"
    return "SUM(CASE WHEN \(isIt) THEN \(weight) * s.mean END) / SUM(CASE WHEN \(isIt) THEN \(weight) END)"
  }

  /// Means by the first stage of each period; runs of engines before them have no periods.
  private static let byPeriod =
    "FROM simulation_stage AS s LEFT JOIN stage AS t ON t.stage = s.stage GROUP BY COALESCE(t.period, s.stage)"

  static let views = """
    CREATE VIEW IF NOT EXISTS deficit_by_stage AS
      SELECT COALESCE(t.period, s.stage) AS stage,
        \(mean(deficitProbability)) AS probability,
        \(mean(energyQuantity(.deficit))) AS energy_not_served
      \(byPeriod);
    CREATE VIEW IF NOT EXISTS energy_by_source AS
      SELECT COALESCE(t.period, s.stage) AS stage,
        \(EnergyFlow.allCases.map { "\(mean(energyQuantity($0))) AS \(energyNames($0).column)" }.joined(separator: ", "))
      \(byPeriod);
    -- Statistics over the scenarios of all stages side by side in time, under the first of these.
    CREATE VIEW IF NOT EXISTS period_statistics AS
      SELECT stage, quantity, entity, mean, standard_deviation, minimum, p05, p25, p50, p75, p95, maximum
      FROM simulation_period
      UNION ALL
      SELECT stage, quantity, entity, mean, standard_deviation, minimum, p05, p25, p50, p75, p95, maximum
      FROM simulation_statistics WHERE NOT EXISTS (SELECT 1 FROM simulation_period);
    -- The name of a plant stands behind its id in the quantity of the stage means.
    CREATE VIEW IF NOT EXISTS reservoir_storage AS
      SELECT s.entity AS hydro,
        (SELECT substr(n.quantity, length('\(storagePrefix)' || s.entity) + 2,
            length(n.quantity) - length('\(storagePrefix)' || s.entity) - 7)
          FROM simulation_stage AS n WHERE n.stage = s.stage AND n.quantity LIKE '\(storagePrefix)' || s.entity || ' %') AS name,
        s.stage, s.mean, s.p05, s.p50, s.p95
      FROM period_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
      WHERE q.entity_kind = 'hydro' AND q.name = 'storage';
    -- Values count by the hours that they hold for, and by the probability of their scenario where that is known. A run of an
    -- engine before the table of blocks counts them alike.
    CREATE VIEW IF NOT EXISTS price_duration AS
      SELECT bus, price,
        SUM(weight) OVER (PARTITION BY bus ORDER BY price DESC) / SUM(weight) OVER (PARTITION BY bus) AS share,
        hours, stage, block, scenario
      FROM (
        SELECT bus, price, stage, block, scenario, hours, hours * COALESCE(probability, 1) AS weight
        FROM (
          SELECT v.entity AS bus, v.value AS price, v.stage, v.block, v.scenario, c.probability, COALESCE(
              CASE WHEN v.block < 0 THEN (SELECT SUM(b.hours) FROM block AS b WHERE b.stage = v.stage)
                ELSE (SELECT b.hours FROM block AS b WHERE b.stage = v.stage AND b.block = v.block) END, 1) AS hours
          FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
            LEFT JOIN simulation_scenario AS c ON c.scenario = v.scenario
          WHERE q.entity_kind = 'bus' AND q.name = 'marginal_cost'));
    """
}
