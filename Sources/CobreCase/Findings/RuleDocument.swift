/// The table of rules as Markdown, as `Documentation/Validation.md` holds it.
package enum RuleDocument {
  /// One table per layer.
  package static func tables() -> String {
    let titles = [
      (1, "Layer 1: structure"), (2, "Layer 2: schema"), (3, "Layer 3: references"), (4, "Layer 4: coverage"),
      (5, "Layer 5: meaning"), (6, "Layer 6: Novomodelo cases"), (7, "Layer 7: defaults in use"),
      (8, "Layer 8: plausibility"),
    ]
    return titles.map { layer, title in
      let rows = Rule.all.filter { $0.layer == layer }.sorted { $0.code < $1.code }.map {
        "| \($0.code) | \($0.severity.rawValue) | \($0.sentence.split(separator: "|").joined(separator: "\\|")) |"
      }
      return "## \(title)\n\n| Code | Severity | Rule |\n|---|---|---|\n\(rows.joined(separator: "\n"))\n"
    }.joined(separator: "\n")
  }
}
