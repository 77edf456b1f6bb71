import CobreCase
import CobreEngine

extension LPModel {
  /// max 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18 (Hillier, Lieberman): optimum 36 at (2, 6), duals 0, 3/2, 1.
  static let wyndorGlass = LPModel(
    columnLower: [0, 0], columnUpper: [.infinity, .infinity], objective: [-3, -5],
    rowLower: [-.infinity, -.infinity, -.infinity], rowUpper: [4, 12, 18],
    entries: [(0, 0, 1), (1, 1, 2), (2, 0, 3), (2, 1, 2)])
}
