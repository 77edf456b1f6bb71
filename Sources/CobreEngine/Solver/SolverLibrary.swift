internal import CobreHiGHSShim
internal import CobreSimplex

/// Who solves linear programs: a library, or the project's own simplex.
package enum SolverLibrary: String, Sendable, Codable, CaseIterable {
  case clp
  case highs
  case simplex

  /// The library that `auto` selects in this build on this processor.
  package static let preferred = best(of: built)

  /// The library that `auto` selects among some.
  static func best(of built: [SolverLibrary]) -> SolverLibrary { built.contains(.simplex) ? .simplex : .clp }

  /// The libraries of this build that this processor can run.
  package static var built: [SolverLibrary] {
    [.clp] + (cobre_highs_is_built() == 1 ? [.highs] : []) + (cobre_simplex_is_supported() == 1 ? [.simplex] : [])
  }
}

/// Which library a caller wants.
package enum RequestedSolver: String, Sendable, Codable, CaseIterable {
  /// The own simplex where the processor can run it, else Clp.
  case auto
  case clp
  case highs
  case simplex

  /// The library that this choice selects.
  ///
  /// `auto` is the project's own simplex, with Clp where that fails. On processors without the instructions it
  /// needs, it is Clp alone. HiGHS was slower on every system measured (`Documentation/Benchmarks.md`).
  ///
  /// - Parameter built: the available libraries.
  /// - Returns: the library.
  /// - Throws: `LPError` if the chosen one is not among them.
  package func library(among built: [SolverLibrary] = SolverLibrary.built) throws(LPError) -> SolverLibrary {
    switch self {
    case .auto: return .best(of: built)
    case .clp: return .clp
    case .highs:
      guard built.contains(.highs) else { throw LPError(.notBuilt, detail: Self.absence) }
      return .highs
    case .simplex:
      guard built.contains(.simplex) else { throw LPError(.notBuilt, detail: Self.missingInstructions) }
      return .simplex
    }
  }

  /// Why HiGHS cannot be had, and how it can.
  package static let absence =
    "The solver HiGHS is not part of this build. Use \"clp\" or \"auto\", or build with COBRE_HIGHS=1 make build."

  /// Why the project's own simplex cannot be had.
  package static let missingInstructions =
    "The solver simplex needs a processor with AVX2 and FMA. Use \"clp\" or \"auto\"."
}
