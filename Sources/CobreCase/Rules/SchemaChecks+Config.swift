internal import CobreBase

extension SchemaChecks {
  mutating func checkConfig() {
    guard let config = documents.json[.config] else { return }
    let training = config["training"]
    checkStopping(training)
    checkCutSelection(training?["cut_selection"])
    if training?.object != nil, (training?["tree_seed"] ?? .null).isNull {
      collector.report(
        222, file: .config, at: "training.tree_seed", "tree_seed is not given; the seed in use is 42.",
        suggestion: "Give training.tree_seed, so that results can be repeated on purpose.")
    }
    checkSource(training?["scenario_source"], "training.scenario_source")
    checkSource(config["simulation"]?["scenario_source"], "simulation.scenario_source")
    let cost = config["modeling"]?["inflow_non_negativity"]?["penalty_cost"]
    if let number = cost?.number, number != 1000 {
      collector.report(
        221, file: .config, at: "modeling.inflow_non_negativity.penalty_cost", value: cost?.text(),
        "penalty_cost is deprecated and not used.",
        suggestion: "Set hydro.inflow_nonnegativity_cost in penalties.json.")
    }
    if config["estimation"]?["order_selection"]?.string == "fixed" {
      collector.report(
        221, file: .config, at: "estimation.order_selection", value: "fixed",
        "\"fixed\" is a deprecated alias of \"pacf\".", suggestion: "Write \"pacf\".")
    }
  }

  private mutating func checkStopping(_ training: JSONValue?) {
    guard let rules = training?["stopping_rules"]?.array else { return }
    if !rules.contains(where: { $0["type"]?.string == "iteration_limit" }) {
      collector.report(
        218, file: .config, at: "training.stopping_rules", "There is no rule of type iteration_limit.",
        suggestion: "Add {\"type\": \"iteration_limit\", \"limit\": 100}.")
    }
  }

  private mutating func checkCutSelection(_ selection: JSONValue?) {
    guard let selection else { return }
    let path = "training.cut_selection"
    let method = selection["method"]?.string
    if selection["enabled"]?.bool == true, method == nil {
      collector.report(
        219, file: .config, at: "\(path).method", "cut_selection is enabled without a method.",
        suggestion: "Give method: \"level1\", \"lml1\" or \"domination\".")
    }
    let successor: String? =
      switch method {
      case "lml1": "memory_window"
      case "domination": "domination_epsilon"
      default: nil
      }
    if let successor, let threshold = selection["threshold"]?.int, selection[successor]?.number == nil {
      collector.report(
        221, file: .config, at: "\(path).threshold", value: String(threshold),
        "threshold in place of \(successor) is deprecated.", suggestion: "Write \(successor): \(threshold).")
    }
  }

  private mutating func checkSource(_ source: JSONValue?, _ path: String) {
    guard let source, source.object != nil else { return }
    let schemes = ["inflow", "load", "ncs"].map { ($0, source[$0]?["scheme"]?.string ?? "in_sample") }
    for (name, scheme) in schemes where name != "inflow" && scheme == "historical" {
      collector.report(
        220, file: .config, at: "\(path).\(name).scheme", value: scheme, "Only inflow can follow history.",
        suggestion: "Use \"in_sample\", \"out_of_sample\" or \"external\" for \(name).")
    }
    if schemes.contains(where: { $0.1 != "in_sample" }), source["seed"]?.int == nil {
      collector.report(
        220, file: .config, at: "\(path).seed", "A scheme other than in_sample needs a seed.",
        suggestion: "Give \(path).seed.")
    }
    guard let years = source["historical_years"], !years.isNull else { return }
    if !schemes.contains(where: { $0.1 == "historical" }) {
      collector.report(
        220, file: .config, at: "\(path).historical_years",
        "historical_years has no effect without a historical class.",
        suggestion: "Remove it, or set inflow.scheme to \"historical\".")
    }
    if let from = years["from"]?.int, let to = years["to"]?.int, from > to {
      collector.report(
        220, file: .config, at: "\(path).historical_years", value: "\(from)…\(to)", "from is after to.",
        suggestion: "Swap the two years.")
    }
  }
}
