internal import CobreCase

extension StageLPBuilder {
  /// Enters past inflows into the balances, and adds a row for each outgoing component of the inflow memory.
  ///
  /// The inflow z = b + Σ ψ · lag + σ · η is a function of the incoming state and of the noise, so it needs no column:
  /// it is part of the right-hand sides. An outgoing component λ · z + Σ A · (incoming memory) is a column with its own
  /// row. The dual of that row carries the slopes of the cuts in lags back in time.
  mutating func addInflowMemory(_ process: InflowProcess, stage: Int) {
    let layout = process.layout
    guard layout.hasLags else { return }
    coupleLags(process, stage: stage, from: 0)
    for hydro in 0..<layout.hydros {
      let coefficients = process.coefficients(stage: stage, hydro: hydro)
      let memory = layout.memory(hydro: hydro)
      for (component, transition) in zip(memory, process.transitions(stage: stage, hydro: hydro)) {
        stateLower[component] = -.infinity
        let row = addRow(lower: 0, upper: 0)
        memoryRows.append(row)
        add(1, row: row, state: component)
        var factors: [Int: Double] = [:]
        for term in transition.memory { factors[memory.lowerBound + term.component, default: 0] += term.factor }
        for (position, coefficient) in coefficients.enumerated() where transition.inflow != 0 {
          factors[memory.lowerBound + position, default: 0] += transition.inflow * coefficient
        }
        for (source, factor) in factors.sorted(by: { $0.key < $1.key }) where factor != 0 {
          couple(row: row, component: source, coefficient: factor)
        }
        guard transition.inflow != 0 else { continue }
        inflowTerms.append(NoiseTerm(row: row, entity: hydro, coefficient: transition.inflow))
      }
    }
  }

  /// Enters past inflows into the rows of inflow terms.
  ///
  /// - Parameters:
  ///   - process: where the coefficients of the lags come from.
  ///   - stage: position of the stage.
  ///   - first: first term to couple.
  mutating func coupleLags(_ process: InflowProcess, stage: Int, from first: Int) {
    for term in inflowTerms.dropFirst(first) {
      for (position, coefficient) in process.coefficients(stage: stage, hydro: term.entity)
        .enumerated()
      where coefficient != 0 {
        couple(
          row: term.row, component: process.layout.lag(position + 1, hydro: term.entity),
          coefficient: term.coefficient * coefficient)
      }
    }
  }

  /// The inflows that may be negative, which balances and generic constraints then raise to 0.
  ///
  /// Lags keep them unchanged.
  ///
  /// - Parameters:
  ///   - process: where lags come from.
  ///   - stage: position of the stage.
  ///   - openings: the openings of the stage.
  ///   - layout: in its final order.
  ///   - isPriced: whether the water that is missing is bought as virtual inflow.
  ///   - takesSamples: whether noise other than the openings will be used.
  /// - Returns: one entry for each such inflow.
  func raisedInflows(
    _ process: InflowProcess, stage: Int, openings: StageOpenings, layout: StageLPLayout, isPriced: Bool,
    takesSamples: Bool
  ) -> [StageLPTemplate.InflowTruncation] {
    let memory = Set(memoryRows)
    return (0..<process.layout.hydros).compactMap { hydro in
      let innovations = (0..<openings.count).map {
        openings.inflows[$0 * process.layout.hydros + hydro]
      }
      let lags = process.coefficients(stage: stage, hydro: hydro)
      guard takesSamples || !lags.isEmpty || innovations.contains(where: { $0 < 0 }) else {
        return nil
      }
      let rows = inflowTerms.filter { $0.entity == hydro && !memory.contains($0.row) }
      return StageLPTemplate.InflowTruncation(
        hydro: hydro, innovations: innovations,
        lags: lags.enumerated().map { (process.layout.lag($0 + 1, hydro: hydro), $1) },
        rows: isPriced ? [] : rows.map { ($0.row, $0.coefficient) },
        column: isPriced ? layout.virtualInflow[hydro] : nil)
    }
  }

  /// The inflows that lags and noise together may make negative where the case cuts them off at 0.
  func truncations(_ process: InflowProcess, stage: Int, openings: StageOpenings) -> [StageLPTemplate.InflowTruncation]
  {
    (0..<process.layout.hydros).filter { process.isTruncated(stage: stage, hydro: $0) }.map { hydro in
      StageLPTemplate.InflowTruncation(
        hydro: hydro,
        innovations: (0..<openings.count).map { openings.inflows[$0 * process.layout.hydros + hydro] },
        lags: process.coefficients(stage: stage, hydro: hydro).enumerated().map {
          (process.layout.lag($0 + 1, hydro: hydro), $1)
        },
        rows: inflowTerms.filter { $0.entity == hydro }.map { ($0.row, $0.coefficient) })
    }
  }
}
