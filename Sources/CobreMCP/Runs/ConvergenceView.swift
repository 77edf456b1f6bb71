package import CobreEngine

/// The iterations of a run as a compact table.
package enum ConvergenceView {
  /// Rows at most: with both forms of a result this stays well below what hosts shorten.
  private static let maximumRows = 60

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

  package static func table(_ rows: [ConvergenceRow]) -> JSONValue {
    [
      "columns": columns,
      "rows": .array(thinned(rows).map(row)),
      "iterations": .int(Int64(rows.count)),
    ]
  }

  /// Evenly chosen rows, the first and the last among them.
  package static func thinned(_ rows: [ConvergenceRow]) -> [ConvergenceRow] {
    guard rows.count > maximumRows else { return rows }
    return (0..<maximumRows).map { rows[$0 * (rows.count - 1) / (maximumRows - 1)] }
  }

  private static func row(_ row: ConvergenceRow) -> JSONValue {
    [
      .int(Int64(row.iteration)), .optional(row.lowerBound), .optional(row.upperBound),
      .optional(row.upperBoundHalfWidth), .optional(row.gap), .seconds(row.elapsedSeconds), .int(Int64(row.solves)),
    ]
  }
}
