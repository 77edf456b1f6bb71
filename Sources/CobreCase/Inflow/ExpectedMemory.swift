extension InflowProcess {
  /// The state after each stage of a path on which every noise is 0: the past inflows that the model expects, with the
  /// initial storages and other components.
  ///
  /// - Parameter path: positions of stages, one after the other, from the first.
  /// - Returns: one state of `layout.dimension` values for each of them.
  package func expectedStates(along path: [Int]) -> [[Double]] {
    var state = initialState
    return path.map { stage in
      var next = state
      for hydro in 0..<layout.hydros {
        let memory = layout.memory(hydro: hydro)
        guard !memory.isEmpty else { continue }
        let inflow = state.withUnsafeBufferPointer { buffer in
          buffer.baseAddress.map { incoming in
            self.inflow(
              stage: stage, hydro: hydro, innovation: innovation(stage: stage, hydro: hydro, noise: 0), state: incoming)
          } ?? 0
        }
        for (component, transition) in zip(memory, transitions(stage: stage, hydro: hydro)) {
          next[component] = transition.memory.reduce(transition.inflow * inflow) { sum, term in
            sum + term.factor * state[memory.lowerBound + term.component]
          }
        }
      }
      state = next
      return next
    }
  }
}
