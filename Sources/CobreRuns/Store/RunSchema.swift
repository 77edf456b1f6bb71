internal import CobreCase
internal import CobreEngine
internal import GRDB

/// Tables of `run.sqlite`.
///
/// Times are seconds since 1970 (UTC), costs are $.
enum RunSchema {
  static let version = 10

  /// Creates what is missing and brings older databases to the current version, or to an earlier one.
  static func migrate(_ database: Database, upTo limit: Int = .max) throws {
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    try refuseNewer(found)
    if found > 0 { try refuseForeign(database, version: found) }
    let target = min(version, limit)
    let steps = [version1, version2, version3, version4, version5, version6, version7, version8, version9, version10]
    for (index, statements) in steps.enumerated() where found <= index && index < target {
      try database.execute(sql: statements)
    }
    if found < target {
      try database.execute(sql: "PRAGMA user_version = \(target)")
    }
    if target == version { try database.execute(sql: views) }
  }

  /// Refuses a database that this engine does not know how to read.
  ///
  /// Returns false if it must be brought to the present schema first.
  static func check(_ database: Database) throws -> Bool {
    let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
    try refuseNewer(found)
    guard found > 0 else {
      throw RunError(.storage, "The run's database holds no tables: the run was never created completely.")
    }
    try refuseForeign(database, version: found)
    return found == version
  }

  /// Tables as this engine makes them.
  private static let ownTables: Result<Set<String>, any Error> = Result {
    try DatabaseQueue().write { database in
      try migrate(database)
      return try Set(String.fetchAll(database, sql: "SELECT name FROM sqlite_master WHERE type = 'table'"))
    }
  }

  /// Refuses a database whose tables are none, or do something when they are written: no engine makes such.
  private static func refuseForeign(_ database: Database, version: Int) throws {
    let own = try ownTables.get()
    let tables = version < 8 ? own.union(["simulation_value"]) : own
    try ForeignDatabase.refuseUnlessPlain(database, tables: tables, title: "The run's database")
  }

  private static func refuseNewer(_ found: Int) throws {
    guard found <= version else {
      throw RunError(
        .storage, "The run's database has schema \(found), this engine reads up to \(version); use a newer engine.")
    }
  }

  private static let version10 = """
    -- Stages side by side in time, which are states of a Markov chain, have the first of them as their period; visits is the
    -- share of the scenarios that come to a stage, by probability where they are all that can come, NULL without a simulation.
    ALTER TABLE stage ADD COLUMN period INTEGER;
    ALTER TABLE stage ADD COLUMN visits REAL;
    -- NULL for a sample.
    ALTER TABLE simulation_scenario ADD COLUMN probability REAL;
    -- Over the scenarios of all stages of a period; empty where each stage is its own.
    CREATE TABLE simulation_period (
      stage INTEGER NOT NULL,
      quantity INTEGER NOT NULL REFERENCES simulation_quantity (id),
      entity INTEGER NOT NULL,
      mean REAL,
      standard_deviation REAL,
      minimum REAL,
      p05 REAL,
      p25 REAL,
      p50 REAL,
      p75 REAL,
      p95 REAL,
      maximum REAL,
      PRIMARY KEY (quantity, entity, stage)) WITHOUT ROWID;
    DROP VIEW IF EXISTS deficit_by_stage;
    DROP VIEW IF EXISTS energy_by_source;
    DROP VIEW IF EXISTS reservoir_storage;
    DROP VIEW IF EXISTS price_duration;
    """

  private static let version9 = """
    -- Checksum of the bounds and the time of the iteration.
    ALTER TABLE iteration_checksum ADD COLUMN figures INTEGER;
    """

  private static let version8 = """
    -- Single values by series, which is a quantity of one element at one stage: half as much to write as with all of the key
    -- in every row, and each series comes after all that is there. Block -1 holds the value of the stage.
    CREATE TABLE simulation_series (
      series INTEGER PRIMARY KEY,
      quantity INTEGER NOT NULL REFERENCES simulation_quantity (id),
      entity INTEGER NOT NULL,
      stage INTEGER NOT NULL,
      UNIQUE (quantity, entity, stage));
    CREATE TABLE simulation_point (
      series INTEGER NOT NULL,
      scenario INTEGER NOT NULL,
      block INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (series, scenario, block)) WITHOUT ROWID;
    INSERT INTO simulation_series (quantity, entity, stage)
      SELECT DISTINCT quantity, entity, stage FROM simulation_value ORDER BY quantity, entity, stage;
    INSERT INTO simulation_point (series, scenario, block, value)
      SELECT s.series, v.scenario, v.block, v.value
      FROM simulation_series AS s CROSS JOIN simulation_value AS v
      WHERE v.quantity = s.quantity AND v.entity = s.entity AND v.stage = s.stage ORDER BY s.series;
    DROP VIEW named_value;
    DROP VIEW IF EXISTS price_duration;
    DROP TABLE simulation_value;
    -- Points are looked for by their series, never the other way round.
    CREATE VIEW simulation_value AS
      SELECT s.quantity, s.entity, s.stage, p.scenario, p.block, p.value
      FROM simulation_series AS s CROSS JOIN simulation_point AS p ON p.series = s.series;
    \(namedValue)
    """

  private static let namedValue = """
    CREATE VIEW named_value AS
      SELECT v.stage, t.start_date, t.end_date, t.season, q.entity_kind, v.entity, e.name AS element, q.name AS quantity,
        q.unit, v.scenario, v.block, v.value
      FROM simulation_value AS v JOIN simulation_quantity AS q ON q.id = v.quantity
        LEFT JOIN element AS e ON e.kind = q.entity_kind AND e.id = v.entity LEFT JOIN stage AS t ON t.stage = v.stage;
    """

  private static let version7 = """
    -- Hours of the blocks of a stage, by which values of blocks are weighted.
    CREATE TABLE block (
      stage INTEGER NOT NULL,
      block INTEGER NOT NULL,
      hours REAL NOT NULL,
      PRIMARY KEY (stage, block)) WITHOUT ROWID;
    DROP VIEW IF EXISTS price_duration;
    """

  private static let version6 = """
    -- Elements of the case, by what results call their kind; id 0 of the kind system is the whole.
    CREATE TABLE element (
      kind TEXT NOT NULL,
      id INTEGER NOT NULL,
      name TEXT NOT NULL,
      PRIMARY KEY (kind, id)) WITHOUT ROWID;
    -- Steps of a simulation, which are the stages of the case but for an endless horizon; dates are ISO 8601, the end is the
    -- first day after the stage.
    CREATE TABLE stage (
      stage INTEGER PRIMARY KEY,
      id INTEGER NOT NULL,
      start_date TEXT NOT NULL,
      end_date TEXT NOT NULL,
      season INTEGER);
    CREATE VIEW named_statistics AS
      SELECT s.stage, t.start_date, t.end_date, t.season, q.entity_kind, s.entity, e.name AS element, q.name AS quantity,
        q.unit, s.mean, s.standard_deviation, s.minimum, s.p05, s.p25, s.p50, s.p75, s.p95, s.maximum
      FROM simulation_statistics AS s JOIN simulation_quantity AS q ON q.id = s.quantity
        LEFT JOIN element AS e ON e.kind = q.entity_kind AND e.id = s.entity LEFT JOIN stage AS t ON t.stage = s.stage;
    \(namedValue)
    """

  private static let version5 = """
    -- Fingerprint of the cuts and trial states that an iteration has added, by which damage is noticed.
    CREATE TABLE iteration_checksum (
      iteration INTEGER PRIMARY KEY,
      checksum TEXT NOT NULL);
    """

  private static let version4 = """
    ALTER TABLE rank ADD COLUMN threads INTEGER NOT NULL DEFAULT 1;
    -- Seconds in collectives, and those of them before the last rank had come.
    ALTER TABLE rank ADD COLUMN communication_seconds REAL NOT NULL DEFAULT 0;
    ALTER TABLE rank ADD COLUMN wait_seconds REAL NOT NULL DEFAULT 0;
    -- Bytes: proportional set size at the last look, and the largest resident set.
    ALTER TABLE rank ADD COLUMN memory INTEGER;
    ALTER TABLE rank ADD COLUMN peak_memory INTEGER;
    ALTER TABLE convergence ADD COLUMN wait_seconds REAL NOT NULL DEFAULT 0;
    """

  private static let version2 = """
    -- States at which cuts were made, by the pool the cuts went to: little-endian doubles, one state after the other.
    CREATE TABLE trial_states (
      pool INTEGER NOT NULL,
      iteration INTEGER NOT NULL,
      contents BLOB NOT NULL,
      PRIMARY KEY (pool, iteration));
    """

  private static let version3 = """
    -- What a simulation gives: entity_kind is hydro, bus, ... or system; the stage value of a quantity with a value per
    -- block is the mean over its hours.
    CREATE TABLE simulation_quantity (
      id INTEGER PRIMARY KEY,
      entity_kind TEXT NOT NULL,
      name TEXT NOT NULL,
      unit TEXT NOT NULL,
      UNIQUE (entity_kind, name));
    -- Over the scenarios; the entity is the id in the case, 0 for the system.
    CREATE TABLE simulation_statistics (
      stage INTEGER NOT NULL,
      quantity INTEGER NOT NULL REFERENCES simulation_quantity (id),
      entity INTEGER NOT NULL,
      mean REAL,
      standard_deviation REAL,
      minimum REAL,
      p05 REAL,
      p25 REAL,
      p50 REAL,
      p75 REAL,
      p95 REAL,
      maximum REAL,
      PRIMARY KEY (quantity, entity, stage)) WITHOUT ROWID;
    -- Block -1 holds the value of the stage.
    CREATE TABLE simulation_value (
      quantity INTEGER NOT NULL REFERENCES simulation_quantity (id),
      entity INTEGER NOT NULL,
      stage INTEGER NOT NULL,
      scenario INTEGER NOT NULL,
      block INTEGER NOT NULL,
      value REAL,
      PRIMARY KEY (quantity, entity, stage, scenario, block)) WITHOUT ROWID;
    ALTER TABLE convergence ADD COLUMN deterministic_upper_bound REAL;
    ALTER TABLE convergence ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE simulation ADD COLUMN minimum REAL;
    ALTER TABLE simulation ADD COLUMN maximum REAL;
    ALTER TABLE simulation ADD COLUMN mean_of_worst REAL;
    """

  private static let version1 = """
    CREATE TABLE transition (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      state TEXT NOT NULL,
      detail TEXT);
    CREATE TABLE run (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      supervisor_pid INTEGER,
      supervisor_start INTEGER,
      boot_id TEXT,
      host TEXT,
      attempt INTEGER NOT NULL DEFAULT 0,
      phase TEXT,
      stop_reason TEXT,
      error TEXT,
      started_at REAL,
      started_uptime REAL,
      elapsed_before REAL NOT NULL DEFAULT 0,
      ended_at REAL,
      elapsed REAL);
    INSERT INTO run (id) VALUES (1);
    CREATE TABLE rank (
      rank INTEGER PRIMARY KEY,
      pid INTEGER NOT NULL,
      process_start INTEGER,
      host TEXT NOT NULL,
      state TEXT NOT NULL,
      solves INTEGER NOT NULL DEFAULT 0,
      message TEXT,
      updated_at REAL NOT NULL);
    CREATE TABLE convergence (
      iteration INTEGER PRIMARY KEY,
      lower_bound REAL,
      upper_bound REAL,
      upper_bound_half_width REAL,
      gap REAL,
      elapsed_seconds REAL NOT NULL,
      forward_seconds REAL NOT NULL,
      backward_seconds REAL NOT NULL,
      communication_seconds REAL NOT NULL,
      solves INTEGER NOT NULL,
      recorded_at REAL NOT NULL);
    -- Cost-to-go after the stage >= intercept + slopes . state. The coefficients are little-endian doubles: the
    -- intercept, bit for bit (a REAL loses the sign of zero), then one slope per state component.
    CREATE TABLE cut (
      stage INTEGER NOT NULL,
      position INTEGER NOT NULL,
      iteration INTEGER NOT NULL,
      intercept REAL NOT NULL,
      coefficients BLOB NOT NULL,
      PRIMARY KEY (stage, position));
    CREATE TABLE checkpoint (
      iteration INTEGER PRIMARY KEY,
      format INTEGER NOT NULL,
      checksum TEXT NOT NULL,
      contents BLOB NOT NULL,
      recorded_at REAL NOT NULL);
    CREATE TABLE simulation (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      scenarios INTEGER NOT NULL,
      mean_cost REAL,
      standard_deviation REAL,
      half_width REAL,
      recorded_at REAL NOT NULL);
    CREATE TABLE simulation_scenario (
      scenario INTEGER PRIMARY KEY,
      cost REAL);
    CREATE TABLE simulation_stage (
      stage INTEGER NOT NULL,
      quantity TEXT NOT NULL,
      mean REAL,
      PRIMARY KEY (stage, quantity));
    CREATE TABLE event (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      level TEXT NOT NULL,
      message TEXT NOT NULL);
    """
}
