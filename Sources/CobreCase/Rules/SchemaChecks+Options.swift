internal import CobreBase

/// Options of `config.json` that have no effect (rule 223), and where the policy may go (rule 224).
extension SchemaChecks {
  mutating func checkOptions() {
    guard let config = documents.json[.config].map({ JSONValue.object($0) }) else { return }
    checkSwitch(
      config["training"]?["cut_selection"], "training.cut_selection",
      ["method", "threshold", "memory_window", "domination_epsilon", "check_frequency", "cut_activity_tolerance"])
    checkMethod(config["training"]?["cut_selection"])
    checkSwitch(
      config["upper_bound_evaluation"], "upper_bound_evaluation",
      ["initial_iteration", "interval_iterations", "lipschitz"])
    checkSwitch(
      config["policy"]?["checkpointing"], "policy.checkpointing", ["initial_iteration", "interval_iterations"])
    checkSwitch(config["simulation"], "simulation", ["num_scenarios", "policy_type", "scenario_source"])
    checkInnerPolicy(config)
    checkLoneOptions(config)
    let unused = [
      ("training.cut_selection", config["training"]?["cut_selection"], "basis_activity_window"),
      ("simulation", config["simulation"], "output_path"), ("simulation", config["simulation"], "output_mode"),
      ("simulation", config["simulation"], "io_channel_capacity"),
    ]
    for (path, section, key) in unused where !(section?[key] ?? .null).isNull {
      reportIdle("\(path).\(key)", section?[key], "\"\(key)\" is read and not used.", "Remove the key.")
    }
    checkPolicyPath(config["policy"]?["path"])
  }

  /// Settings of a section that is not switched on: a warning if the switch is missing, a note if it is off.
  private mutating func checkSwitch(_ section: JSONValue?, _ path: String, _ keys: [String]) {
    guard let section, section.object != nil, section["enabled"]?.bool != true else { return }
    let given = keys.filter { !(section[$0] ?? .null).isNull }
    guard let first = given.first else { return }
    let isOff = section["enabled"]?.bool == false
    let others = given.count > 1 ? " and \(given.count - 1) more" : ""
    reportIdle(
      "\(path).\(first)", section[first],
      "\"\(first)\"\(others) has no effect, since \(path).enabled is "
        + (isOff ? "false." : "not given."), "Set \(path).enabled to true, or remove the keys.",
      severity: isOff ? .note : .warning)
  }

  /// Settings of a selection method other than the chosen one.
  private mutating func checkMethod(_ selection: JSONValue?) {
    guard let selection, let method = selection["method"]?.string else { return }
    for (key, owner) in [("threshold", "level1"), ("memory_window", "lml1"), ("domination_epsilon", "domination")]
    where method != owner && !(selection[key] ?? .null).isNull {
      reportIdle(
        "training.cut_selection.\(key)", selection[key],
        "\"\(key)\" belongs to the method \"\(owner)\" and has no effect under \"\(method.printable(limit: 20))\".",
        "Remove the key, or choose the method \"\(owner)\".")
    }
  }

  /// Vertices that no evaluation makes.
  private mutating func checkInnerPolicy(_ config: JSONValue) {
    let isTraining = config["training"]?["enabled"]?.bool != false
    guard isTraining, config["simulation"]?["policy_type"]?.string == "inner",
      config["upper_bound_evaluation"]?["enabled"]?.bool != true
    else { return }
    reportIdle(
      "simulation.policy_type", config["simulation"]?["policy_type"],
      "The inner policy is made by upper_bound_evaluation, which is not enabled; it is computed once, after the training.",
      "Set upper_bound_evaluation.enabled to true to see its bound while training.", severity: .note)
  }

  /// Options that need another one, which is not there.
  private mutating func checkLoneOptions(_ config: JSONValue) {
    let simulation = config["simulation"]
    if simulation?["enabled"]?.bool == true, simulation?["num_scenarios"] == .int(0) {
      reportIdle(
        "simulation.enabled", simulation?["enabled"], "Nothing is simulated, since simulation.num_scenarios is 0.",
        "Give a number of scenarios, or set simulation.enabled to false.")
    }
    let policy = config["policy"]
    if !(policy?["validate_compatibility"] ?? .null).isNull, (policy?["boundary"] ?? .null).isNull,
      policy?["mode"] == nil || policy?["mode"]?.string == "fresh", config["training"]?["enabled"]?.bool != false
    {
      reportIdle(
        "policy.validate_compatibility", policy?["validate_compatibility"],
        "No policy is read that could be compared: policy.mode is fresh, and there is no boundary.", "Remove the key.",
        severity: .note)
    }
    let rules = config["training"]?["stopping_rules"]?.array ?? []
    if rules.count == 1, config["training"]?["stopping_mode"]?.string?.lowercased() == "all" {
      reportIdle(
        "training.stopping_mode", config["training"]?["stopping_mode"], "There is only one stopping rule.",
        "Remove the key, or add a rule.", severity: .note)
    }
  }

  /// Files that every run keeps in its directory.
  private static let runFiles: Set<String> = [
    "run.json", "run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "run.sqlite-journal", "supervisor.log",
    "supervisor.lock", "mpiexec.log", "cancel", "ballast", "hosts", "token",
  ]

  private mutating func checkPolicyPath(_ value: JSONValue?) {
    guard let path = value?.string else { return }
    func refuse(_ message: String) {
      collector.report(
        224, file: .config, at: "policy.path", value: path, message,
        suggestion: "Name a directory of its own, such as \"./policy\".")
    }
    guard !path.utf8.contains(0) else { return refuse("The path contains a zero byte.") }
    // What a file system takes: names of 255 bytes, and room for the directory of the run in front of the path.
    guard path.utf8.count <= 2000, path.split(separator: "/").allSatisfy({ $0.utf8.count <= 255 }) else {
      return refuse("The path, or a name in it, is longer than directories can be named.")
    }
    guard !path.hasPrefix("/") else { return }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
    }
    guard let first = parts.first else {
      return refuse("The path leads to the directory of the run itself, which holds other files.")
    }
    let isRankFile = first.hasPrefix("rank-") && first.contains(".")
    if Self.runFiles.contains(String(first)) || isRankFile {
      refuse("\"\(String(first).printable(limit: 60))\" is a file that the run itself keeps; a policy is a directory.")
    }
  }

  private mutating func reportIdle(
    _ location: String, _ value: JSONValue?, _ message: String, _ advice: String,
    severity: Finding.Severity = .warning
  ) {
    collector.report(
      223, severity, file: .config, at: location, value: value?.text().printable(limit: 60), message,
      suggestion: advice)
  }
}
