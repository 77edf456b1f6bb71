internal import CobreBase

extension NovomodeloFormat {
  static let config: [Field] = [
    .nullable("modeling", .object(modeling), default: [:], "Modelling choices"),
    .required("training", .object(training), "How the policy is trained"),
    .nullable("estimation", .object(estimation), default: [:], "Fitting of the inflow model from history"),
    .nullable("policy", .object(policy), default: [:], "Where the policy is kept and how training starts"),
    .nullable("simulation", .object(simulation), default: [:], "Simulation after training"),
    .nullable("exports", .object(exports), default: [:], "Additional outputs"),
    .nullable(
      "upper_bound_evaluation",
      .object([
        .nullable("enabled", .boolean, "Without effect"),
        .nullable("initial_iteration", .whole(0), "Without effect"),
        .nullable("interval_iterations", .whole(0), "Without effect"),
        .nullable(
          "lipschitz",
          .object([
            .nullable("mode", .text, "Without effect"), .nullable("fallback_value", .anyNumber, "Without effect"),
            .nullable("scale_factor", .anyNumber, "Without effect"),
          ]), default: [:], "Without effect"),
      ]), default: [:], "Read but without effect"),
  ]

  private static let modeling: [Field] = [
    .nullable(
      "inflow_non_negativity",
      .object([
        .nullable(
          "method", .oneOf(Configuration.InflowMethod.self), default: "truncation_with_penalty",
          "What happens to negative inflows")
      ]), default: [:], "Treatment of negative inflows"),
    .nullable("cost_scale_factor", .positive, "Divides costs inside the programs; does not change results"),
  ]

  private static let training: [Field] = [
    .nullable("enabled", .boolean, default: true, "Whether to train; false: the policy is read from policy.path"),
    .nullable("tree_seed", .seed, "Seed of the opening tree (absolute value); null = 42"),
    .required(
      "selection",
      .tagged(
        TaggedShape(
          tag: "method", summary: "How trajectories are chosen", common: [],
          variants: [
            ("sampled", [.required("forward_passes", .whole(1), "Trajectories per iteration")]), ("enumerated", []),
          ])), "Trajectories of an iteration"),
    .required("stopping_rules", .list(.tagged(stoppingRule)), "When training ends; at least one iteration_limit"),
    .nullable(
      "stopping_mode", .oneOf(StoppingMode.self), default: "any",
      "any: one rule is enough; all: every rule must hold but the iteration limit, which still ends the run"),
    .nullable("cut_selection", .object(cutSelection), default: [:], "Which cuts stay active"),
    .nullable(
      "solver",
      .object([
        .nullable("retry_max_attempts", .whole(0), default: 5, "Retries of a failed solve"),
        .nullable("retry_time_budget_seconds", .nonNegative, default: 30.0, unit: "s", "Total time for those retries"),
        .nullable("forward", .object(solverProfile), "Does not change results"),
        .nullable("backward", .object(solverProfile), "Does not change results"),
      ]), default: [:], "Solver settings"),
    .nullable(
      "parallelism",
      .object([
        .nullable(
          "backward_scheduler",
          .tagged(
            TaggedShape(
              tag: "method", summary: "Unit of work", common: [],
              variants: [
                ("by_scenario", []),
                ("by_node", [.nullable("block_size", .whole(1), "Openings per unit; null = half of them")]),
              ])), "Does not change results")
      ]), default: [:], "Sharing of work"),
    .nullable("scenario_source", .object(scenarioSource), "Noise of the forward passes; null = every class in_sample"),
  ]

  private static let stoppingRule = TaggedShape(
    tag: "type", summary: "Kind of rule", common: [],
    variants: [
      ("iteration_limit", [.required("limit", .whole(0), "Iterations")]),
      ("time_limit", [.required("seconds", .positive, unit: "s", "Wall time")]),
      (
        "bound_stalling",
        [
          .required("iterations", .whole(1), "Window of lower bounds looked at"),
          .required("tolerance", .nonNegative, "Relative change below which the bound counts as stalled"),
        ]
      ),
      (
        "gap",
        [
          .nullable("tolerance", .nonNegative, unit: "$", "Absolute gap"),
          .nullable("relative_tolerance", .nonNegative, unit: "%", "Gap in percent of max(1, |lower bound|)"),
        ]
      ),
    ])

  private static let cutSelection: [Field] = [
    .nullable("row_activity_tolerance", .nonNegative, default: 1e-6, "Dual above which a cut counts as binding"),
    .nullable("max_active_per_stage", .whole(0), "Cap on the active cuts of a pool; null = none"),
    .nullable(
      "selection",
      .tagged(
        TaggedShape(
          tag: "method", summary: "Rule by which cuts are left out", common: [],
          variants: [
            (
              "level1",
              [
                .nullable("check_frequency", .whole(1), default: 5, "Iterations between passes"),
                .nullable("lookback_iterations", .whole(1), "Age of the trial states looked at; null = all"),
              ]
            ),
            (
              "dynamic",
              [
                .nullable("start_iteration", .whole(1), default: 2, "First iteration with fewer cuts"),
                .nullable("seed_window", .whole(0), default: 5, "Iterations whose cuts every solve starts with"),
                .nullable("candidate_recency", .whole(1), "Iterations since a cut was binding; null = not used"),
                .nullable("max_added_per_round", .whole(1), default: 10, "Violated cuts added per round"),
                .nullable(
                  "violation_tolerance", .number(NumberRange(minimum: 0, maximum: 1, excludesMaximum: true)),
                  "Relative violation that counts"),
              ]
            ),
          ])), "null = all cuts are kept"),
  ]

  private static let solverProfile: [Field] = [
    .nullable("dual_edge_weight", .string(StringShape(values: ["devex", "steepest_edge", "dantzig"])), "Pricing"),
    .nullable("scale", .string(StringShape(values: ["off", "solver_scaling"])), "Scaling"),
    .nullable("price", .string(StringShape(values: ["row", "row_hyper_sparse"])), "Pricing of rows"),
    .nullable("presolve", .string(StringShape(values: ["on", "off", "choose"])), "Presolve"),
    .nullable("primal_feasibility_tolerance", .positive, "Tolerance"),
    .nullable("dual_feasibility_tolerance", .positive, "Tolerance"),
    .nullable("simplex_update_limit", .whole(0), "Updates between factorisations"),
    .nullable("cost_perturbation", .anyNumber, "Perturbation"),
    .nullable("refactor_error_tolerance", .anyNumber, "Error that asks for a new factorisation"),
    .nullable("factor_pivot_threshold", .number(NumberRange(minimum: 8e-4, maximum: 0.5)), "Pivot threshold"),
    .nullable("use_warm_start", .boolean, "Whether solves start from a basis"),
    .nullable(
      "steepest_edge_devex_fallback_threshold", .number(NumberRange(minimum: 1)), "When steepest edge gives way"),
  ]

  private static func scenarioClass(_ schemes: [ScenarioSource.Scheme]) -> Shape {
    .object([.required("scheme", .string(StringShape(values: schemes.map(\.rawValue))), "Where its noise comes from")])
  }

  private static let scenarioSource: [Field] = [
    .nullable("seed", .seed, "Sampling seed; required where a class is out_of_sample or external"),
    .nullable("inflow", scenarioClass(ScenarioSource.Scheme.allCases), "Scheme of the inflows"),
    .nullable("load", scenarioClass([.inSample, .outOfSample, .external]), "Scheme of the loads"),
    .nullable("ncs", scenarioClass([.inSample, .outOfSample, .external]), "Scheme of the non-controllable sources"),
    .nullable(
      "historical_years",
      .either([
        .list(.id),
        .object([.required("from", .id, "First year"), .required("to", .id, "Last year, included")]),
      ]), "First years of the replay windows; only with historical"),
    .nullable(
      "openings",
      .object([
        .required("source", .string(StringShape(values: ["generated", "file"])), "Drawn, or noise_openings.parquet")
      ]), "Opening tree; training only"),
  ]

  private static let estimation: [Field] = [
    .nullable("max_order", .whole(0), default: 6, "Largest lag order tried"),
    .nullable(
      "order_selection", .oneOf(EstimationSettings.OrderSelection.self), default: "pacf", "How the order is chosen"),
    .nullable("min_observations_per_season", .whole(0), default: 30, "Smaller samples get a warning"),
    .nullable("max_coefficient_magnitude", .positive, "Larger coefficients fall back to order 0; null = off"),
  ]

  private static let policy: [Field] = [
    .nullable("path", .text, default: "./policy", "Policy directory, relative to the output directory"),
    .nullable("mode", .oneOf(PolicySettings.Mode.self), default: "fresh", "How training starts"),
    .nullable(
      "boundary",
      .object([
        .required("path", .text, "Directory of the other policy, relative to the case"),
        .nullable("strict", .boolean, default: false, "Refuse a policy with states that this case lacks"),
      ]), "Fixed cuts after the last stage"),
    .nullable(
      "checkpointing",
      .object([
        .nullable("enabled", .boolean, default: false, "Whether checkpoints are written"),
        .nullable("initial_iteration", .whole(0), "First checkpoint; null = interval_iterations"),
        .nullable("interval_iterations", .whole(1), "Iterations between checkpoints"),
        .nullable("store_basis", .boolean, "Without effect"),
        .nullable("compress", .boolean, "Without effect"),
      ]), default: [:], "Checkpoints during training"),
  ]

  private static let simulation: [Field] = [
    .nullable("enabled", .boolean, default: false, "Whether to simulate after training"),
    .nullable(
      "selection",
      .tagged(
        TaggedShape(
          tag: "method", summary: "How scenarios are chosen", common: [],
          variants: [
            ("sampled", [.required("num_scenarios", .whole(0), "Scenarios")]), ("enumerated", []),
          ])), "Scenarios of the simulation; null = 2000 sampled"),
    .nullable(
      "cut_set", .string(StringShape(values: ["all", "active"])), default: "all",
      "Cuts in the simulation; does not change results"),
    .nullable("io_channel_capacity", .whole(0), default: 64, "Does not change results"),
    .nullable("scenario_source", .object(scenarioSource), "Noise of the simulation; null = that of the training"),
    .nullable("solver", .object(solverProfile), "Does not change results"),
  ]

  private static let exports: [Field] = [
    .nullable("states", .boolean, default: false, "Keep the visited states in the policy"),
    .nullable("stochastic", .boolean, default: false, "Write the fitted model, correlation and opening tree in use"),
    .nullable("fpha_deviation_points", .boolean, default: false, "Write how well production planes fit"),
  ]
}
