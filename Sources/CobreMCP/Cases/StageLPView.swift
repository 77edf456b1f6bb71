internal import CobreBase
internal import CobreCase
internal import CobreEngine

/// How big the linear programs of a case are, and how well its production functions are fitted.
enum StageLPView {
  /// Runs of equal stages that are listed one by one.
  private static let longestList = 24

  static func json(_ study: StudyCase) -> JSONValue {
    guard let sizes = StageLPSize.stages(of: study), !sizes.isEmpty else { return .null }
    func range(_ values: [Int]) -> JSONValue {
      let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
      return least == greatest ? .int(Int64(least)) : [.int(Int64(least)), .int(Int64(greatest))]
    }
    var result: JSONObject = [
      "columns": range(sizes.map(\.columns)), "rows": range(sizes.map(\.rows)),
      "nonzeros": range(sizes.map(\.nonzeros)),
      "smallest_coefficient": .optional(sizes.map(\.smallestCoefficient).filter { $0 > 0 }.min()),
      "largest_coefficient": .optional(sizes.map(\.largestCoefficient).max()),
    ]
    let runs = runs(sizes)
    result["by_stage"] = .array(runs.prefix(longestList).map(run))
    if runs.count > longestList {
      result["stages_not_listed"] = .int(Int64(runs[longestList...].reduce(0) { $0 + $1.count }))
    }
    return .object(result)
  }

  static func fits(_ study: StudyCase) -> JSONValue {
    .array(
      study.fittedPlanes.sorted { $0.key < $1.key }.map { hydro, fit in
        [
          "hydro_id": .int(Int64(study.hydros[hydro].id)), "planes": .int(Int64(fit.planes.count)),
          "kappa": .optional(fit.kappa), "largest_relative_error": .optional(fit.largestRelativeError),
          "mean_relative_error": .optional(fit.meanRelativeError),
        ]
      })
  }

  /// Consecutive stages of equal size, with the range of all their coefficients.
  private static func runs(_ sizes: [StageLPSize]) -> [(first: Int, count: Int, size: StageLPSize)] {
    var runs: [(first: Int, count: Int, size: StageLPSize)] = []
    for (stage, size) in sizes.enumerated() {
      if let last = runs.last?.size, last.columns == size.columns, last.rows == size.rows,
        last.nonzeros == size.nonzeros
      {
        let known = runs[runs.count - 1].size
        runs[runs.count - 1].count += 1
        runs[runs.count - 1].size.smallestCoefficient = min(known.smallestCoefficient, size.smallestCoefficient)
        runs[runs.count - 1].size.largestCoefficient = max(known.largestCoefficient, size.largestCoefficient)
      } else {
        runs.append((stage, 1, size))
      }
    }
    return runs
  }

  private static func run(_ run: (first: Int, count: Int, size: StageLPSize)) -> JSONValue {
    [
      "first_stage": .int(Int64(run.first)), "last_stage": .int(Int64(run.first + run.count - 1)),
      "columns": .int(Int64(run.size.columns)), "rows": .int(Int64(run.size.rows)),
      "nonzeros": .int(Int64(run.size.nonzeros)),
      "smallest_coefficient": .optional(run.size.nonzeros > 0 ? run.size.smallestCoefficient : nil),
      "largest_coefficient": .optional(run.size.nonzeros > 0 ? run.size.largestCoefficient : nil),
    ]
  }
}
