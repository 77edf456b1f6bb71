/// A number that formulas name, possibly another one in each stage.
package struct ScalarParameter: Sendable, Equatable {
  package enum Value: Sendable, Equatable {
    case constant(Double)
    /// By position of the stage, from 0.
    case perStage([Double])
    /// By season id.
    case seasonal([Int: Double])
    /// By position of the stage and by block.
    case perStageBlock([[Int: Double]])
    /// A quantity of the plant with the index.
    case computed(ComputedParameterTag, hydro: Int)
    /// A formula over other names, without quantities.
    case formula(Formula)
  }

  package var id: Int
  package var name: String
  package var value: Value

  package init(id: Int, name: String, value: Value) {
    self.id = id
    self.name = name
    self.value = value
  }
}

/// The names that formulas of a case use, and their values in each stage and block.
///
/// Parameters and named expressions share one set of names.
package struct FormulaNames {
  /// Chains of names longer than this are refused.
  private static let deepest = 100

  private enum Meaning {
    case parameter(ScalarParameter.Value)
    case expression(Formula)
  }

  private struct Key: Hashable {
    var name: String
    var stage: Int
    var block: Int?
  }

  private var meanings: [String: Meaning] = [:]
  private let energies: EnergyTable?
  private let positions: [Int]
  private let seasons: [Int?]
  private var known: [Key: LinearForm] = [:]

  /// - Parameters:
  ///   - parameters: scalar parameters, with distinct names.
  ///   - expressions: named expressions, whose names differ from the parameters'.
  ///   - energies: quantities of plants, or nil if no parameter needs them.
  ///   - positions: position in time of each stage.
  ///   - seasons: season id of each stage.
  package init(
    parameters: [ScalarParameter], expressions: [(name: String, formula: Formula)], energies: EnergyTable?,
    positions: [Int], seasons: [Int?]
  ) {
    for parameter in parameters { meanings[parameter.name] = .parameter(parameter.value) }
    for expression in expressions { meanings[expression.name] = .expression(expression.formula) }
    self.energies = energies
    self.positions = positions
    self.seasons = seasons
  }

  /// The linear form of a formula in a stage.
  ///
  /// - Parameters:
  ///   - formula: the formula.
  ///   - stage: index of the stage.
  ///   - block: block of the row, or nil for a row of the whole stage.
  /// - Returns: the form, left side minus right side where the formula has a relation.
  /// - Throws: `FormulaFailure` for unknown names, names that need themselves, and numbers that are missing.
  package mutating func evaluate(
    _ formula: Formula, stage: Int, block: Int?
  ) throws(FormulaFailure) -> LinearForm {
    try evaluate(formula, stage, block, path: [])
  }

  private mutating func evaluate(
    _ formula: Formula, _ stage: Int, _ block: Int?, path: [String]
  ) throws(FormulaFailure) -> LinearForm {
    // Names are resolved first, so that the evaluation itself does not change `self`.
    var values: [String: LinearForm] = [:]
    for name in formula.names { values[name] = try form(of: name, stage, block, path: path) }
    return try formula.evaluate { name throws(FormulaFailure) in values[name] }
  }

  private mutating func form(
    of name: String, _ stage: Int, _ block: Int?, path: [String]
  ) throws(FormulaFailure) -> LinearForm? {
    guard let meaning = meanings[name] else { return nil }
    let key = Key(name: name, stage: stage, block: block)
    if let form = known[key] { return form }
    guard !path.contains(name), path.count < Self.deepest else {
      throw FormulaFailure(column: 1, message: "The name @\(name) needs itself, or too long a chain of names.")
    }
    let form: LinearForm
    switch meaning {
    case .expression(let formula): form = try evaluate(formula, stage, block, path: path + [name])
    case .parameter(.formula(let formula)):
      form = try evaluate(formula, stage, block, path: path + [name])
      guard form.terms.isEmpty else {
        throw FormulaFailure(column: 1, message: "The parameter @\(name) must be a number, not a quantity.")
      }
    case .parameter(let value): form = LinearForm(constant: try number(value, name, stage, block))
    }
    known[key] = form
    return form
  }

  private func number(
    _ value: ScalarParameter.Value, _ name: String, _ stage: Int, _ block: Int?
  ) throws(FormulaFailure) -> Double {
    let position = positions.indices.contains(stage) ? positions[stage] : stage
    let result: Double?
    switch value {
    case .constant(let number): result = number
    case .perStage(let numbers): result = numbers.indices.contains(position) ? numbers[position] : nil
    case .seasonal(let numbers):
      result = seasons.indices.contains(stage) ? seasons[stage].flatMap { numbers[$0] } : nil
    case .perStageBlock(let numbers):
      result = numbers.indices.contains(position) ? block.flatMap { numbers[position][$0] } : nil
    case .computed(let tag, let hydro): result = energies?.value(tag, stage: stage, hydro: hydro)
    case .formula: result = nil
    }
    guard let result, result.isFinite else {
      let place = block.map { "stage position \(position), block \($0)" } ?? "stage position \(position)"
      throw FormulaFailure(column: 1, message: "The parameter @\(name) has no value in \(place).")
    }
    return result
  }

  /// Whether a formula may differ from stage to stage.
  package func dependsOnStage(_ formula: Formula) -> Bool {
    holds(formula) { value in
      switch value {
      case .constant, .formula: false
      default: true
      }
    }
  }

  /// Whether a formula may differ from block to block.
  package func dependsOnBlock(_ formula: Formula) -> Bool {
    holds(formula) { if case .perStageBlock = $0 { true } else { false } }
  }

  private func holds(_ formula: Formula, _ test: (ScalarParameter.Value) -> Bool) -> Bool {
    var pending = formula.names
    var seen = Set(pending)
    while let name = pending.popLast() {
      let inner: Formula
      switch meanings[name] {
      case nil: continue
      case .expression(let formula): inner = formula
      case .parameter(.formula(let formula)): inner = formula
      case .parameter(let value):
        if test(value) { return true }
        continue
      }
      pending += inner.names.filter { seen.insert($0).inserted }
    }
    return false
  }
}
