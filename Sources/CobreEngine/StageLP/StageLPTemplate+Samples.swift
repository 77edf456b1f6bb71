extension StageLPTemplate {
  /// How realised values move bounds, for noise that is not an opening.
  package struct SampleTerms: Sendable, Equatable {
    /// A realised value times a coefficient, added at a position among the noise rows (or set, among the noise
    /// columns).
    package struct Term: Sendable, Equatable {
      package var position: Int
      /// Index of the hydro, bus or source.
      package var entity: Int
      package var coefficient: Double
    }

    package var inflows: [Term] = []
    package var loads: [Term] = []
    /// Available power in rows, and as upper bound of columns.
    package var availabilities: [Term] = []
    package var uppers: [Term] = []
  }

  /// Finds the terms of an LP that noise enters only through its noise rows and columns.
  func sampleTerms(of program: StageLPBuilder, columnPosition: [Int]) -> SampleTerms {
    let rows = Dictionary(uniqueKeysWithValues: noiseRows.enumerated().map { ($1, $0) })
    let columns = Dictionary(uniqueKeysWithValues: noiseColumns.enumerated().map { ($1, $0) })
    func terms(_ terms: [StageLPBuilder.NoiseTerm]) -> [SampleTerms.Term] {
      terms.compactMap { term in
        rows[term.row].map { .init(position: $0, entity: term.entity, coefficient: term.coefficient) }
      }
    }
    return SampleTerms(
      inflows: terms(program.inflowTerms), loads: terms(program.loadTerms),
      availabilities: terms(program.sourceTerms),
      uppers: program.sourceColumns.compactMap { entry in
        columns[columnPosition[entry.column]].map {
          .init(position: $0, entity: entry.source, coefficient: entry.factor)
        }
      })
  }
}
