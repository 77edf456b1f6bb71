/// What a unit of work starts from: a basis, and the cuts that are in the LP from the beginning.
///
/// It belongs to one unit and is written by that unit alone, so results do not depend on what a process or thread
/// solved before.
package struct WarmStart: Sendable, Equatable {
  /// Status of every column, then of every row without cuts, empty for a start without a basis.
  package var status: [UInt8] = []
  /// Slots of the cuts in the program, in row order.
  package var cuts: [Int32] = []
  /// Status of the row of each cut.
  package var cutStatus: [UInt8] = []
  /// What left each state component in the unit's last solve, incoming + noise − outgoing, empty before the first.
  ///
  /// With it the next outgoing state can be guessed, and the cuts that matter there can join before the first solve.
  package var release: [Double] = []

  package init() {}

  /// Whether it fits a stage LP whose pool has so many cuts.
  func fits(_ template: StageLPTemplate, cuts count: Int) -> Bool {
    let model = template.model
    guard status.isEmpty || status.count == model.columnCount + model.rowCount,
      release.isEmpty || release.count == template.stateDimension
    else { return false }
    return cutStatus.count == cuts.count && cuts.allSatisfy { $0 >= 0 && $0 < count }
  }

  /// A start from the basis of another LP with the same columns and rows, without its cuts and without lazy rows that
  /// were slack.
  ///
  /// Nil where the other has no basis, or one that counts on a cut.
  package init?(basisOf other: borrowing WarmStart) {
    guard !other.status.isEmpty, other.cutStatus.allSatisfy({ $0 == BasisStatus.basic }) else { return nil }
    status = other.status.map { $0 == BasisStatus.keptBasic ? BasisStatus.basic : $0 }
  }
}
