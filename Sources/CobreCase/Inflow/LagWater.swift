/// How much water a unit of a plant's inflow memory brings or takes later on, without regard to sign.
///
/// With a finite horizon the recursion is followed to the last stage. In a cycle it never ends: laps are followed until
/// a unit of memory, discounted, has shrunk, and a geometric sum bounds all later laps.
package struct LagWater {
  /// Laps within which the memory has to shrink.
  private static let longestFade = 64
  /// Volume in hm³ of 1 m³/s during one hour.
  private static let volumePerFlowHour = 0.0036

  private let study: StudyCase
  private let process: InflowProcess
  private let cycleStart: Int?
  /// hm³ per unit of each component of a plant's memory at the start of the cycle, empty with a finite horizon.
  private var cycleVolumes: [[Double]] = []
  /// Whether the memory of every plant has a bounded effect.
  package private(set) var fades = true

  package init(study: StudyCase, process: InflowProcess) {
    self.study = study
    self.process = process
    cycleStart = study.graph.cycleStart(stages: study.stages.count)
    guard let cycleStart else { return }
    for hydro in study.hydros.indices {
      guard let volumes = endlessVolumes(from: cycleStart, hydro: hydro) else {
        fades = false
        return
      }
      cycleVolumes.append(volumes)
    }
  }

  /// hm³ by which a unit of a component after a stage moves the plant's inflows later on.
  ///
  /// - Parameters:
  ///   - stage: by index.
  ///   - hydro: by index.
  ///   - component: a state component of the plant's memory.
  /// - Returns: hm³ per unit, at least 0.
  package func volume(after stage: Int, hydro: Int, component: Int) -> Double {
    var run = Run(memory: process.layout.memory(hydro: hydro).map { $0 == component ? 1.0 : 0 })
    follow(&run, stages: (stage + 1)..<max(stage + 1, study.stages.count), hydro: hydro)
    guard cycleVolumes.indices.contains(hydro) else { return run.volume }
    return run.volume + zip(run.memory, cycleVolumes[hydro]).reduce(0) { $0 + abs($1.0) * $1.1 }
  }

  /// A memory on its way through the stages.
  private struct Run {
    var memory: [Double]
    /// hm³ so far.
    var volume = 0.0
  }

  /// Follows a memory through stages.
  ///
  /// Within a lap, and with a finite horizon, there is no discounting, which only makes bounds larger.
  private func follow(_ run: inout Run, stages: Range<Int>, hydro: Int) {
    let count = run.memory.count
    for stage in stages {
      var inflow = 0.0
      for (lag, coefficient) in process.coefficients(stage: stage, hydro: hydro).enumerated() where lag < count {
        inflow += coefficient * run.memory[lag]
      }
      run.volume += Self.volumePerFlowHour * study.stages[stage].hours * abs(inflow)
      let transitions = process.transitions(stage: stage, hydro: hydro)
      guard transitions.count == count else { return }
      let before = run.memory
      for (component, transition) in transitions.enumerated() {
        run.memory[component] = transition.memory.reduce(transition.inflow * inflow) {
          $0 + $1.factor * before[$1.component]
        }
      }
    }
  }

  /// hm³ per unit of each component at the start of the cycle, over all laps, or nil if that is not bounded.
  ///
  /// With V the volumes, U those of the first n laps and A the memory after them by the memory before, discounted:
  /// V ≤ U + |A|ᵀ·V. So max V ≤ max U / (1 − q) once the largest column sum q of |A| is below 1, and V ≤ U + q·max V.
  private func endlessVolumes(from start: Int, hydro: Int) -> [Double]? {
    let count = process.layout.memory(hydro: hydro).count
    guard count > 0 else { return [] }
    let stages = start..<study.stages.count
    let discount = stages.reduce(1) { $0 * study.discountFactor(stage: $1) }
    var runs = (0..<count).map { unit in Run(memory: (0..<count).map { $0 == unit ? 1 : 0 }) }
    for _ in 0..<Self.longestFade {
      for unit in runs.indices {
        follow(&runs[unit], stages: stages, hydro: hydro)
        for component in 0..<count { runs[unit].memory[component] *= discount }
      }
      let columnSums = runs.map { $0.memory.reduce(0) { $0 + abs($1) } }
      let q = columnSums.max() ?? 0
      guard q < 0.5 else { continue }
      let largest = (runs.map(\.volume).max() ?? 0) / (1 - q)
      return zip(runs, columnSums).map { $0.volume + $1 * largest }
    }
    return nil
  }
}
