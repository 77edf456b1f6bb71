internal import CobreCommunication

/// Failures of units that are divided among ranks: all ranks report the same one, whatever their number.
///
/// A rank whose unit fails continues to the exchange that follows the units and sends a mark instead of the unit's
/// figures. So every rank sees all failures, and the failure of the lowest unit counts, as on a single rank.
struct UnitFailures {
  private var first: (order: Int, unit: Int, error: any Error)?

  /// A NaN that no arithmetic makes.
  ///
  /// Its low 32 bits say which loop before the exchange failed.
  private static let mark: UInt64 = 0x7ffc_0b7e << 32
  private static let mostText = 2000

  /// Whether a unit of this rank has failed since the last exchange.
  ///
  /// The remaining units are then skipped.
  var hasFailure: Bool { first != nil }

  /// Stores a failure for the exchange, unless there is one already.
  ///
  /// - Parameters:
  ///   - order: number of the loop, if there are several before one exchange.
  ///   - unit: number of the unit among this rank's units.
  ///   - error: what it threw.
  mutating func note(order: Int = 0, unit: Int, _ error: any Error) {
    if first == nil { first = (order, unit, error) }
  }

  /// Marks the unit of this rank that has failed.
  ///
  /// - Parameters:
  ///   - figures: by unit.
  ///   - width: figures of one unit.
  /// - Returns: the figures to exchange.
  func marked(_ figures: [Double], width: Int) -> [Double] {
    guard let first, figures.indices.contains(first.unit * width) else { return figures }
    var figures = figures
    figures[first.unit * width] = Double(
      bitPattern: Self.mark | UInt64(UInt32(truncatingIfNeeded: max(0, first.order))))
    return figures
  }

  /// Throws if a unit of any rank has failed.
  ///
  /// - Parameters:
  ///   - figures: of all ranks, after the exchange.
  ///   - width: figures of one unit.
  ///   - counts: figures of each rank.
  ///   - communicator: the group, of which all ranks call this.
  /// - Throws: what the lowest unit of the lowest loop threw, on its rank. On the others a `CommunicationError` with
  ///   the same message.
  mutating func settle(
    _ figures: [Double], width: Int, counts: [Int], on communicator: any Communicator
  ) throws {
    guard let index = Self.lowest(figures, width: width) else { return }
    var before = 0
    let owner = counts.firstIndex { count in
      before += count
      return index < before
    }
    guard let owner else { return }
    let own = owner == communicator.rank ? first?.error : nil
    first = nil
    var words = own.map { Array(String(describing: $0).utf8.prefix(Self.mostText)) } ?? []
    var length = Int64(words.count)
    try communicator.broadcast(&length, root: owner)
    if own == nil { words = [UInt8](repeating: 0, count: Int(min(max(length, 0), Int64(Self.mostText)))) }
    try communicator.broadcast(&words, root: owner)
    if let own { throw own }
    throw CommunicationError.relayed(
      code: .abortedByPeer, operation: .allgatherv, origin: owner, peer: nil,
      message: String(decoding: words, as: UTF8.self), to: communicator.rank)
  }

  // Where the mark of the lowest loop is first.
  private static func lowest(_ figures: [Double], width: Int) -> Int? {
    var found: (order: UInt32, index: Int)?
    for index in stride(from: 0, to: figures.count, by: max(1, width)) {
      let bits = figures[index].bitPattern
      guard bits & 0xffff_ffff_0000_0000 == mark else { continue }
      let order = UInt32(truncatingIfNeeded: bits)
      if found.map({ order < $0.order }) ?? true { found = (order, index) }
    }
    return found?.index
  }
}
