package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `water_value`: what the water of a plant is worth, and why.
package struct WaterValuePrompt: Prompt {
  package init() {}

  package let name = "water_value"
  package let title = "Explain the water value of a plant"
  package let description = "Say what the water of a hydro plant is worth over the year, and why."
  package let parameters = [
    PromptParameter("plant", required: true, "Name of the hydro plant."),
    PromptParameter("run_id", "Handle or name of the run. Default: the newest run."),
  ]

  package func messages(_ values: [String: String]) throws -> [JSONValue] {
    let run = values["run_id"].map { "the run \($0)" } ?? "the newest run"
    return PromptText.user(
      """
      Explain what the water of the plant \(values["plant"] ?? "") is worth in \(run).

      1. Call inspect_policy for a stage in the wet and one in the dry season, each with share 0.2, 0.5 and 0.9.
      2. Call plot with kind water_value for its course over the stages and scenarios.
      3. Say in plain words: the value in $/hm3 and in $/MWh, when and why it rises, what it would be replaced by, and how far \
      the run has converged (convergence).
      """)
  }
}

/// `price`: what sets the price of a bus.
package struct PricePrompt: Prompt {
  package init() {}

  package let name = "price"
  package let title = "Explain the price of a bus"
  package let description = "Say what sets the price of a bus at a stage, and what would change it."
  package let parameters = [
    PromptParameter("bus", required: true, "Name of the bus."),
    PromptParameter("stage", "Stage, from 0. Default: the one with the highest mean price."),
    PromptParameter("run_id", "Handle or name of the run. Default: the newest run."),
  ]

  package func messages(_ values: [String: String]) throws -> [JSONValue] {
    let run = values["run_id"].map { "the run \($0)" } ?? "the newest run"
    let stage = values["stage"].map { "at stage \($0)" } ?? "at the stage with the highest mean price"
    return PromptText.user(
      """
      Explain the price of the bus \(values["bus"] ?? "") \(stage) in \(run).

      1. Call describe_results, then query_results for the price with its spread over scenarios.
      2. Find what serves the last MWh: explain_price where the server has it, else generation, costs of thermal plants, deficit \
      and line flows by query_results, and water values by inspect_policy.
      3. Say in plain words what sets the price in which share of the scenarios, and what would have to change for another one.
      """)
  }
}

/// The form of a prompt of one text.
enum PromptText {
  static func user(_ text: String) -> [JSONValue] {
    [["role": "user", "content": ["type": "text", "text": .string(text)]]]
  }
}
