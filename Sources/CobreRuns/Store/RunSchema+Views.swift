/// Views of `run.sqlite`: questions that people ask, ready to be selected from.
///
/// They hold nothing of their own: a database that an older engine has made gets them when it is opened for writing, and is
/// read without them until then. A view that changes is dropped by a step of `RunSchema`.
extension RunSchema {
  /// Beginning of the names of `simulation_stage.quantity` for storages.
  static let storagePrefix = "storage of hydro "
  static let deficitProbability = "probability of deficit (share of scenarios)"

  static let views = """
    CREATE VIEW IF NOT EXISTS deficit_by_stage AS
      SELECT stage,
        MAX(CASE WHEN quantity = '\(deficitProbability)' THEN mean END) AS probability,
        MAX(CASE WHEN quantity = 'deficit (MWh)' THEN mean END) AS energy_not_served
      FROM simulation_stage GROUP BY stage;
    CREATE VIEW IF NOT EXISTS energy_by_source AS
      SELECT stage,
        MAX(CASE WHEN quantity = 'hydro generation (MWh)' THEN mean END) AS hydro,
        MAX(CASE WHEN quantity = 'thermal generation (MWh)' THEN mean END) AS thermal,
        MAX(CASE WHEN quantity = 'deficit (MWh)' THEN mean END) AS deficit,
        MAX(CASE WHEN quantity = 'source generation (MWh)' THEN mean END) AS source,
        MAX(CASE WHEN quantity = 'battery discharge (MWh)' THEN mean END) AS battery_discharge,
        MAX(CASE WHEN quantity = 'battery charge (MWh)' THEN mean END) AS battery_charge
      FROM simulation_stage GROUP BY stage;
    -- The name of a plant stands behind its id in the quantity of the stage means.
    CREATE VIEW IF NOT EXISTS reservoir_storage AS
      SELECT s.entity AS hydro,
        (SELECT substr(n.quantity, length('\(storagePrefix)' || s.entity) + 2,
            length(n.quantity) - length('\(storagePrefix)' || s.entity) - 7)
          FROM simulation_stage AS n WHERE n.stage = s.stage AND n.quantity LIKE '\(storagePrefix)' || s.entity || ' %') AS name,
        s.stage, s.mean, s.p05, s.p50, s.p95
      FROM simulation_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
      WHERE q.entity_kind = 'hydro' AND q.name = 'storage';
    -- Values count by the hours that they hold for. A run of an engine before the table of blocks counts them alike.
    CREATE VIEW IF NOT EXISTS price_duration AS
      SELECT bus, price, SUM(hours) OVER (PARTITION BY bus ORDER BY price DESC) / SUM(hours) OVER (PARTITION BY bus) AS share,
        hours, stage, block, scenario
      FROM (
        SELECT v.entity AS bus, v.value AS price, v.stage, v.block, v.scenario, COALESCE(
            CASE WHEN v.block < 0 THEN (SELECT SUM(b.hours) FROM block AS b WHERE b.stage = v.stage)
              ELSE (SELECT b.hours FROM block AS b WHERE b.stage = v.stage AND b.block = v.block) END, 1) AS hours
        FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
        WHERE q.entity_kind = 'bus' AND q.name = 'marginal_cost');
    """
}
