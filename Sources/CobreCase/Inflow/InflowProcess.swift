/// The inflow of every plant as a linear recursion, a_t = b_t + Σ_ℓ ψ_ℓ · lag_ℓ + σ_t · η, in m³/s.
///
/// Periodic autoregressive model of Maceira and Damázio (2006), with the lags in the state of the stage LPs.
/// Stages may be shorter than the periods on which lags are counted. The memory then also holds the sum of the running
/// period.
package struct InflowProcess: Sendable, Equatable {
  /// How one component of the memory follows from the stage's inflow and the incoming memory:
  /// x = `inflow` · z + Σ factor · (incoming component of the same plant).
  package struct Transition: Sendable, Equatable {
    package var inflow: Double
    package var memory: [Term]

    /// A component of the plant's memory, 0 for lag 1, and its factor.
    package struct Term: Sendable, Equatable {
      package var component: Int
      package var factor: Double
    }
  }

  package let layout: StateLayout
  package let calendar: LagCalendar
  /// Whether inflows below 0 become 0 where the stage has a deviation.
  package let truncates: Bool
  /// Whether water balances count a negative inflow as 0 while lags keep the negative value.
  package let truncatesBalances: Bool
  /// State at the start of the study: storages, then past inflows.
  package let initialState: [Double]
  /// b and σ, `[stage * hydros + hydro]`.
  let bases: [Double]
  let deviations: [Double]
  /// ψ by lag, one list for each stage and hydro, `[stage * hydros + hydro]`, empty for order 0.
  let lagCoefficients: [[Double]]
  /// Outgoing memory, one list of components for each stage and hydro.
  let memoryTransitions: [[Transition]]

  private func index(_ stage: Int, _ hydro: Int) -> Int { stage * layout.hydros + hydro }

  /// Constant part b of the inflow in m³/s.
  package func base(stage: Int, hydro: Int) -> Double { bases[index(stage, hydro)] }
  /// Deviation σ of the noise in m³/s.
  package func deviation(stage: Int, hydro: Int) -> Double { deviations[index(stage, hydro)] }
  /// Coefficients ψ of the lags in original units, lag 1 first, empty if lags have no effect.
  package func coefficients(stage: Int, hydro: Int) -> [Double] { lagCoefficients[index(stage, hydro)] }
  /// How the memory of a plant changes after a stage, empty if it has none.
  package func transitions(stage: Int, hydro: Int) -> [Transition] { memoryTransitions[index(stage, hydro)] }

  /// What an inflow is without its lags, b + σ · η in m³/s.
  ///
  /// Truncated at 0 already where there are no lags to wait for.
  package func innovation(stage: Int, hydro: Int, noise: Double) -> Double {
    let index = index(stage, hydro)
    guard deviations[index] > 0 else { return bases[index] }
    let value = bases[index] + deviations[index] * noise
    return truncates && lagCoefficients[index].isEmpty ? max(0, value) : value
  }

  /// The inflow of a stage in m³/s.
  ///
  /// - Parameters:
  ///   - stage: position of the stage.
  ///   - hydro: index of the plant.
  ///   - innovation: what `innovation` gives.
  ///   - state: incoming state, `layout.dimension` values.
  /// - Returns: the inflow, truncated at 0 where the case asks for it.
  package func inflow(stage: Int, hydro: Int, innovation: Double, state: UnsafePointer<Double>) -> Double {
    let index = index(stage, hydro)
    var value = innovation
    for (position, coefficient) in lagCoefficients[index].enumerated() {
      value += coefficient * state[layout.lag(position + 1, hydro: hydro)]
    }
    return isTruncated(stage: stage, hydro: hydro) ? max(0, value) : value
  }

  /// Whether the inflow of a plant is truncated at 0 after its lags are known.
  package func isTruncated(stage: Int, hydro: Int) -> Bool {
    let index = index(stage, hydro)
    return truncates && deviations[index] > 0 && !lagCoefficients[index].isEmpty
  }

  /// Whether cuts and vertices do not bound the cost of any policy.
  ///
  /// They are affine in the lags, while an inflow truncated at 0 is not. So the resulting bounds may be on either side
  /// of the true cost (Larroyd, Pedrini, Beltrán, Teixeira and Finardi 2022).
  package var hasHeuristicBounds: Bool {
    guard truncates || truncatesBalances else { return false }
    return lagCoefficients.indices.contains { lagCoefficients[$0].contains { $0 != 0 } && deviations[$0] > 0 }
  }
}
