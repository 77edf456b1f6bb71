package import CobreEngine
package import CobrePlot
internal import Foundation

/// The charts that a run gives.
package enum RunChart {
  package enum Kind: String, CaseIterable, Sendable {
    case convergence
    case storage
    case generation
    case marginalCost = "marginal_cost"
    case waterValue = "water_value"

    package var meaning: String {
      switch self {
      case .convergence: "bounds by iteration"
      case .storage: "volume of a hydro plant by stage"
      case .generation: "mean supply by source, or the generation of one element with id and of"
      case .marginalCost: "price at a bus by stage"
      case .waterValue: "value of a plant's water by stage"
      }
    }
  }

  /// What is to be drawn.
  package struct Request: Sendable {
    package var kind: Kind
    /// Kind of element for `generation` with an id: hydro, thermal or source.
    package var element: String
    package var id: Int?

    package init(kind: Kind, element: String = "hydro", id: Int? = nil) {
      self.kind = kind
      self.element = element
      self.id = id
    }
  }

  /// A chart with a sentence on what it shows, for readers who cannot see it.
  package struct Drawn: Sendable {
    package var chart: Chart
    package var sentence: String
  }

  /// - Throws: `ToolError` if the run does not have the figures yet, or has no such element.
  package static func make(_ request: Request, run: RunSnapshot, store: RunStore) throws -> Drawn {
    switch request.kind {
    case .convergence: return try convergence(run, store)
    case .storage: return try fan("hydro", "storage", request.id, run, store)
    case .generation:
      return request.id == nil ? try supply(run, store) : try fan(request.element, "generation", request.id, run, store)
    case .marginalCost: return try fan("bus", "marginal_cost", request.id, run, store)
    case .waterValue: return try fan("hydro", "water_value", request.id, run, store)
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
    let isRiskAdjusted = run.bounds == .riskAdjusted
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
      .init(
        isRiskAdjusted ? "bound of the risk-adjusted cost" : "lower bound", rows.map(\.lowerBound), color: blue,
        width: 2.5),
      .init(
        isRiskAdjusted ? "mean cost of trajectories (no bound)" : "upper bound (estimate)", rows.map(\.upperBound),
        color: orange, width: 1.5),
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
        + (isRiskAdjusted ? "bound of the risk-adjusted cost" : "lower bound") + " \(text(last.lowerBound)) $, "
        + (isRiskAdjusted ? "mean cost of trajectories (no bound of it)" : "upper bound")
        + " \(text(last.upperBound)) $ ± \(text(last.upperBoundHalfWidth)) $, gap \(text(last.gap)).")
  }
}
