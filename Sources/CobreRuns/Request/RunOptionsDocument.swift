internal import CobreBase
internal import CobreEngine

/// `Documentation/RunOptions.md`, made from the declarations of the options.
package enum RunOptionsDocument {
  /// The whole document.
  package static var text: String {
    var lines = [
      "# Options of a run", "",
      "Made from `RunOption+All.swift` by `cobre-worker options`; a test holds the two together. What is left out comes from the case.",
      "`cobre-worker start` takes every flag, `train` those that do not speak of processes; `scheme` and `scenario_seed` belong to",
      "`simulate`. The tool `simulate` calls `simulation_detail` `detail` and `scenario_seed` `seed`.", "",
      "| option | flag | value | default | meaning |", "|---|---|---|---|---|",
    ]
    let flags = Set((RunOption.flags + [.scenarioScheme, .scenarioSeed]).map(\.flag))
    for option in RunOption.all + [.runName] {
      let standard = option.defaultValue.map { "`\($0.string ?? $0.text())`" } ?? ""
      lines.append(
        "| `\(option.name)` | \(flags.contains(option.flag) ? "`--\(option.flag)`" : "") | \(option.kind.allowed) "
          + "| \(standard) | \(option.help) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
