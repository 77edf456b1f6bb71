internal import CobreHiGHSShim
internal import CobreSimplex

/// Who solves linear programs: a library, or the project's own simplex.
package enum SolverLibrary: String, Sendable, Codable, CaseIterable {
  case clp
  case highs
  case simplex

  /// What `auto` comes to in this build on this processor.
  package static let preferred: SolverLibrary = built.contains(.simplex) ? .simplex : .clp

  /// Those of this build that this processor can run.
  package static var built: [SolverLibrary] {
    [.clp] + (cobre_highs_is_built() == 1 ? [.highs] : []) + (cobre_simplex_is_supported() == 1 ? [.simplex] : [])
  }
}

/// Which library a caller wants.
package enum RequestedSolver: String, Sendable, Codable, CaseIterable {
  /// Clp, which was the faster one on every case measured.
  case auto
  case clp
  case highs
  case simplex

  /// The library that this comes to.
  ///
  /// `auto` is the project's own simplex, which leaves larger programs to Clp by their size; Clp alone on processors without
  /// its instructions. HiGHS was slower on every system measured (`Documentation/Benchmarks.md`).
  ///
  /// - Parameter built: the libraries there are.
  /// - Returns: the library.
  /// - Throws: `LPError` where the one asked for is not among them.
  package func library(among built: [SolverLibrary] = SolverLibrary.built) throws(LPError) -> SolverLibrary {
    switch self {
    case .auto: return built.contains(.simplex) ? .simplex : .clp
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
