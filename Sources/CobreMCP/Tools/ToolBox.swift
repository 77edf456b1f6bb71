package import CobreBase
internal import CobreEngine
package import CobreRuns

/// The tools of a server, in the order in which they are listed.
package struct ToolBox: Sendable {
  package let tools: [any CallableTool]
  private let byName: [String: any CallableTool]
  /// Names of the tools that a read-only server lacks.
  private let withheld: Set<String>
  /// Which of them are listed.
  package let shelf: ToolShelf

  /// - Parameters:
  ///   - tools: in the order of the listing.
  ///   - readOnly: leaves out those that start or change something.
  ///   - shelf: which of them are listed.
  package init(_ tools: [any CallableTool], readOnly: Bool = false, shelf: ToolShelf = ToolShelf()) {
    let offered = readOnly ? tools.filter(\.annotations.readOnly) : tools
    self.shelf = shelf
    self.tools = offered
    self.byName = Dictionary(offered.map { ($0.name, $0) }) { first, _ in first }
    self.withheld = Set(tools.map(\.name)).subtracting(offered.map(\.name))
  }

  package func tool(named name: String) -> (any CallableTool)? { byName[name] }

  /// Whether the tool would be there if the server were not read-only.
  package func isWithheld(_ name: String) -> Bool { withheld.contains(name) }

  package var listing: JSONValue { listing(withApps: false) }

  /// What `tools/list` answers.
  ///
  /// - Parameter withApps: whether the client shows pages of tools.
  /// - Returns: a list of entries.
  package func listing(withApps: Bool) -> JSONValue {
    .array(tools.filter { shelf.isListed($0.name) }.map { $0.listing(withApps: withApps) })
  }
}

extension ToolBox {
  /// All tools of a server.
  ///
  /// - Parameters:
  ///   - runs: the runs that they work on.
  ///   - paths: what they may read and write.
  ///   - maximumWait: bound of every `wait_seconds`.
  ///   - readOnly: leaves out those that start or change something.
  ///   - shelf: which of them are listed.
  /// - Returns: the tools in the order of the listing.
  package static func ofServer(
    runs: RunService, paths: PathPolicy, maximumWait: Double, readOnly: Bool = false,
    shelf: ToolShelf = ToolShelf()
  ) -> ToolBox {
    let tools: [any CallableTool] =
      [
        TrainTool(runs: runs, paths: paths, maximumWait: maximumWait),
        StatusTool(runs: runs, maximumWait: maximumWait),
        SelectBackendTool(runs: runs),
        CancelTool(runs: runs, maximumWait: maximumWait),
        ResumeTool(runs: runs, maximumWait: maximumWait),
        ListRunsTool(runs: runs),
        DeleteRunTool(runs: runs),
        ConvergenceTool(runs: runs, maximumWait: maximumWait),
        DescribeResultsTool(runs: runs),
        QueryResultsTool(runs: runs),
        CompareRunsTool(runs: runs),
        DiagnoseRunTool(runs: runs),
        EstimateTool(runs: runs, paths: paths),
        ExplainPriceTool(runs: runs),
        ExplainCostTool(runs: runs),
        ExplainViolationTool(runs: runs),
        ReportTool(runs: runs, paths: paths),
        InspectPolicyTool(runs: runs),
        SimulateTool(runs: runs, paths: paths, maximumWait: maximumWait),
        PlotTool(runs: runs),
        SavePlotTool(runs: runs, paths: paths),
        ExportResultsTool(runs: runs, paths: paths),
        ValidateCaseTool(paths: paths),
        DescribeCaseTool(paths: paths),
        DescribeStochasticTool(paths: paths),
        CreateCaseTool(paths: paths),
        CopyCaseTool(paths: paths),
        ReadCaseFileTool(paths: paths),
        EditCaseTool(runs: runs, paths: paths),
        ConvertDeckTool(paths: paths),
        FitMarkovTool(paths: paths),
        GetSchemaTool(),
      ]
    let offered = readOnly ? tools.filter(\.annotations.readOnly) : tools
    return ToolBox(tools + [MoreToolsTool(tools: offered, shelf: shelf)], readOnly: readOnly, shelf: shelf)
  }
}
