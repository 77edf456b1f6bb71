internal import CobreBase

extension CaseFormat {
  static let config: [Field] = [
    .optional("modeling", .object(modeling), default: [:], "Modelling choices"),
    .required("training", .object(training), "How the policy is trained"),
    .optional("estimation", .object(estimation), default: [:], "Fitting of the inflow model from history"),
    .optional(
      "upper_bound_evaluation", .object(upperBound), default: [:], "Deterministic upper bound by inner approximation"),
    .optional("policy", .object(policy), default: [:], "Where the policy is kept and how training starts"),
    .optional("simulation", .object(simulation), default: [:], "Simulation after training"),
    .optional("exports", .object(exports), default: [:], "Additional outputs"),
  ]

  private static let modeling: [Field] = [
    .optional(
      "inflow_non_negativity",
      .object([
        .optional(
          "method", .oneOf(Configuration.InflowMethod.self), default: "penalty", "What happens to negative inflows"),
        .optional("penalty_cost", .anyNumber, default: 1000.0, "Deprecated, unused"),
      ]), default: [:], "Treatment of negative inflows")
  ]

  private static let training: [Field] = [
    .optional("enabled", .boolean, default: true, "Whether to train; false: the policy is read from policy.path"),
    .required("forward_passes", .whole(1), "Trajectories per iteration"),
    .nullable(
      "passes_together", .whole(1),
      "Trajectories of an iteration that walk with the same cuts; null = all of them, or with more than 64 state components 2 at "
        + "first (a quarter of them where that is more), and more once the bound rises slowly"),
    .nullable(
      "trial_region", .share(excludesZero: true),
      "Share of the range of each reservoir, about the states visited before, in which forward passes end their stages at first; it "
        + "grows once the bound rises slowly. null = 0.1 with 8 reservoirs and 8 stages or more, else 1, all of the range"
    ),
    .required("stopping_rules", .list(.tagged(StoppingRule.shape)), "When training ends; at least one iteration_limit"),
    .optional(
      "stopping_mode", .oneOf(StoppingMode.self, ignoresCase: true), default: "any",
      "Whether any rule or all rules must trigger"),
    .nullable("tree_seed", .seed, "Seed of the opening tree (absolute value); null = 42"),
    .nullable(
      "cut_formulation", .oneOf(CutFormulation.self), default: "single", "One cut per trial point or per opening"),
    .nullable(
      "forward_pass",
      .object([.required("type", .string(StringShape(values: ["default"])), "Kind of forward pass")]),
      "Kind of forward pass"),
    .optional("cut_selection", .object(cutSelection), default: [:], "Which cuts stay active"),
    .optional(
      "solver",
      .object([
        .optional("retry_max_attempts", .whole(0), default: 5, "Retries of a failed subproblem solve"),
        .optional("retry_time_budget_seconds", .positive, default: 30.0, unit: "s", "Total time for those retries"),
      ]), default: [:], "Solver settings"),
    .nullable("scenario_source", .object(scenarioSource), "Noise of the forward passes; null = every class in_sample"),
  ]

  private static let cutSelection: [Field] = [
    .nullable("enabled", .boolean, default: false, "Whether cuts are selected; needs a method"),
    .nullable("method", .oneOf(CutSelectionSettings.Method.self), "Rule by which cuts are dropped"),
    .nullable("threshold", .whole(0), "level1: binding uses up to which a cut is dropped; null = 0"),
    .nullable("memory_window", .whole(0), unit: "iterations", "lml1: iterations a cut is remembered"),
    .nullable("domination_epsilon", .nonNegative, "domination: distance under the best cut"),
    .nullable("check_frequency", .whole(1), default: 5, "Iterations between passes"),
    .nullable("cut_activity_tolerance", .nonNegative, default: 0.0, "Dual value above which a cut counts as binding"),
    .nullable(
      "basis_activity_window", .whole(1, 31), default: 5, "Iterations looked back for a warm basis; read and not used"),
    .nullable("max_active_per_stage", .whole(1), "Hard cap on active cuts per stage; null = none"),
  ]

  private static let scenarioClass = Shape.object([
    .required("scheme", .oneOf(ScenarioSource.Scheme.self), "Where the noise of the class comes from")
  ])

  private static let scenarioSource: [Field] = [
    .nullable("seed", .seed, "Forward-sampling seed; required unless every class is in_sample"),
    .nullable("inflow", scenarioClass, "Scheme of the inflows"),
    .nullable("load", scenarioClass, "Scheme of the loads"),
    .nullable("ncs", scenarioClass, "Scheme of the non-controllable sources"),
    .nullable(
      "historical_years",
      .either([
        .list(.id),
        .object([.required("from", .id, "First year"), .required("to", .id, "Last year, included")]),
      ]), "First years of the replay windows; null = all complete ones"),
  ]

  private static let estimation: [Field] = [
    .optional("max_order", .whole(0), default: 6, "Largest lag order tried"),
    .optional(
      "order_selection", .string(StringShape(values: ["pacf", "pacf_annual"], deprecated: ["fixed"])), default: "pacf",
      "How the order is chosen"),
    .optional("min_observations_per_season", .whole(0), default: 30, "Smaller samples get a warning"),
    .nullable("max_coefficient_magnitude", .positive, "Larger coefficients fall back to order 0; null = off"),
  ]

  private static let upperBound: [Field] = [
    .nullable("enabled", .boolean, default: false, "Whether the bound is computed"),
    .nullable("initial_iteration", .whole(1), default: 1, "First evaluation"),
    .nullable("interval_iterations", .whole(1), default: 1, "Iterations between evaluations"),
    .optional(
      "lipschitz",
      .object([
        .nullable("mode", .string(StringShape(values: ["auto"])), default: "auto", "How the constant is found"),
        .nullable("fallback_value", .positive, "Constant used when auto fails; null = such a failure is an error"),
        .nullable("scale_factor", .positive, default: 1.0, "Safety multiplier"),
      ]), default: [:], "Lipschitz constant of the future cost"),
  ]

  private static let policy: [Field] = [
    .optional("path", .text, default: "./policy", "Policy directory, relative to the output directory"),
    .optional("mode", .oneOf(PolicySettings.Mode.self), default: "fresh", "How training starts"),
    .optional("validate_compatibility", .boolean, default: true, "Refuse a policy of another state or stage count"),
    .nullable(
      "boundary",
      .object([
        .required("path", .text, "Directory of the other policy"),
        .required("source_stage", .whole(0), "Stage of the other policy whose cuts are taken"),
      ]), "Fixed cuts after the last stage"),
    .optional(
      "checkpointing",
      .object([
        .nullable("enabled", .boolean, default: false, "Whether checkpoints are written"),
        .nullable("initial_iteration", .whole(1), "First checkpoint; null = interval_iterations"),
        .nullable("interval_iterations", .whole(1), "Iterations between checkpoints; null = only at the end"),
        .nullable("store_basis", .boolean, default: false, "Keep bases"),
        .nullable("compress", .boolean, default: false, "Compress checkpoints"),
      ]), default: [:], "Checkpoints during training"),
  ]

  private static let simulation: [Field] = [
    .optional("enabled", .boolean, default: false, "Whether to simulate after training"),
    .optional("num_scenarios", .whole(0), default: 2000, "Scenarios; 0 = no simulation"),
    .optional("policy_type", .oneOf(SimulationSettings.PolicyType.self), default: "outer", "Cuts or vertices"),
    .nullable("output_path", .text, "Result directory; read and not used"),
    .nullable(
      "output_mode", .string(StringShape(values: ["streaming", "batched"])), default: "streaming",
      "How results are written; read and not used"),
    .optional(
      "io_channel_capacity", .whole(1), default: 64, "Results buffered between solver and writer; read and not used"),
    .nullable("scenario_source", .object(scenarioSource), "Noise of the simulation; null = that of the training"),
  ]

  private static let exports: [Field] = [
    .optional("states", .boolean, default: false, "Keep the visited states in the policy"),
    .optional("stochastic", .boolean, default: false, "Write the fitted model, correlation and opening tree in use"),
  ]
}
