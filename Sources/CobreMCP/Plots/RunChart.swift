internal import CobreEngine
package import CobrePlot
package import CobreRuns
internal import Foundation

/// The charts that a run gives.
package enum RunChart {
  package enum Kind: String, CaseIterable, Sendable {
    case convergence
    case storage
    case battery
    case generation
    case marginalCost = "marginal_cost"
    case waterValue = "water_value"
    case deficit
    case exchange
    case spill
    case inflow
    case cost
    case priceDuration = "price_duration"
    case valueFunction = "value_function"
    case spaghetti

    package var meaning: String {
      switch self {
      case .convergence: "bounds by iteration"
      case .storage: "volume of a plant"
      case .battery: "its contents"
      case .generation: "mean supply by source, or of one element with id and of"
      case .marginalCost: "price at a bus"
      case .waterValue: "value of a plant's water"
      case .deficit: "unserved load at a bus"
      case .exchange: "flow of a line"
      case .spill: "of a plant"
      case .inflow: "inflow of a plant"
      case .cost: "by stage"
      case .priceDuration: "share of scenarios and stages with at least a price"
      case .valueFunction: "cost to go over storage"
      case .spaghetti: "storage in single scenarios"
      }
    }
  }

  /// What is to be drawn.
  package struct Request: Sendable {
    package var kind: Kind
    /// Kind of element for `generation` with an id: hydro, thermal or source.
    package var element: String
    package var id: Int?
    /// For `value_function`.
    package var stage: Int

    package init(kind: Kind, element: String = "hydro", id: Int? = nil, stage: Int = 0) {
      self.kind = kind
      self.element = element
      self.id = id
      self.stage = stage
    }
  }

  /// A chart with a sentence on what it shows, for readers who cannot see it.
  package struct Drawn: Sendable {
    package var chart: Chart
    package var sentence: String
    /// The element that was drawn; nil for the whole system.
    var id: Int?
    /// Lines, by position, that say most, so that charts of several runs show them for each.
    var leading: [Int] = []
    /// The band, by position, that does.
    var leadingBand: Int?
  }

  /// A chart of one run, or of several on top of each other.
  ///
  /// - Parameters:
  ///   - request: what to draw.
  ///   - evidence: the run.
  ///   - others: runs that are drawn too; the element is that of the first run.
  /// - Returns: the chart, with the lines of the others in colours of their own.
  /// - Throws: `ToolError` if a run does not have the figures yet, or has no such element.
  package static func make(_ request: Request, _ evidence: RunEvidence, overlay others: [RunEvidence] = []) throws
    -> Drawn
  {
    let first = try make(request, evidence)
    guard !others.isEmpty else { return first }
    var same = request
    same.id = first.id
    return try overlaid(
      [(evidence.snapshot, first)] + others.map { ($0.snapshot, try make(same, $0)) }, request.kind)
  }

  private static func make(_ request: Request, _ evidence: RunEvidence) throws -> Drawn {
    switch request.kind {
    case .convergence: return try convergence(evidence.snapshot, evidence.store)
    case .storage: return try fan("hydro", "storage", request.id, evidence)
    case .battery: return try fan("battery", "energy", request.id, evidence)
    case .generation:
      return request.id == nil ? try supply(evidence) : try fan(request.element, "generation", request.id, evidence)
    case .marginalCost: return try fan("bus", "marginal_cost", request.id, evidence)
    case .waterValue: return try fan("hydro", "water_value", request.id, evidence)
    case .deficit: return try fan("bus", "deficit", request.id, evidence)
    case .exchange: return try exchange(request.id, evidence)
    case .spill: return try fan("hydro", "spilled", request.id, evidence)
    case .inflow: return try fan("hydro", "inflow", request.id, evidence)
    case .cost: return try fan("system", "cost", nil, evidence)
    case .priceDuration: return try priceDuration(request.id, evidence)
    case .valueFunction: return try valueFunction(request.id, stage: request.stage, evidence)
    case .spaghetti: return try spaghetti(request.id, evidence)
    }
  }

  static func title(_ text: String, _ run: RunSnapshot) -> String {
    let name = run.caseDirectory.split(separator: "/").last.map(String.init) ?? run.caseDirectory
    return "\(text) — \(LogTail.sanitized(name.utf8.prefix(40)))"
  }

  static func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "unknown" }
    // Six digits are enough for a sentence.
    return String(format: "%.6g", value)
  }
}

extension RunChart {
  /// The most points of a line: more could not be distinguished.
  private static let maximumPoints = 400

  private static func convergence(_ run: RunSnapshot, _ store: RunStore) throws -> Drawn {
    let rows = try store.convergence(since: 0, points: maximumPoints)
    guard let last = rows.last else {
      throw ToolError("Run \(run.runID) has no iteration yet. Call status with wait_seconds, then plot again.")
    }
    var chart = Chart(
      title: title("Convergence", run), xLabel: "iteration",
      yLabel: run.bounds == .riskAdjusted ? "cost" : "expected cost", unit: "$",
      places: rows.map { Double($0.iteration) })
    chart.startsAtZero = false
    let kind = run.bounds ?? .expected
    let isRiskAdjusted = kind == .riskAdjusted
    func edge(_ sign: Double) -> [Double?] {
      rows.map { row in row.upperBound.flatMap { bound in row.upperBoundHalfWidth.map { bound + sign * $0 } } }
    }
    let (blue, orange, green) = (Chart.Color.palette[0], Chart.Color.palette[1], Chart.Color.palette[2])
    chart.bands = [
      .init(
        "95 % interval of the \(isRiskAdjusted ? "mean cost" : "upper bound")", lower: edge(-1), upper: edge(1),
        color: orange, opacity: 0.2)
    ]
    chart.lines = [
      .init(kind.nameOfBound, rows.map(\.lowerBound), color: blue, width: 2.5),
      .init(kind.nameOfMean, rows.map(\.upperBound), color: orange, width: 1.5),
    ]
    if rows.contains(where: { $0.deterministicUpperBound != nil }) {
      chart.lines.append(.init("deterministic upper bound", rows.map(\.deterministicUpperBound), color: green))
    }
    if let mean = run.simulation?.meanCost {
      chart.lines.append(
        .init(
          "mean cost of the simulation", rows.map { _ in mean }, color: Chart.Color.palette[6], width: 1.5,
          isDashed: true))
    }
    // Bounds of the first iterations are often far off and would leave no room for the rest.
    let settled = rows.dropFirst(rows.count >= 20 ? rows.count / 10 : 0)
    let shown =
      settled.flatMap { [$0.lowerBound, $0.upperBound, $0.deterministicUpperBound] } + [run.simulation?.meanCost]
    let values = shown.compactMap { $0 }
    if let low = values.min(), let high = values.max() { chart.focus = low...high }
    return Drawn(
      chart: chart,
      sentence: "Bounds of run \(run.runID) over \(last.iteration) iterations: "
        + kind.nameOfBound + " \(text(last.lowerBound)) $, "
        + (isRiskAdjusted ? "mean cost of trajectories (no bound of it)" : "upper bound")
        + " \(text(last.upperBound)) $ ± \(text(last.upperBoundHalfWidth)) $, gap \(text(last.gap)).",
      leading: [0, 1], leadingBand: 0)
  }
}
