package import CobreBase
internal import CobreCase
internal import CobreEngine

extension ViolationExplanation {
  private static let rowLimit = 15

  /// The explanation as tools and commands tell it.
  package var json: JSONObject {
    let elements = ElementNames(study)
    var result: JSONObject = ["run_id": .string(runID), "scenarios": .int(Int64(scenarios))]
    let sorted = tallies.sorted { ($0.value.cost, elements.name($1.key)) > ($1.value.cost, elements.name($0.key)) }
    result["summary"] = .array(sentences(elements).map { .string($0) })
    result["missed"] = [
      "columns": ["what", "name", "mean_cost", "share_of_scenarios"],
      "money": "$ in the mean over all scenarios, discounted to the start of the study",
      "rows": .array(
        sorted.prefix(Self.rowLimit).map { label, tally in
          [
            .string(label.kind == .deficit ? "deficit" : label.limit ?? "limit"), .string(elements.name(label)),
            .optional(tally.cost), .optional(Double(tally.scenarios.count) / Double(max(1, scenarios))),
          ]
        }),
    ]
    if let worst {
      result["worst"] = [
        "stage": .int(Int64(worst.solved.stage)),
        "begins": .string(study.stages[worst.solved.stage].start.description),
        "block": worst.label.block.map { .int(Int64($0)) } ?? .null, "scenario": .int(Int64(worst.scenario)),
        "what": .string(worst.label.kind == .deficit ? "deficit" : worst.label.limit ?? "limit"),
        "name": .string(elements.name(worst.label)), "amount": .optional(amount), "unit": .optional(unit),
        "cost": .optional(worst.cost), "discounted_cost": .optional(worst.discount * worst.cost),
        "unavoidable": .optional(least),
      ]
      result["limits"] = [
        "columns": ["limit", "unit", "bound", "effect_of_one_more"],
        "rows": .array(
          limits.prefix(Self.rowLimit).map {
            [.string($0.text), .optional($0.unit), .optional($0.bound), .optional($0.effect)]
          }),
      ]
    }
    result["next"] =
      worst == nil
      ? "Nothing is missed in these scenarios. Call explain_cost for what is paid, or ask with more scenarios."
      : "Raise or lower one of the limits in the case by what `effect_of_one_more` says, then train again. stage looks at one stage."
    return result
  }

  /// Of what is missed in the worst case.
  private var unit: String? { worst.flatMap { LabelUnits(study).unit($0.label) } }

  private func sentences(_ elements: ElementNames) -> [String] {
    guard let worst, let least else { return ["No scenario has a deficit or misses a limit."] }
    let what = worst.label.kind == .deficit ? "deficit at" : "\(worst.label.limit ?? "limit") missed at"
    var list = [
      "The dearest case is a \(what) \(elements.name(worst.label)) of \(Figures.text(amount)) \(unit ?? "") in stage "
        + "\(worst.solved.stage), scenario \(worst.scenario)"
        + (worst.label.block.map { worst.layout.blocks > 1 ? ", block \($0)" : "" } ?? "")
        + "; it costs \(Figures.text(worst.cost)) $, which is \(Figures.text(worst.discount * worst.cost)) $ at the start of the study."
    ]
    let tolerance = 1e-6 * max(1, amount)
    if least > tolerance {
      let chain = limits.prefix(4).map { "\($0.text) (\(Figures.text($0.bound))\($0.unit.map { " " + $0 } ?? ""))" }
        .joined(separator: ", ")
      list.append("\(Figures.text(least)) of it could not be avoided in this stage, because of: \(chain).")
    }
    if amount - least > tolerance {
      var sentence = "\(Figures.text(amount - least)) of it was a choice of the policy"
      let waters = released.prefix(3).filter { $0.value != 0 }.map {
        "\(study.hydros[$0.hydro].name) keeps \(Figures.text($0.volume)) hm3 at \(Figures.text($0.value)) $/hm3"
      }
      if !waters.isEmpty { sentence += ": \(waters.joined(separator: ", ")), which it holds worth more later" }
      list.append(sentence + ".")
    }
    return list
  }
}
