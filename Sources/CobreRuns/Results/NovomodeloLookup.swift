internal import CobreCase
internal import CobreEngine

/// The figures of one kind in the scenario and stage of the present row, for columns that need those of other elements
/// or blocks.
final class NovomodeloLookup {
  /// Values by index of the element, then by block; under block −1 a figure of the whole stage.
  typealias Figures = [Int: [Int: Double]]

  private let statement: ReadingStatement
  private let index: (Int) -> Int?
  private var hasRow: Bool
  private var place: (scenario: Int, stage: Int)?
  private var figures: Figures = [:]

  /// - Parameters:
  ///   - quantity: number of the figure in the run.
  ///   - connection: to the run's database.
  ///   - index: index of the element of an id.
  /// - Throws: `RunError` where the run cannot be read.
  init(quantity: Int, connection: ReadingConnection, index: @escaping (Int) -> Int?) throws {
    statement = try connection.prepare(
      """
      SELECT scenario, stage, entity, block, value FROM simulation_value
      WHERE quantity = \(quantity) ORDER BY scenario, stage, entity, block
      """)
    self.index = index
    hasRow = try statement.step()
  }

  /// What there is in a scenario and stage.
  ///
  /// They are asked for in ascending order.
  func figures(scenario: Int, stage: Int) throws -> Figures {
    if let place, place == (scenario, stage) { return figures }
    place = (scenario, stage)
    figures = [:]
    while hasRow, (statement.integer(0), statement.integer(1)) < (scenario, stage) { hasRow = try statement.step() }
    while hasRow, (statement.integer(0), statement.integer(1)) == (scenario, stage) {
      if let element = index(statement.integer(2)) {
        figures[element, default: [:]][statement.integer(3)] = statement.double(4)
      }
      hasRow = try statement.step()
    }
    return figures
  }
}

extension NovomodeloTable.Row {
  /// MW that were committed to the stage before; what the blocks generate adds up to it over their hours.
  ///
  /// A delivery that its own stage decides has 0 there, and a plant without a lead has none.
  func committed(_ figures: NovomodeloLookup.Figures) -> Double? {
    guard isCommitted, let own = figures[entity] else {
      return study.thermals[entity].anticipation == nil ? nil : 0
    }
    if let whole = own[-1] { return whole }
    let stage = study.stages[stage]
    return stage.blocks.indices.reduce(0) { $0 + (own[$1] ?? 0) * stage.blocks[$1].hours } / stage.hours
  }

  /// m³/s that other plants divert into this one in the block.
  func divertedHere(_ figures: NovomodeloLookup.Figures) -> Double {
    study.hydros.indices.reduce(0) { sum, plant in
      guard study.hydros[plant].diversion?.downstream == entity, let own = figures[plant] else { return sum }
      return sum + (own[block ?? -1] ?? own[-1] ?? 0)
    }
  }

  /// Whether the stage decides what the thermal plant delivers in a stage of the study in which it is in service.
  ///
  /// Decisions on deliveries after it are in a table of their own.
  var decidesInside: Bool {
    let position = study.position(of: stage)
    return study.timeline.indices.contains {
      commitments.decides(thermal: entity, delivery: $0, at: position)
        && study.exists(stage: study.timeline[$0], thermal: entity)
    }
  }

  /// Limits of the generic constraint that hold in the row.
  var genericBounds: [GenericBound] {
    study.genericBounds(stage: stage).filter {
      $0.constraint == entity && (block == nil || ($0.isStageRow ? block == 0 : $0.block == nil || $0.block == block))
    }
  }
}
