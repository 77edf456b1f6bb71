package import CobreEngine

/// Everything that this server offers for reading: what it knows of the case format, and its runs.
package struct ServerResources: ResourceStore {
  private let runs: RunResources

  package init(runs: RunService) { self.runs = RunResources(runs: runs) }

  package func list() throws -> [ResourceLink] { try FormatResources.list + runs.list() }

  package var templates: [ResourceTemplate] { FormatResources.templates + RunResources.templates }

  package func read(_ uri: String) throws -> ResourceContents? {
    try FormatResources.read(uri) ?? runs.read(uri)
  }
}
