@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// What must not differ between two runs of the same request, bit for bit.
struct Bits: Equatable {
  /// Lower and upper bound of each iteration.
  var bounds: [UInt64]
  /// Per pool: all intercepts, then all slopes.
  var cuts: [[UInt64]]
  var costs: [UInt64?]

  init(_ store: RunStore) throws {
    bounds = try store.convergence(since: 0).flatMap { [$0.lowerBound ?? .nan, $0.upperBound ?? .nan] }
      .map(\.bitPattern)
    cuts = try store.cuts().map { ($0.intercepts + $0.slopes).map(\.bitPattern) }
    costs = try store.simulatedCosts().map { $0?.bitPattern }
  }
}
