package import CobreBase
internal import CobreEngine
package import CobreRuns

/// The iterations of a run as a compact table.
package enum ConvergenceView {
  /// Rows at most: with both forms of a result this stays well below what hosts shorten.
  package static let maximumRows = 60

  private static let columns: JSONValue = [
    "iteration", "lower_bound", "upper_bound", "upper_bound_ci95", "gap", "elapsed_seconds", "lp_solves",
  ]

  package static let schema: JSONValue = [
    "type": "object",
    "description": "Iterations after since_iteration, evenly thinned where they are many; money in $",
    "properties": [
      "columns": ["type": "array", "items": ["type": "string"]],
      "rows": ["type": "array", "items": ["type": "array", "items": ["type": ["number", "null"]]]],
      "iterations": ["type": "integer", "description": "Iterations in the range before thinning"],
    ],
  ]

  /// The rows are the first and the last iteration of a range and any number between, in order.
  package static func table(_ rows: [ConvergenceRow]) -> JSONValue {
    [
      "columns": columns,
      "rows": .array(rows.map(row)),
      "iterations": .int(Int64(iterations(rows))),
    ]
  }

  /// Iterations in the range of the rows, which follow each other without gaps.
  private static func iterations(_ rows: [ConvergenceRow]) -> Int {
    guard let first = rows.first, let last = rows.last else { return 0 }
    return last.iteration - first.iteration + 1
  }

  /// The iteration a tenth of the range before its last one, or nil if there are too few of them.
  package static func tenthBack(_ rows: [ConvergenceRow]) -> Int? {
    guard let last = rows.last, iterations(rows) >= 10 else { return nil }
    return last.iteration - iterations(rows) / 10
  }

  /// Relative rise of the lower bound between two iterations.
  package static func gain(from earlier: ConvergenceRow?, to later: ConvergenceRow?) -> Double? {
    guard let before = earlier?.lowerBound, let after = later?.lowerBound else { return nil }
    return (after - before) / max(1, abs(after))
  }

  /// Rows of a file at most, evenly chosen: a file must fit a message too.
  package static let maximumFileRows = 4000

  /// A history as a file.
  package static func csv(_ rows: [ConvergenceRow]) -> String {
    var text = CSVText.row([
      "iteration", "lower_bound", "upper_bound", "upper_bound_ci95", "gap", "elapsed_seconds", "forward_seconds",
      "backward_seconds", "communication_seconds", "wait_seconds", "lp_solves",
    ])
    for row in rows {
      let bounds = [row.lowerBound, row.upperBound, row.upperBoundHalfWidth, row.gap]
      let times = [
        row.elapsedSeconds, row.forwardSeconds, row.backwardSeconds, row.communicationSeconds, row.waitSeconds ?? 0,
      ]
      text += CSVText.row([String(row.iteration)] + (bounds + times).map { CSVText.number($0) } + [String(row.solves)])
    }
    return text
  }

  private static func row(_ row: ConvergenceRow) -> JSONValue {
    [
      .int(Int64(row.iteration)), .optional(row.lowerBound), .optional(row.upperBound),
      .optional(row.upperBoundHalfWidth), .optional(row.gap), .seconds(row.elapsedSeconds), .int(Int64(row.solves)),
    ]
  }
}
