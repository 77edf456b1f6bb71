/// Finds the noise that makes the inflow model give known inflows, stage by stage: η = (x − b − Σ ψ · lag)/σ.
///
/// Lags are the known inflows themselves. Before the first stage they come from the initial memory.
package struct InflowInversion {
  private let process: InflowProcess
  /// Storages, which do not matter here, then the inflow memory.
  private(set) var state: [Double]

  /// Starts with the past inflows of the case.
  package init(process: InflowProcess) {
    self.init(process: process, state: process.initialState)
  }

  /// Starts with the inflow memory of a state.
  package init(process: InflowProcess, state: [Double]) {
    self.process = process
    self.state = state
  }

  /// Noise of all plants in the next stage, 0 if the stage has no deviation.
  ///
  /// - Parameters:
  ///   - stage: stages must be given in order.
  ///   - inflow: known inflow in m³/s by plant.
  /// - Returns: one number per plant.
  package mutating func noise(stage: Int, inflow: (Int) -> Double) -> [Double] {
    let layout = process.layout
    return (0..<layout.hydros).map { hydro in
      let known = inflow(hydro)
      var expected = process.base(stage: stage, hydro: hydro)
      for (position, coefficient) in process.coefficients(stage: stage, hydro: hydro).enumerated() {
        expected += coefficient * state[layout.lag(position + 1, hydro: hydro)]
      }
      let memory = layout.memory(hydro: hydro)
      let next = process.transitions(stage: stage, hydro: hydro).map { transition in
        transition.memory.reduce(transition.inflow * known) {
          $0 + $1.factor * state[memory.lowerBound + $1.component]
        }
      }
      for (component, value) in zip(memory, next) { state[component] = value }
      let deviation = process.deviation(stage: stage, hydro: hydro)
      return deviation > 0 ? (known - expected) / deviation : 0
    }
  }
}
