package import CobreEngine

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

  package static func table(_ rows: [ConvergenceRow], points: Int = maximumRows) -> JSONValue {
    [
      "columns": columns,
      "rows": .array(thinned(rows, to: points).map(row)),
      "iterations": .int(Int64(rows.count)),
    ]
  }

  /// Evenly chosen rows, the first and the last among them.
  package static func thinned(_ rows: [ConvergenceRow], to count: Int = maximumRows) -> [ConvergenceRow] {
    guard rows.count > count, count > 1 else { return rows }
    return (0..<count).map { rows[$0 * (rows.count - 1) / (count - 1)] }
  }

  /// Relative rise of the lower bound over the last tenth of the rows; nil where there are too few of them.
  package static func lastGain(_ rows: [ConvergenceRow]) -> Double? {
    guard rows.count >= 10, let last = rows.last?.lowerBound,
      let before = rows[rows.count - 1 - rows.count / 10].lowerBound
    else { return nil }
    return (last - before) / max(1, abs(last))
  }

  /// Rows of a file at most, evenly chosen: a file must fit a message too.
  private static let maximumFileRows = 4000

  /// The whole history as a file.
  package static func csv(_ rows: [ConvergenceRow]) -> String {
    var text = CSVText.row([
      "iteration", "lower_bound", "upper_bound", "upper_bound_ci95", "gap", "elapsed_seconds", "forward_seconds",
      "backward_seconds", "communication_seconds", "wait_seconds", "lp_solves",
    ])
    for row in thinned(rows, to: maximumFileRows) {
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
