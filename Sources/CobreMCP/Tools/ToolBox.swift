package import CobreEngine

/// The tools of a server, in the order in which they are listed.
package struct ToolBox: Sendable {
  package let tools: [any Tool]
  private let byName: [String: any Tool]

  package init(_ tools: [any Tool]) {
    self.tools = tools
    self.byName = Dictionary(tools.map { ($0.name, $0) }) { first, _ in first }
  }

  package func tool(named name: String) -> (any Tool)? { byName[name] }

  package var listing: JSONValue { .array(tools.map(\.listing)) }
}
