package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobreRuns

/// `inspect_policy`: what a policy says of the future at a given storage.
package struct InspectPolicyTool: Tool {
  let runs: RunService

  package let name = "inspect_policy"
  package let title = "Inspect a policy"

  package var description: String {
    """
    Show the water value: what stored water is worth at a stage and a storage, in $/hm3 by plant and in $/MWh \
    through the cascade, with the cost to go, the cuts and the effect of past inflows. Without share or state: \
    storages of the start of the study, past inflows that the model expects at that stage.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      RunArgument.parameter,
      Parameter(
        "stage", .integer(0...100_000), default: 0, "Stage, from 0, at whose end the water is valued."),
      Parameter(
        "share", .number(0...1),
        "Storage of all plants as a share of their largest one, e.g. 0.5. Default: at the start."),
      Parameter(
        "state", .numbers(maximumCount: 2000),
        brief: "Values that differ, by plant id in hm3 or by component, e.g. {\"1\": 350, \"inflow_lag[1,1]\": 120}.",
        "Single values that differ, by id of a hydro plant in hm3 or by component in m3/s, e.g. "
          + "{\"1\": 350, \"inflow_lag[1,1]\": 120}."),
      Parameter("offset", .integer(0...1_000_000), default: 0, "Plants and stages to leave out first."),
      Parameter("limit", .integer(1...1000), default: 30, "Plants and stages at most."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "run_id": Schema.text("The run"), "iteration": Schema.integer("Iterations that made the policy"),
        "stage": Schema.integer("Stage at whose end water is valued"),
        "case_changed": Schema.boolean(
          "Whether the files of the case have changed since; limits and names are the new ones"),
        "stages": ["type": "object", "description": "Cuts by stage and cost to go there at the same state, $"],
        "cost_to_go": Schema.optionalNumber("Expected (or risk-adjusted) cost after the stage at the state, $"),
        "binding_cuts": Schema.list(of: ["type": "integer"], "Positions of the cuts that decide"),
        "water_values": [
          "type": ["object", "null"],
          "description":
            "By plant: storage in hm3, share of the largest one, water value in $/hm3, and in $/MWh of what it generates on its way down",
        ],
        "inflow_memory": [
          "type": ["object", "null"],
          "description":
            "Past inflows and other components, those with an effect first: value in m3/s, change of the cost to go in $ per m3/s",
        ],
        "state_from": Schema.text("Where the values of the state come from"),
        "next": Schema.text("What to do next"),
      ], required: ["run_id", "iteration", "stage", "case_changed", "stages", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let run = try RunArgument.run(arguments, runs)
    let policy = try runs.policy(runID: run.runID)
    let stage = arguments.integer("stage") ?? 0
    guard policy.study.stages.indices.contains(stage) else {
      throw ToolError("`stage` must be from 0 to \(policy.study.stages.count - 1); you sent \(stage).")
    }
    let view = try PolicyView(
      policy, share: arguments.number("share"), given: arguments.numbers("state"), stage: stage)
    let (first, count) = (arguments.integer("offset") ?? 0, arguments.integer("limit") ?? 30)
    var result: JSONObject = [
      "run_id": .string(run.runID), "iteration": .int(Int64(policy.iteration)), "stage": .int(Int64(stage)),
      "case_changed": .bool(!policy.isCaseUnchanged), "stages": view.stages(from: first, count: count),
      "state_from": .string(view.origin(stage: stage)),
    ]
    guard let detail = view.detail(stage: stage, from: first, count: count) else {
      result["next"] =
        policy.policy.pools.allSatisfy({ $0.count == 0 })
        ? "The policy has no cuts yet. Call status with wait_seconds, then try again."
        : "There are no cuts after this stage: nothing comes after it. Choose an earlier one."
      return result
    }
    for (name, value) in detail.members { result[name] = value }
    let left = max(policy.study.hydros.count, policy.study.stages.count) - first - count
    result["next"] =
      left > 0
      ? .string("More plants or stages: call again with offset \(first + count).")
      : "Call again with another share, state or stage to see how the value of water changes."
    return result
  }

  package func links(_ result: JSONObject) -> [ResourceLink] { RunResources.links(result) }
}
