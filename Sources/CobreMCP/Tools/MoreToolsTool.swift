package import CobreBase
internal import CobreEngine

/// `more_tools`: lists the tools that are not in the list, and opens them.
package struct MoreToolsTool: Tool {
  /// All tools of the server but this one.
  let tools: [any CallableTool]
  let shelf: ToolShelf

  package let name = "more_tools"
  package let title = "More tools"

  package var description: String {
    """
    Find a tool for what the listed ones cannot do: NEWAVE decks, other scenarios, inflow models, files of \
    results, resuming and deleting runs, why costs and deficits. Lists all tools by group; `open` adds a group to \
    the list, `tool` describes one in full. Unlisted tools can be called by name, too.
    """
  }

  package let annotations = ToolAnnotations.reading
  package let runsOutside = false
  package func effort(_ arguments: Arguments) -> CallEffort { .reading }

  package var parameters: [Parameter] {
    [
      Parameter("open", .choice(Toolset.allCases.map(\.rawValue) + ["all"]), "Group to add to the list of tools."),
      Parameter("tool", .name, "Tool to describe in full."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "toolsets": Schema.list(of: ["type": "object"], "Groups: toolset, about, tools (name, about, listed)"),
        "opened": Schema.list(of: ["type": "string"], "Tools that are listed now and were not before"),
        "definition": ["type": "object", "description": "The tool, with its full argument and result schemas"],
        "next": Schema.text("What to do next"),
      ], required: ["next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    if let name = arguments.text("tool") {
      guard let tool = tools.first(where: { $0.name == name }) else {
        let nearest = NearestName.nearest(to: name, among: tools.map(\.name)).map { " Did you mean \"\($0)\"?" } ?? ""
        throw ToolError(
          "There is no tool \"\(name)\" on this server.\(nearest) more_tools without arguments lists all.")
      }
      return ["definition": tool.definition, "next": .string("Call \(name).")]
    }
    if let word = arguments.text("open") {
      let names = Toolset(rawValue: word).map { toolset in
        toolset.names.filter { name in tools.contains { $0.name == name } }
      }
      let hidden = (names ?? tools.map(\.name)).filter { !shelf.isListed($0) }
      _ = shelf.open(names)
      return [
        "opened": .array(hidden.map { .string($0) }),
        "next": .string(
          hidden.isEmpty
            ? "They were all listed already."
            : "The list of tools has grown; where the host does not show it, call them by name."),
      ]
    }
    return [
      "toolsets": .array(Toolset.allCases.map(group)),
      "next": "Call more_tools with open for a group, or with tool for one tool in full.",
    ]
  }

  private func group(_ toolset: Toolset) -> JSONValue {
    let found = toolset.names.compactMap { name in tools.first { $0.name == name } }
    return [
      "toolset": .string(toolset.rawValue), "about": .string(toolset.summary),
      "tools": .array(
        found.map {
          ["name": .string($0.name), "about": .string($0.firstSentence), "listed": .bool(shelf.isListed($0.name))]
        }),
    ]
  }
}
