/// The solver of the library that a run has chosen.
///
/// It costs one branch per call, which is negligible next to a solve.
package enum ChosenSolver: LPSolver, ~Copyable {
  case clp(ClpSolver)
  case highs(HiGHSSolver)
  case simplex(SimplexSolver)

  package init(_ library: SolverLibrary) throws(LPError) {
    switch library {
    case .clp: self = .clp(try ClpSolver())
    case .highs: self = .highs(try HiGHSSolver())
    case .simplex: self = .simplex(try SimplexSolver())
    }
  }

  package mutating func load(_ model: LPModelView) throws(LPError) {
    switch consume self {
    case .clp(var solver):
      do { try solver.load(model) } catch {
        self = .clp(solver)
        throw error
      }
      self = .clp(solver)
    case .highs(var solver):
      do { try solver.load(model) } catch {
        self = .highs(solver)
        throw error
      }
      self = .highs(solver)
    case .simplex(var solver):
      do { try solver.load(model) } catch {
        self = .simplex(solver)
        throw error
      }
      self = .simplex(solver)
    }
  }

  package mutating func addRows(
    lower: UnsafeBufferPointer<Double>, upper: UnsafeBufferPointer<Double>, starts: UnsafePointer<Int32>,
    columns: UnsafePointer<Int32>, values: UnsafePointer<Double>
  ) throws(LPError) {
    switch consume self {
    case .clp(var solver):
      do { try solver.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values) } catch {
        self = .clp(solver)
        throw error
      }
      self = .clp(solver)
    case .highs(var solver):
      do { try solver.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values) } catch {
        self = .highs(solver)
        throw error
      }
      self = .highs(solver)
    case .simplex(var solver):
      do { try solver.addRows(lower: lower, upper: upper, starts: starts, columns: columns, values: values) } catch {
        self = .simplex(solver)
        throw error
      }
      self = .simplex(solver)
    }
  }

  package mutating func unload() {
    switch consume self {
    case .clp(var solver):
      solver.unload()
      self = .clp(solver)
    case .highs(var solver):
      solver.unload()
      self = .highs(solver)
    case .simplex(var solver):
      solver.unload()
      self = .simplex(solver)
    }
  }

  package mutating func setBasis(_ status: UnsafePointer<UInt8>) {
    switch consume self {
    case .clp(var solver):
      solver.setBasis(status)
      self = .clp(solver)
    case .highs(var solver):
      solver.setBasis(status)
      self = .highs(solver)
    case .simplex(var solver):
      solver.setBasis(status)
      self = .simplex(solver)
    }
  }

  package mutating func solve(_ start: LPStart) throws(LPError) {
    switch consume self {
    case .clp(var solver):
      do { try solver.solve(start) } catch {
        self = .clp(solver)
        throw error
      }
      self = .clp(solver)
    case .highs(var solver):
      do { try solver.solve(start) } catch {
        self = .highs(solver)
        throw error
      }
      self = .highs(solver)
    case .simplex(var solver):
      do { try solver.solve(start) } catch {
        self = .simplex(solver)
        throw error
      }
      self = .simplex(solver)
    }
  }
}

extension ChosenSolver {
  package var basis: UnsafePointer<UInt8> {
    switch self {
    case .clp(let solver): solver.basis
    case .highs(let solver): solver.basis
    case .simplex(let solver): solver.basis
    }
  }
  package var arrays: LPArrays {
    switch self {
    case .clp(let solver): solver.arrays
    case .highs(let solver): solver.arrays
    case .simplex(let solver): solver.arrays
    }
  }
  package var dualityGap: Double {
    switch self {
    case .clp(let solver): solver.dualityGap
    case .highs(let solver): solver.dualityGap
    case .simplex(let solver): solver.dualityGap
    }
  }
  package var ladder: RetryLadder {
    get {
      switch self {
      case .clp(let solver): solver.ladder
      case .highs(let solver): solver.ladder
      case .simplex(let solver): solver.ladder
      }
    }
    set {
      switch consume self {
      case .clp(var solver):
        solver.ladder = newValue
        self = .clp(solver)
      case .highs(var solver):
        solver.ladder = newValue
        self = .highs(solver)
      case .simplex(var solver):
        solver.ladder = newValue
        self = .simplex(solver)
      }
    }
  }

  package func writeMPS(to path: String) -> Bool {
    switch self {
    case .clp(let solver): solver.writeMPS(to: path)
    case .highs(let solver): solver.writeMPS(to: path)
    case .simplex(let solver): solver.writeMPS(to: path)
    }
  }
}
