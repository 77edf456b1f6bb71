extension Formula {
  /// Reads a formula.
  ///
  /// - Parameters:
  ///   - text: the formula.
  ///   - allowsRelation: whether it may hold `<=`, `>=` or `==`.
  /// - Throws: `FormulaFailure` with the column of the first fault.
  package init(_ text: String, allowsRelation: Bool = true) throws(FormulaFailure) {
    let bytes = Array(text.utf8)
    guard bytes.count <= Self.longest else {
      throw FormulaFailure(column: Self.longest, message: "The formula has more than \(Self.longest) characters.")
    }
    var parser = FormulaParser(bytes: bytes)
    try parser.parse(allowsRelation: allowsRelation)
    steps = parser.steps
    columns = parser.columns
    relation = parser.relation
  }
}

/// Recursive descent over the bytes of a formula.
private struct FormulaParser {
  let bytes: [UInt8]
  var position = 0
  var depth = 0
  var steps: [Formula.Step] = []
  var columns: [Int] = []
  var relation: GenericConstraint.Sense?

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func parse(allowsRelation: Bool) throws(FormulaFailure) {
    skipBlanks()
    guard position < bytes.count else { throw failure("The formula is empty.") }
    try sum()
    for sense in [GenericConstraint.Sense.lessOrEqual, .greaterOrEqual, .equal] where relation == nil {
      let start = position
      guard take(sense.rawValue) else { continue }
      guard allowsRelation else { throw failure("A relation is not allowed here.", at: start) }
      relation = sense
      try sum()
      emit(.subtract, at: start)
    }
    guard position == bytes.count else {
      throw failure("An operator or the end of the formula is expected here.")
    }
  }

  private mutating func sum() throws(FormulaFailure) {
    try product()
    while true {
      let start = position
      if take("+") {
        try product()
        emit(.add, at: start)
      } else if take("-") {
        try product()
        emit(.subtract, at: start)
      } else {
        return
      }
    }
  }

  private mutating func product() throws(FormulaFailure) {
    try factor()
    while true {
      let start = position
      if take("*") {
        try factor()
        emit(.multiply, at: start)
      } else if take("/") {
        try factor()
        emit(.divide, at: start)
      } else {
        return
      }
    }
  }

  private mutating func factor() throws(FormulaFailure) {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Formula.deepest else {
      throw failure("Parentheses and signs are nested more than \(Formula.deepest) deep.")
    }
    let start = position
    if take("-") {
      try factor()
      emit(.negate, at: start)
    } else if take("+") {
      try factor()
    } else if take("(") {
      try sum()
      guard take(")") else { throw failure("A closing parenthesis is expected here.") }
    } else if take("@", skippingBlanks: false) {
      let name = identifier()
      guard !name.isEmpty else { throw failure("A name must follow @ at once.", at: start) }
      emit(.name(name), at: start)
      skipBlanks()
    } else if let value = try number() {
      emit(.number(value), at: start)
    } else {
      try quantity()
    }
  }

  private mutating func quantity() throws(FormulaFailure) {
    let start = position
    let name = identifier()
    guard !name.isEmpty else { throw failure("A number, a name or a quantity is expected here.") }
    guard let variable = GenericVariable(formulaName: name) else {
      throw failure("There is no quantity \(name).", at: start)
    }
    skipBlanks()
    guard take("(") else { throw failure("The arguments of \(name) in parentheses are expected here.") }
    var result = FormulaVariable(variable)
    if variable == .lineExchange, take("source_bus") {
      try expect("=")
      result.sourceBus = try integer()
      try expect(",")
      guard take("target_bus") else { throw failure("target_bus= is expected here.") }
      try expect("=")
      result.targetBus = try integer()
    } else {
      result.entity = try integer()
      try moreArguments(of: &result)
    }
    guard take(")") else { throw failure("A closing parenthesis is expected here.") }
    emit(.quantity(result), at: start)
  }

  /// A block, then a bus, where the quantity has them.
  private mutating func moreArguments(of result: inout FormulaVariable) throws(FormulaFailure) {
    guard take(",") else { return }
    let variable = result.variable
    if !isAt("bus") {
      guard !variable.isStageLevel || variable == .hydroEvaporation else {
        throw failure("\(variable.rawValue) has one value a stage and takes no block.")
      }
      result.block = try integer()
      guard take(",") else { return }
    }
    let start = position
    guard take("bus") else { throw failure("bus= is expected here.") }
    guard variable == .hydroTurbined || variable == .hydroGeneration else {
      throw failure("\(variable.rawValue) takes no bus.", at: start)
    }
    try expect("=")
    result.bus = try integer()
  }

  private mutating func expect(_ text: String) throws(FormulaFailure) {
    guard take(text) else { throw failure("\(text) is expected here.") }
  }

  private mutating func integer() throws(FormulaFailure) -> Int {
    let start = position
    guard let value = try number(), let id = Int32(exactly: value) else {
      throw failure("A whole number is expected here.", at: start)
    }
    return Int(id)
  }

  /// A number without sign, or nil if none begins here.
  private mutating func number() throws(FormulaFailure) -> Double? {
    let start = position
    var end = position
    func digits() -> Int {
      let first = end
      while end < bytes.count, bytes[end] >= 48, bytes[end] <= 57 { end += 1 }
      return end - first
    }
    var count = digits()
    if end < bytes.count, bytes[end] == UInt8(ascii: ".") {
      end += 1
      count += digits()
    }
    guard count > 0 else { return nil }
    let mantissa = end
    if end < bytes.count, bytes[end] | 32 == UInt8(ascii: "e") {
      end += 1
      if end < bytes.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
      if digits() == 0 { end = mantissa }
    }
    var text = String(decoding: bytes[start..<end], as: UTF8.self)
    // Swift wants digits on both sides of the point.
    if text.hasPrefix(".") { text = "0" + text }
    text = text.replacing(".e", with: ".0e").replacing(".E", with: ".0E")
    if text.hasSuffix(".") { text += "0" }
    guard let value = Double(text), value.isFinite else { throw failure("The number \(text.prefix(40)) overflows.") }
    position = end
    skipBlanks()
    return value
  }

  private mutating func identifier() -> String {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      let isLetter = (byte | 32) >= 97 && (byte | 32) <= 122 || byte == UInt8(ascii: "_")
      guard isLetter || position > start && byte >= 48 && byte <= 57 else { break }
      position += 1
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private func isAt(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func take(_ text: String, skippingBlanks: Bool = true) -> Bool {
    guard isAt(text) else { return false }
    position += text.utf8.count
    if skippingBlanks { skipBlanks() }
    return true
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [9, 10, 13, 32].contains(bytes[position]) { position += 1 }
  }

  private mutating func emit(_ step: Formula.Step, at column: Int) {
    steps.append(step)
    columns.append(column + 1)
  }

  private func failure(_ message: String, at column: Int? = nil) -> FormulaFailure {
    FormulaFailure(column: (column ?? position) + 1, message: message)
  }
}

extension GenericVariable {
  /// The quantity of a name in a formula.
  ///
  /// Some have two names.
  init?(formulaName name: String) {
    // Formulas are of Novomodelo, which has no batteries.
    guard !name.hasPrefix("battery_") else { return nil }
    self.init(rawValue: name == "hydro_storage_final" ? "hydro_storage" : name)
  }
}
