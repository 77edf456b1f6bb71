/// A quantity that a formula names, with the entity still by id.
package struct FormulaVariable: Sendable, Hashable {
  package var variable: GenericVariable
  /// Id of the entity, or nil for a line exchange that is named by its two buses.
  package var entity: Int?
  package var block: Int?
  /// Id of the bus: only its unit groups count.
  package var bus: Int?
  /// Ids of the buses of a line exchange.
  package var sourceBus: Int?
  package var targetBus: Int?

  package init(
    _ variable: GenericVariable, entity: Int? = nil, block: Int? = nil, bus: Int? = nil, sourceBus: Int? = nil,
    targetBus: Int? = nil
  ) {
    self.variable = variable
    self.entity = entity
    self.block = block
    self.bus = bus
    self.sourceBus = sourceBus
    self.targetBus = targetBus
  }
}

/// Why a formula cannot be used.
package struct FormulaFailure: Error, Sendable, Equatable {
  /// Character in the formula, from 1.
  package var column: Int
  package var message: String

  package init(column: Int, message: String) {
    self.column = column
    self.message = message
  }
}

/// constant + Σ coefficient · quantity.
package struct LinearForm: Sendable, Equatable {
  package var constant: Double
  /// In order of first use.
  ///
  /// Without zeros after `simplified`.
  package var terms: [(variable: FormulaVariable, coefficient: Double)]

  package static let zero = LinearForm(constant: 0, terms: [])

  package init(constant: Double, terms: [(variable: FormulaVariable, coefficient: Double)] = []) {
    self.constant = constant
    self.terms = terms
  }

  package var isConstant: Bool { terms.allSatisfy { $0.coefficient == 0 } }

  package static func == (left: LinearForm, right: LinearForm) -> Bool {
    left.constant == right.constant && left.terms.count == right.terms.count
      && zip(left.terms, right.terms).allSatisfy { $0.variable == $1.variable && $0.coefficient == $1.coefficient }
  }

  /// The form times a number.
  func scaled(by factor: Double) -> LinearForm {
    LinearForm(constant: factor * constant, terms: terms.map { ($0.variable, factor * $0.coefficient) })
  }

  /// Adds a form, term after term.
  mutating func add(_ other: LinearForm) {
    constant += other.constant
    terms += other.terms
  }

  /// Equal quantities are added up, and quantities that cancel are left out.
  package var simplified: LinearForm {
    var places: [FormulaVariable: Int] = [:]
    var result = LinearForm(constant: constant)
    for term in terms {
      if let place = places[term.variable] {
        result.terms[place].coefficient += term.coefficient
      } else {
        places[term.variable] = result.terms.count
        result.terms.append(term)
      }
    }
    result.terms.removeAll { $0.coefficient == 0 }
    return result
  }

  var isFinite: Bool { constant.isFinite && terms.allSatisfy(\.coefficient.isFinite) }
}

/// Arithmetic over quantities, numbers and `@names` of a user constraint or parameter, as Novomodelo writes it.
///
/// `formula = sum [("<=" | ">=" | "==") sum]`, `sum = product {("+" | "-") product}`, `product = factor {("*" | "/")
/// factor}`, `factor = ("+" | "-") factor | number | "@" name | quantity | "(" sum ")"`. Names are resolved on
/// evaluation, so one formula serves every stage and block.
package struct Formula: Sendable, Equatable {
  /// Formulas longer than this, in bytes, are refused.
  package static let longest = 200_000
  /// Parentheses and signs nested deeper than this are refused.
  package static let deepest = 200

  /// A step of the evaluation, which works on a stack of forms.
  enum Step: Sendable, Equatable {
    case number(Double)
    case name(String)
    case quantity(FormulaVariable)
    case negate
    case add
    case subtract
    case multiply
    case divide
  }

  let steps: [Step]
  /// Column of each step.
  let columns: [Int]
  /// The relation to 0.
  ///
  /// The steps then give the left side minus the right side.
  package let relation: GenericConstraint.Sense?

  /// Names that the formula uses, each once, in order.
  package var names: [String] {
    var seen: Set<String> = []
    return steps.compactMap { if case .name(let name) = $0, seen.insert(name).inserted { name } else { nil } }
  }

  /// Quantities that the formula itself names.
  package var quantities: [FormulaVariable] {
    steps.compactMap { if case .quantity(let quantity) = $0 { quantity } else { nil } }
  }

  /// The value of the formula as a linear form, left side minus right side if there is a relation.
  ///
  /// - Parameter resolve: returns the form of a name, or nil if there is no such name.
  /// - Returns: the form, with equal quantities added up.
  /// - Throws: `FormulaFailure` for unknown names, products of quantities, divisions by 0 and numbers that overflow.
  package func evaluate(_ resolve: (String) throws(FormulaFailure) -> LinearForm?) throws(FormulaFailure) -> LinearForm
  {
    var stack: [LinearForm] = []
    for (step, column) in zip(steps, columns) {
      switch step {
      case .number(let value): stack.append(LinearForm(constant: value))
      case .quantity(let quantity): stack.append(LinearForm(constant: 0, terms: [(quantity, 1)]))
      case .name(let name):
        guard let value = try resolve(name) else {
          throw FormulaFailure(column: column, message: "No parameter or named expression is called @\(name).")
        }
        stack.append(value)
      case .negate:
        if let value = stack.popLast() { stack.append(value.scaled(by: -1)) }
      case .add, .subtract:
        guard let right = stack.popLast(), !stack.isEmpty else { continue }
        // In place, so that long sums stay linear in their length.
        stack[stack.count - 1].add(step == .add ? right : right.scaled(by: -1))
      case .multiply, .divide:
        guard let right = stack.popLast(), let left = stack.popLast() else { continue }
        stack.append(try Self.scale(step, left, right, column))
      }
      guard stack.reduce(0, { $0 + $1.terms.count }) <= Self.longest else {
        throw FormulaFailure(column: column, message: "The formula has more than \(Self.longest) terms.")
      }
    }
    let result = (stack.last ?? .zero).simplified
    guard result.isFinite else { throw FormulaFailure(column: 1, message: "The numbers of the formula overflow.") }
    return result
  }

  /// The product or quotient of two forms of which one must be a number.
  private static func scale(
    _ step: Step, _ left: LinearForm, _ right: LinearForm, _ column: Int
  ) throws(FormulaFailure) -> LinearForm {
    guard step == .divide else {
      if right.isConstant { return left.scaled(by: right.constant) }
      guard left.isConstant else {
        throw FormulaFailure(column: column, message: "A product of two quantities is not linear.")
      }
      return right.scaled(by: left.constant)
    }
    guard right.isConstant else {
      throw FormulaFailure(column: column, message: "A division by a quantity is not linear.")
    }
    guard right.constant != 0 else { throw FormulaFailure(column: column, message: "This is a division by zero.") }
    return LinearForm(
      constant: left.constant / right.constant,
      terms: left.terms.map { ($0.variable, $0.coefficient / right.constant) })
  }
}
