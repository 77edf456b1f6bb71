internal import CobreEngine

/// What the tables of a run's database mean, for those who query them.
package struct ResultTable: Sendable, Equatable {
  package struct Column: Sendable, Equatable {
    package var name: String
    /// Empty if there is none.
    package var unit: String
    package var meaning: String

    init(_ name: String, _ unit: String, _ meaning: String) {
      self.name = name
      self.unit = unit
      self.meaning = meaning
    }

    static let stage = Column("stage", "", "from 0")
    static let period = Column("stage", "", "from 0; the first of those side by side in time, for the scenarios of all")
    static let scenario = Column("scenario", "", "from 0")
    static let block = Column("block", "", "from 0; -1 for the value of the whole stage")
    static let quantity = Column("quantity", "", "simulation_quantity.id")
    static let entity = Column("entity", "", "id of the element in the case")
    static let value = Column("value", "of the quantity", "")
  }

  package var name: String
  /// What a row describes.
  package var meaning: String
  package var columns: [Column]
  /// What of the database a table belongs to, which says how much of it those see who ask for all.
  package var group: Group

  package enum Group: Sendable {
    /// A question that people ask, as a view.
    case answer
    case result
    /// How the run went, and what it goes on from.
    case machinery
  }

  /// For a view the table that has as many rows; counting those of the view would take long.
  package var base: String?

  private init(
    _ name: String, of base: String? = nil, _ meaning: String, _ columns: [Column], group: Group = .result
  ) {
    self.name = name
    self.base = base
    self.meaning = meaning
    self.columns = columns
    self.group = group
  }

  /// What the views that give names and dates to figures begin with.
  private static let named = [
    Column.stage, Column("start_date", "", "first day of the stage"),
    Column("end_date", "", "first day after it"), Column("season", "", "id of its season"),
    Column("entity_kind", "", "as in simulation_quantity"), Column.entity,
    Column("element", "", "its name"), Column("quantity", "", "name of the quantity"), Column("unit", "", ""),
  ]

  private static let spread = [
    Column("mean", "of the quantity", ""), Column("standard_deviation", "of the quantity", ""),
    Column("minimum", "of the quantity", ""), Column("p05", "of the quantity", "5 % quantile"),
    Column("p25", "of the quantity", ""), Column("p50", "of the quantity", "median"),
    Column("p75", "of the quantity", ""), Column("p95", "of the quantity", ""),
    Column("maximum", "of the quantity", ""),
  ]

  /// Names of all tables.
  static let names = Set(all.map(\.name))

  package static let all: [ResultTable] = [
    ResultTable(
      "deficit_by_stage", "a stage: how likely a deficit is, and how much",
      [
        Column.period, Column("probability", "1", "share of scenarios with a deficit"),
        Column("energy_not_served", "MWh", "expected"),
      ], group: .answer),
    ResultTable(
      "energy_by_source", "a stage: energy by source",
      [
        Column.period, Column("hydro", "MWh", ""), Column("thermal", "MWh", ""),
        Column("deficit", "MWh", ""), Column("source", "MWh", "wind, solar and the like; NULL without any"),
        Column("battery_discharge", "MWh", "given to buses; NULL without batteries"),
        Column("battery_charge", "MWh", "taken from buses"),
        Column("contract_import", "MWh", "brought by contracts; NULL without any"),
        Column("contract_export", "MWh", "taken by contracts; NULL without any"),
        Column("pumping", "MWh", "taken by pumping stations; NULL without any"),
      ], group: .answer),
    ResultTable(
      "reservoir_storage", "a reservoir at a stage's end, by name",
      [
        Column("hydro", "", "id"), Column("name", "", ""), Column.period, Column("mean", "hm3", ""),
        Column("p05", "hm3", ""), Column("p50", "hm3", ""), Column("p95", "hm3", ""),
      ], group: .answer),
    ResultTable(
      "price_duration",
      "a price: share of the hours of all scenarios in which the bus costs at least that; needs the detail stages or "
        + "blocks",
      [
        Column("bus", "", "id"), Column("price", "$/MWh", ""), Column("share", "1", ""),
        Column("hours", "h", "that the price holds for"), Column.stage,
        Column("block", "", "-1 for the stage"), Column.scenario,
      ], group: .answer),
    ResultTable(
      "convergence", "an iteration of the training",
      [
        Column("iteration", "", "counted from 1"),
        Column("lower_bound", "$", "lower bound of the expected cost"),
        Column("upper_bound", "$", "mean cost of the iteration's trajectories"),
        Column("upper_bound_half_width", "$", "half width of its 95 % interval"),
        Column("gap", "1", "(upper - lower) / max(1, |upper|)"),
        Column("elapsed_seconds", "s", "since training began"),
        Column("forward_seconds", "s", ""), Column("backward_seconds", "s", ""),
        Column("communication_seconds", "s", ""),
        Column("solves", "", "linear programs solved"),
        Column("recorded_at", "s", "since 1970, UTC"),
        Column("deterministic_upper_bound", "$", "by inner approximation, where asked for"),
        Column("retries", "", "solves that needed a second attempt"),
        Column("wait_seconds", "s", "waiting for the slowest rank"),
      ]),
    ResultTable(
      "iteration_checksum", "iteration: a fingerprint of what it has added, by which damage is noticed",
      [
        Column("iteration", "", "from 1, or 0 for the cuts that training began with"),
        Column("checksum", "", "of its cuts and trial states"), Column("figures", "", "of its bounds and time"),
      ], group: .machinery),
    ResultTable(
      "simulation", "the simulation of the policy (one row)",
      [
        Column("id", "", "1"), Column("scenarios", "", "number of scenarios"),
        Column("mean_cost", "$", "discounted total cost, mean over scenarios"),
        Column("standard_deviation", "$", "of the total cost"),
        Column("half_width", "$", "half width of the mean's 95 % interval"),
        Column("recorded_at", "s", "since 1970, UTC"),
        Column("minimum", "$", "of the total cost"), Column("maximum", "$", "of the total cost"),
        Column("mean_of_worst", "$", "mean cost of the worst twentieth of scenarios"),
      ]),
    ResultTable(
      "simulation_scenario", "a scenario",
      [
        Column.scenario, Column("cost", "$", "discounted total cost"),
        Column("probability", "1", "where the scenarios are all that can come; NULL for a sample"),
      ]),
    ResultTable(
      "simulation_stage", "a stage and a total over the system",
      [
        Column.stage, Column("quantity", "", "name with unit, such as deficit (MWh)"),
        Column("mean", "see quantity", "mean over the scenarios that come to the stage"),
      ]),
    ResultTable(
      "simulation_quantity", "a kind of figure; the names are listed under `quantities`",
      [
        Column("id", "", "for simulation_statistics.quantity and simulation_value.quantity"),
        Column("entity_kind", "", ElementKind.allCases.map(\.rawValue).joined(separator: ", ")),
        Column("name", "", ""), Column("unit", "", ""),
      ]),
    ResultTable(
      "simulation_statistics", "a quantity of one element at one stage, over the scenarios that come to it",
      [
        Column.stage, Column.quantity,
        Column("entity", "", "id of the element in the case; 0 for the system"),
      ] + spread),
    ResultTable(
      "period_statistics", of: "simulation_statistics",
      "simulation_statistics by date: over all states of a Markov chain, under the first of them",
      [Column.period, Column.quantity, Column("entity", "", "id of the element in the case; 0 for the system")] + spread
    ),
    ResultTable(
      "simulation_period", "period_statistics as stored; empty without a Markov chain",
      [Column.period, Column.quantity, Column("entity", "", "id of the element in the case; 0 for the system")]
        + spread,
      group: .machinery),
    ResultTable(
      "named_statistics", of: "simulation_statistics",
      "simulation_statistics with names and dates: the view to start from", named + spread),
    ResultTable(
      "named_value", of: "simulation_point", "simulation_value with names and dates",
      named + [
        Column.scenario, Column.block,
        Column.value,
      ]),
    ResultTable(
      "element", "an element of the case",
      [
        Column("kind", "", "as simulation_quantity.entity_kind"), Column("id", "", "in the case"),
        Column("name", "", ""),
      ]),
    ResultTable(
      "stage", "a stage of the simulation",
      [
        Column("stage", "", "from 0, as in all results"), Column("id", "", "in the case"),
        Column("start_date", "", "first day, ISO 8601"), Column("end_date", "", "first day after it"),
        Column("season", "", "id of its season"),
        Column("period", "", "first stage of the same time, which is another one in Markov chains"),
        Column("visits", "1", "share of the scenarios that come to it"),
      ]),
    ResultTable(
      "block", "a block of a stage",
      [Column.stage, Column("block", "", "from 0"), Column("hours", "h", "")]),
    ResultTable(
      "simulation_value", of: "simulation_point",
      "a single value; empty unless the run kept the detail stages or blocks",
      [
        Column.quantity, Column.entity,
        Column.stage, Column.scenario,
        Column.block,
        Column.value,
      ]),
    ResultTable(
      "simulation_series", "a quantity of one element at one stage that has single values",
      [
        Column("series", "", "for simulation_point.series"), Column.quantity,
        Column.entity, Column.stage,
      ], group: .machinery),
    ResultTable(
      "simulation_point", "a single value as it is stored; simulation_value has it with its key",
      [
        Column("series", "", "simulation_series.series"), Column.scenario,
        Column.block, Column.value,
      ], group: .machinery),
    ResultTable(
      "cut", "a cut: cost after the stage >= intercept + slopes . state (see inspect_policy)",
      [
        Column.stage, Column("position", "", "in the pool of the stage"),
        Column("iteration", "", "that made it; 0 for cuts taken over"), Column("intercept", "$", ""),
        Column("coefficients", "", "bytes: intercept and slopes as little-endian doubles"),
      ], group: .machinery),
    ResultTable(
      "run", "the run (one row)",
      [
        Column("id", "", "1"), Column("supervisor_pid", "", "process that looks after the run"),
        Column("supervisor_start", "", "its start, in clock ticks"), Column("boot_id", "", ""), Column("host", "", ""),
        Column("attempt", "", "how often ranks were started"),
        Column("phase", "", "training, simulation or done"), Column("stop_reason", "", "why training ended"),
        Column("error", "", ""), Column("started_at", "s", "since 1970, UTC"), Column("started_uptime", "s", ""),
        Column("elapsed_before", "s", "of earlier attempts"), Column("ended_at", "s", "since 1970, UTC"),
        Column("elapsed", "s", "in all"),
      ], group: .machinery),
    ResultTable(
      "rank", "a process of the run",
      [
        Column("rank", "", "from 0"), Column("pid", "", ""), Column("process_start", "", ""), Column("host", "", ""),
        Column("state", "", "starting, running, finished, failed or lost"),
        Column("solves", "", "linear programs solved"), Column("message", "", "how it ended badly"),
        Column("updated_at", "s", "since 1970, UTC"), Column("threads", "", ""),
        Column("communication_seconds", "s", ""), Column("wait_seconds", "s", "for other ranks"),
        Column("memory", "bytes", ""), Column("peak_memory", "bytes", ""),
      ], group: .machinery),
    ResultTable(
      "transition", "a change of state",
      [
        Column("id", "", "in order"), Column("at", "s", "since 1970, UTC"), Column("state", "", ""),
        Column("detail", "", ""),
      ], group: .machinery),
    ResultTable(
      "event", "something worth noting",
      [
        Column("id", "", "in order"), Column("at", "s", "since 1970, UTC"), Column("level", "", ""),
        Column("message", "", "text of the engine"),
      ], group: .machinery),
    ResultTable(
      "checkpoint", "an iteration that the run can go on from",
      [
        Column("iteration", "", ""), Column("format", "", ""), Column("checksum", "", ""),
        Column("contents", "", "bytes"),
        Column("recorded_at", "s", "since 1970, UTC"),
      ], group: .machinery),
    ResultTable(
      "trial_states", "states at which cuts were made, where they are kept",
      [Column("pool", "", "stage"), Column("iteration", "", ""), Column("contents", "", "bytes: doubles")],
      group: .machinery),
  ]
}
