internal import CobreCase
internal import CobreEngine
internal import CobreTestSupport
internal import Foundation
internal import Testing

/// The project's own simplex against Clp on random programs that are solved again with other bounds and more rows.
///
/// `COBRE_FUZZ_PROGRAMS` sets the number of solves, as `make fuzz` does.
@Suite(.enabled(if: SolverLibrary.built.contains(.simplex), "this processor lacks AVX2"))
struct SimplexFuzzTests {
  private static var solves: Int {
    Int(ProcessInfo.processInfo.environment["COBRE_FUZZ_PROGRAMS"] ?? "") ?? 10_000
  }

  @Test(arguments: [SimplexSolver.denseRows, 0]) func agreesWithClp(denseRows: Int) throws {
    var solves = 0
    var optima = 0
    var compared = 0
    var ambiguous = 0
    var fallbacks = 0
    var seed: UInt64 = 1
    while solves < Self.solves {
      var random = TestRandom(seed: seed, label: "simplex")
      let program = RandomProgram(random: &random)
      let storage = LPModelStorage(program.model)
      var own = try SimplexSolver(denseRows: denseRows)
      var clp = try ClpSolver()
      try own.load(storage.view)
      try clp.load(storage.view)
      var rows = program.rows
      for round in 0..<8 {
        if round > 0, random.unit() < 0.7 {
          Self.shift(program.model, rows.count, &own, &clp, &random)
        } else if round > 0 {
          let row = RandomProgram.row(columns: program.model.columnCount, random: &random)
          let level = row.reduce(0) { $0 + $1.value * own.columnValues[$1.column] } + random.number(-1, 2)
          try Self.append(row, above: level, to: &own)
          try Self.append(row, above: level, to: &clp)
          rows.append(row)
        }
        let mine = Self.outcome(&own)
        let other = Self.outcome(&clp)
        solves += 1
        guard mine == nil else {
          // Where Clp finds an answer, so does the ladder, which ends at Clp.
          #expect(other == mine || other == .notSolved, "seed \(seed), round \(round): \(mine!) \(other as Any)")
          break
        }
        optima += 1
        let point = Certificate(program.model, rows, own)
        #expect(point.holds, "seed \(seed), round \(round)")
        // Where Clp finds no basis, the certificate is the only judge. Clp from a basis of its own sometimes says that
        // there is no solution. A point that is exact refutes it.
        guard other == nil else {
          #expect(other == .notSolved || point.isExact, "seed \(seed), round \(round)")
          continue
        }
        compared += 1
        let reference = Certificate(program.model, rows, clp)
        let difference = abs(point.primal - reference.primal) / max(point.scale, reference.scale)
        // An optimum that Clp's own tolerance leaves open: the certificate that is exact decides.
        #expect(difference <= 1e-9 || point.isExact, "seed \(seed), round \(round)")
        ambiguous += difference <= 1e-9 ? 0 : 1
      }
      fallbacks += own.fallbacks
      seed += 1
    }
    #expect(optima > solves / 2 && compared > optima * 49 / 50)
    #expect(ambiguous <= solves / 1000)
    // Nearly all optima are found without Clp. Programs without one always go there.
    #expect(fallbacks - (solves - optima) <= solves / 100)
  }

  /// Why there is no optimum, or nil if there is one.
  private static func outcome(_ solver: inout some LPSolver & ~Copyable) -> LPError.Code? {
    do {
      try solver.solve(.changed)
      return nil
    } catch { return error.code }
  }

  private static func append(
    _ row: [RandomProgram.Term], above level: Double, to solver: inout some LPSolver & ~Copyable
  ) throws {
    try [level].withUnsafeBufferPointer { lower in
      try [Double.infinity].withUnsafeBufferPointer { upper in
        try solver.addRows(
          lower: lower, upper: upper, starts: [0, Int32(row.count)], columns: row.map { Int32($0.column) },
          values: row.map(\.value))
      }
    }
  }

  /// Moves a few bounds of both by the same.
  private static func shift(
    _ model: LPModel, _ rows: Int, _ own: inout SimplexSolver, _ clp: inout ClpSolver, _ random: inout TestRandom
  ) {
    for _ in 0..<2 {
      let row = random.integer(0...rows - 1)
      let shift = random.number(-3, 3)
      own.rowLower[row] += shift
      own.rowUpper[row] += shift
      clp.rowLower[row] = own.rowLower[row]
      clp.rowUpper[row] = own.rowUpper[row]
      let column = random.integer(0...model.columnCount - 1)
      guard model.columnUpper[column] < 1e30 else { continue }
      let upper = max(0, model.columnLower[column]) + random.number(0, 9)
      own.columnUpper[column] = upper
      clp.columnUpper[column] = upper
    }
  }
}

/// A small program with rows and columns of every kind, most often with a solution.
struct RandomProgram {
  typealias Term = (column: Int, value: Double)
  let model: LPModel
  let rows: [[Term]]

  init(random: inout TestRandom) {
    let columns = random.integer(1...16)
    let count = random.integer(1...10)
    var model = LPModel()
    var inside: [Double] = []
    var lower: [Double] = []
    var upper: [Double] = []
    var objective: [Double] = []
    for _ in 0..<columns {
      let kind = random.integer(0...7)
      let low = kind == 1 ? random.number(-5, 5) : 0
      let high = kind == 2 ? low : low + random.number(1, 20)
      lower.append(kind == 3 ? -.infinity : low)
      upper.append(kind < 5 && kind != 3 ? high : .infinity)
      inside.append(random.integer(0...2) == 0 ? low : low + (high - low) * random.unit())
      objective.append(kind == 3 ? 0 : Double(random.integer(0...3)) * random.number(0, 9))
    }
    var rows: [[Term]] = []
    var rowLower: [Double] = []
    var rowUpper: [Double] = []
    for _ in 0..<count {
      // Every tenth row is parallel to the one before it.
      let row = random.integer(0...9) == 0 ? rows.last ?? [] : Self.row(columns: columns, random: &random)
      let level = row.reduce(0) { $0 + $1.value * inside[$1.column] }
      let kind = random.integer(0...4)
      rowLower.append(kind == 1 ? -.infinity : kind == 0 ? level : level - random.number(0, 3))
      rowUpper.append(kind == 2 ? .infinity : kind == 0 ? level : level + random.number(0, 3))
      rows.append(row)
    }
    var entries: [(row: Int, column: Int, value: Double)] = []
    for (index, row) in rows.enumerated() { for term in row { entries.append((index, term.column, term.value)) } }
    model = LPModel(
      columnLower: lower, columnUpper: upper, objective: objective, rowLower: rowLower, rowUpper: rowUpper,
      entries: entries)
    self.model = model
    self.rows = rows
  }

  static func row(columns: Int, random: inout TestRandom) -> [Term] {
    let style = random.integer(0...2)
    var row: [Term] = []
    for column in 0..<columns where random.integer(0...2) == 0 {
      let value = style == 0 ? 1 : style == 1 ? Double(random.integer(1...4)) : random.number(-4, 4) * 100
      if value != 0 { row.append((column, value)) }
    }
    return row
  }
}

/// What a solution proves about its program: both objectives and how far point and duals miss their bounds.
private struct Certificate {
  var primal = 0.0
  var dual = 0.0
  var scale = 1.0
  var primalViolation = 0.0
  var dualViolation = 0.0

  var holds: Bool { isWithin(2e-9) && abs(primal - dual) <= 1e-9 * scale }
  var isExact: Bool { isWithin(1e-11) && abs(primal - dual) <= 1e-11 * scale }

  private func isWithin(_ tolerance: Double) -> Bool {
    primalViolation <= tolerance && dualViolation <= tolerance
  }

  init(_ model: LPModel, _ rows: [[RandomProgram.Term]], _ solver: borrowing some LPSolver & ~Copyable) {
    var reduced = model.objective
    for (index, row) in rows.enumerated() {
      var activity = 0.0
      for term in row {
        reduced[term.column] -= solver.rowDuals[index] * term.value
        activity += term.value * solver.columnValues[term.column]
      }
      weigh(solver.rowDuals[index], activity, solver.rowLower[index], solver.rowUpper[index])
    }
    for column in 0..<model.columnCount {
      let value = solver.columnValues[column]
      primal += model.objective[column] * value
      scale += abs(model.objective[column] * value)
      weigh(reduced[column], value, solver.columnLower[column], solver.columnUpper[column])
    }
  }

  private mutating func weigh(_ price: Double, _ value: Double, _ lower: Double, _ upper: Double) {
    primalViolation = max(primalViolation, max(lower - value, value - upper) / max(1, abs(value) * 1e-3))
    guard price != 0 else { return }
    let bound = price > 0 ? lower : upper
    if abs(bound) < 1e30 {
      dual += price * bound
      scale += abs(price * bound)
    } else {
      dualViolation = max(dualViolation, abs(price))
    }
  }
}
