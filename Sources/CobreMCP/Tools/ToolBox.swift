package import CobreEngine

/// The tools of a server, in the order in which they are listed.
package struct ToolBox: Sendable {
  package let tools: [any CallableTool]
  private let byName: [String: any CallableTool]
  /// Names of the tools that a read-only server lacks.
  private let withheld: Set<String>

  /// - Parameters:
  ///   - tools: in the order of the listing.
  ///   - readOnly: leaves out those that start or change something.
  package init(_ tools: [any CallableTool], readOnly: Bool = false) {
    let offered = readOnly ? tools.filter(\.annotations.readOnly) : tools
    self.tools = offered
    self.byName = Dictionary(offered.map { ($0.name, $0) }) { first, _ in first }
    self.withheld = Set(tools.map(\.name)).subtracting(offered.map(\.name))
  }

  package func tool(named name: String) -> (any CallableTool)? { byName[name] }

  /// Whether the tool would be there if the server were not read-only.
  package func isWithheld(_ name: String) -> Bool { withheld.contains(name) }

  package var listing: JSONValue { .array(tools.map(\.listing)) }
}
