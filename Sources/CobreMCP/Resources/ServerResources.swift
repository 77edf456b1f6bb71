internal import CobreEngine
package import CobreRuns

/// Everything that this server offers for reading: what it knows of the case format, and its runs.
package struct ServerResources: ResourceStore {
  private let runs: RunResources
  private let reports: ReportResources

  package init(runs: RunService) {
    self.runs = RunResources(runs: runs)
    reports = ReportResources(runs: runs)
  }

  /// Documentation, runs from the newest on, schemas: what is requested most is on the first page.
  package func list() throws -> [ResourceLink] {
    try SkillExtension.links + FormatResources.documents + runs.list() + FormatResources.schemaList
  }

  package var templates: [ResourceTemplate] {
    FormatResources.templates + RunResources.templates + ReportResources.templates
  }

  package func read(_ uri: String) throws -> ResourceContents? {
    try SkillExtension.read(uri) ?? FormatResources.read(uri) ?? runs.read(uri) ?? reports.read(uri)
  }
}
