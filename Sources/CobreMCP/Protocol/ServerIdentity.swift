package import CobreBase
internal import CobreEngine

/// What the server says about itself in either era.
package enum ServerIdentity {
  package static let info: JSONValue = [
    "name": "cobre-mcp",
    "title": "Cobre",
    "version": .string(engineVersion),
  ]

  package static let capabilities: JSONValue = [
    "tools": ["listChanged": true], "resources": [:], "prompts": [:], "completions": [:],
  ]

  /// Modern clients may use extensions too.
  package static let modernCapabilities: JSONValue = [
    "tools": ["listChanged": true], "resources": [:], "prompts": [:], "completions": [:],
    "extensions": [TaskExtension.identifier: [:], SkillExtension.identifier: [:], AppExtension.identifier: [:]],
  ]

  /// What people ask, and the tools that answer it, the best one first.
  private static let questions: [(question: String, tools: [String])] = [
    ("water value", ["inspect_policy"]),
    ("price, deficit, storage, generation, cost", ["query_results", "describe_results", "plot"]),
    ("why this price or cost", ["explain_price", "explain_cost", "explain_violation"]),
    ("how long will it take", ["estimate", "status"]),
    ("why slow, has it converged", ["diagnose_run", "convergence"]),
    ("risk (CVaR), a drier year, another plant", ["copy_case", "edit_case", "compare_runs"]),
    ("other scenarios", ["simulate"]),
    ("a NEWAVE or DECOMP deck", ["convert_deck"]),
  ]

  /// Guidance that concerns all tools; hosts show it to the model once, some of them before any description.
  ///
  /// - Parameters:
  ///   - paths: the directories that tools may use.
  ///   - isReadOnly: whether nothing may be started or changed.
  ///   - tools: names of the tools that there are.
  /// - Returns: plain text in three paragraphs.
  package static func instructions(paths: PathPolicy, isReadOnly: Bool, tools: Set<String>) -> String {
    let begin =
      isReadOnly
      ? "This server is read-only: it explains cases and runs that are there, and starts nothing. Begin with status or "
        + "describe_case."
      : "Begin with create_case (two-areas), or with validate_case where there is a case; then train, then status until the "
        + "state is succeeded, cancelled, failed or interrupted. Without a file tool, read_case_file, edit_case and copy_case "
        + "change a case."
    let answers = questions.compactMap { question, names -> String? in
      let known = names.filter { tools.contains($0) }
      return known.isEmpty ? nil : "\(question): \(known.joined(separator: ", "))"
    }
    return """
      Cobre plans hydrothermal power systems (SDDP): it trains a dispatch policy on a case and says what water, energy and \
      deficit cost. \(begin) \(paths.sentence)
      Questions and tools: \(answers.joined(separator: "; ")). more_tools lists the rest.
      A run goes on when a call times out or this server ends; only cancel stops it. Money is in $, energy in MWh, storage in \
      hm3. The lower bound is exact for the sampled tree; the upper bound is an estimate, so the gap may be negative by chance.
      """
  }
}
