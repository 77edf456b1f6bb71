/// Points at which the cost after a stage is known from above.
package struct InnerVertices: Sendable, Equatable {
  /// `[vertex * dimension + component]`.
  package var states: [Double]
  /// $ per vertex, at least the cost there.
  package var values: [Double]
  /// $ per unit of each component beyond which the cost cannot change.
  package var slopes: [Double]

  package init(states: [Double], values: [Double], slopes: [Double]) {
    self.states = states
    self.values = values
    self.slopes = slopes
  }
}

extension StageLPTemplate {
  /// The LP with an upper approximation of the future instead of the cuts (Mathematics.md 4.6).
  ///
  /// The future costs Σ λ·value + Σ slope·(y⁺ + y⁻) with Σ λ·state + y⁺ − y⁻ = outgoing state, Σ λ = 1: the lowest
  /// convex function through the vertices that changes no faster than the slopes (Philpott, de Matos, Finardi 2013). It
  /// is solved without a pool.
  package func inner(_ vertices: InnerVertices) -> StageLPTemplate {
    var template = self
    let old = model
    let states = stateDimension
    let count = vertices.values.count
    let columns = old.columnCount
    var entries: [(row: Int, column: Int, value: Double)] = []
    for column in 0..<columns {
      for index in Int(old.starts[column])..<Int(old.starts[column + 1]) {
        entries.append((Int(old.rowIndices[index]), column, old.values[index]))
      }
    }
    var objective = old.objective
    var lower = old.columnLower
    var upper = old.columnUpper
    for column in futureCostColumn..<columns {
      objective[column] = 0
      lower[column] = 0
      upper[column] = 0
    }
    let first = old.rowCount
    for component in 0..<states {
      entries.append((first + component, firstStateColumn + component, 1))
      entries.append((first + component, columns + count + 2 * component, -1))
      entries.append((first + component, columns + count + 2 * component + 1, 1))
    }
    for vertex in 0..<count {
      entries.append((first + states, columns + vertex, 1))
      for component in 0..<states where vertices.states[vertex * states + component] != 0 {
        entries.append((first + component, columns + vertex, -vertices.states[vertex * states + component]))
      }
    }
    objective += vertices.values.map { discountFactor * $0 * Self.objectiveScale }
    for component in 0..<states {
      let slope = discountFactor * vertices.slopes[component] * Self.objectiveScale
      objective += [slope, slope]
    }
    let added = count + 2 * states
    template.model = LPModel(
      columnLower: lower + [Double](repeating: 0, count: added),
      columnUpper: upper + [Double](repeating: .infinity, count: added), objective: objective,
      rowLower: old.rowLower + [Double](repeating: 0, count: states) + [1],
      rowUpper: old.rowUpper + [Double](repeating: 0, count: states) + [1], entries: entries)
    template.lazyRows = LazyRows(none: template.model.rowCount)
    // The future is the sum over all columns behind the states.
    template.futureCount = futureCount + added
    return template
  }
}
