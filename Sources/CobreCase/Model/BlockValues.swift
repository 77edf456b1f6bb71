/// Values of entities in single blocks, where they differ from the stage's values.
package struct BlockValues<Value: Sendable & Equatable>: Sendable, Equatable {
  private struct Key: Hashable {
    var stage: Int
    var entity: Int
    var block: Int
  }

  private var values: [Key: Value] = [:]

  package init() {}

  package var isEmpty: Bool { values.isEmpty }

  /// The value in a block (nil = the value of the stage).
  package subscript(stage: Int, entity: Int, block: Int) -> Value? {
    get { values.isEmpty ? nil : values[Key(stage: stage, entity: entity, block: block)] }
    set { values[Key(stage: stage, entity: entity, block: block)] = newValue }
  }

  /// Visits every value, in no order.
  func forEach(_ body: (_ stage: Int, _ entity: Int, _ block: Int, Value) -> Void) {
    for (path, value) in values { body(path.stage, path.entity, path.block, value) }
  }
}
