/// A group of tools that belong to one kind of question.
package enum Toolset: String, CaseIterable, Sendable {
  case cases
  case runs
  case results
  case explain

  package var summary: String {
    switch self {
    case .cases: "make, read, change and check cases"
    case .runs: "train, simulate, watch, stop and delete runs"
    case .results: "bounds, prices, storages, deficits, water values, charts, files"
    case .explain: "why a price, a cost, a deficit or a slow run"
    }
  }

  /// Its tools, in the order of the listing; a test holds that every tool is in one of the groups.
  package var names: [String] {
    switch self {
    case .cases:
      [
        "create_case", "copy_case", "read_case_file", "edit_case", "validate_case", "describe_case", "get_schema",
        "describe_stochastic", "convert_deck", "fit_markov",
      ]
    case .runs:
      ["estimate", "train", "status", "simulate", "cancel", "resume", "list_runs", "delete_run", "select_backend"]
    case .results:
      [
        "describe_results", "query_results", "inspect_policy", "plot", "compare_runs", "convergence", "report",
        "save_plot", "export_results",
      ]
    case .explain: ["explain_price", "explain_cost", "explain_violation", "diagnose_run"]
    }
  }

  /// The tools that a client sees first: one conversation from an empty directory to an answer.
  package static let first: Set<String> = [
    "create_case", "copy_case", "read_case_file", "edit_case", "train", "status", "describe_results",
    "query_results", "inspect_policy", "plot", "compare_runs", "explain_price", "diagnose_run", "more_tools",
  ]

  /// The names that `--toolsets` takes.
  package static let words = ["default", "all"] + allCases.map(\.rawValue)

  /// The tools of a list such as `default,explain`; nil means all.
  ///
  /// - Throws: `ToolError` for a word that names no group.
  package static func selection(_ text: String) throws(ToolError) -> Set<String>? {
    var names: Set<String> = ["more_tools"]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = String(word)
      switch word {
      case "all": return nil
      case "default": names.formUnion(first)
      default:
        guard let toolset = Toolset(rawValue: word) else {
          throw ToolError(
            "--toolsets takes \(words.joined(separator: ", ")), separated by commas; you gave \"\(word)\".")
        }
        names.formUnion(toolset.names)
      }
    }
    return names
  }
}
