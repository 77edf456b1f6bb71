internal import CobreCase
internal import CobreEngine
internal import Foundation

/// The machines of a plant at one bus.
struct NodeCell {
  var bus: Int
  var groups: [Int]
  /// Share of the declared turbined flow of the plant.
  var share: Double
  /// By block.
  var turbined: [LinearExpression]
  var generation: [LinearExpression]

  static func all(of hydro: Hydro, blocks: Int) -> [NodeCell] {
    let none = [LinearExpression](repeating: LinearExpression(), count: blocks)
    guard !hydro.groups.isEmpty else {
      return [NodeCell(bus: hydro.bus, groups: [], share: 1, turbined: none, generation: none)]
    }
    let all = hydro.groups.reduce(0) { $0 + $1.limits.maxTurbined }
    return Dictionary(grouping: hydro.groups.indices) { hydro.groups[$0].bus }.sorted { $0.key < $1.key }.map {
      let own = $0.value.reduce(0) { $0 + hydro.groups[$1].limits.maxTurbined }
      return NodeCell(bus: $0.key, groups: $0.value, share: own / all, turbined: none, generation: none)
    }
  }
}

// What is decided or released in one stage and felt in a later one. Written by the windows in time themselves.
extension NodeProblem {
  /// Hours from the start of the study to the start of a stage, or of a period after it.
  private func start(_ position: Int) -> Double { NodeProblem.start(study, position) }

  private static func start(_ study: StudyCase, _ position: Int) -> Double {
    let hours = study.stages.map { $0.blocks.reduce(0) { $0 + $1.hours } } + study.postStudyStages.map(\.hours)
    return hours.prefix(position).reduce(0, +)
  }

  /// The stage that decides a delivery.
  ///
  /// Negative for the past.
  private static func decider(_ study: StudyCase, _ n: Int, _ delivery: Int) -> Int {
    switch study.thermals[n].anticipation {
    case nil: return delivery
    case .stages(let lead): return delivery - lead
    case .hours(let lead):
      let instant = start(study, delivery + 1) - lead
      // The last stage that begins before the instant.
      return (0...delivery).last { start(study, $0) < instant } ?? -1
    }
  }

  static func pastCommitments(_ study: StudyCase) -> [[Int: LinearExpression]] {
    study.thermals.indices.map { n in
      var values: [Int: LinearExpression] = [:]
      for delivery in study.stages.indices where decider(study, n, delivery) < 0 {
        let day = study.stages[delivery].start
        let window = study.initialConditions.pastCommitments.first {
          $0.thermal == n && $0.start <= day && $0.end > day
        }
        values[delivery] = LinearExpression(constant: window?.power ?? 0)
      }
      return values
    }
  }

  /// Whether the generation of this stage was decided before it.
  func isCommitted(_ n: Int) -> Bool { NodeProblem.decider(study, n, t) < t }

  /// Decisions of this stage, and the delivery of earlier ones.
  mutating func addCommitments(_ program: inout SparseProgram) {
    for n in study.thermals.indices {
      decisions.append([])
      guard study.thermals[n].anticipation != nil else { continue }
      if isCommitted(n), study.thermals[n].service.contains(t) {
        var row = stageHours * (commitments[n][t] ?? LinearExpression())
        for k in blocks { if let column = thermal[n][k] { row.add(-hours(k), column) } }
        program.addRow(0, 0, row)
      }
      for delivery in (t + 1)..<max(t + 1, study.stages.count + study.postStudyStages.count)
      where NodeProblem.decider(study, n, delivery) == t {
        let isLater = delivery >= study.stages.count
        let after = study.postStudyLimits.first { $0.thermal == n && $0.stage == delivery - study.stages.count }
        guard
          let limit = isLater
            ? after?.limits : study.thermalLimits[delivery * study.thermals.count + n]
        else { continue }
        let exists = isLater || study.thermals[n].service.contains(delivery)
        var price = limit.cost * (start(delivery + 1) - start(delivery))
        for between in t..<delivery {
          price *=
            between < study.stages.count
            ? ScenarioTree.discount(study, stage: between)
            : pow(
              1 + study.graph.annualDiscountRate,
              -study.postStudyStages[between - study.stages.count].hours / 24 / 365.25)
        }
        let decided = column(
          &program, exists ? limit.minGeneration : 0, exists ? limit.maxGeneration : 0, cost: price)
        decisions[n].append(decided)
        commitments[n][delivery] = LinearExpression(column: decided)
      }
    }
  }

  /// Part of a window in time that is in another.
  private func part(_ a: Double, _ b: Double, in c: Double, _ d: Double) -> Double {
    max(0, min(b, d) - max(a, c)) / (b - a)
  }

  /// Begin and end of what a block releases or takes: the block itself, or the stage where blocks are parallel.
  private func window(_ stage: Int, _ block: Int) -> (Double, Double) {
    guard study.stages[stage].blockMode == .chronological else { return (start(stage), start(stage + 1)) }
    let begin = start(stage) + study.stages[stage].blocks.prefix(block).reduce(0) { $0 + $1.hours }
    return (begin, begin + study.stages[stage].blocks[block].hours)
  }

  /// m³/s that reach a plant in a block by itself and after their travel: of parallel blocks each gets an even share of
  /// what earlier stages released, and what its own releases bring.
  func arrivingFlow(at target: Int, block k: Int) -> LinearExpression {
    var flow = LinearExpression(constant: node.inflows[target])
    guard study.stages[t].blockMode != .chronological else {
      flow += (1 / (0.0036 * study.stages[t].blocks[k].hours)) * arrival(at: target, block: k)
      return flow
    }
    let hours = study.stages[t].blocks.reduce(0) { $0 + $1.hours }
    flow += (1 / (0.0036 * hours)) * arrival(at: target, block: nil)
    for (i, plant) in study.hydros.enumerated() where plant.downstream == target {
      guard let delay = plant.travelTime, delay > 0, let flows = releases[t] else { continue }
      let share = part(start(t) + delay, start(t + 1) + delay, in: start(t), start(t + 1))
      for (j, block) in study.stages[t].blocks.enumerated() { flow -= (share * block.hours / hours) * flows[i][j] }
      flow += share * flows[i][k]
    }
    return flow
  }

  /// hm³ that reach a plant in this stage, or in one of its chronological blocks, from plants with a travel time.
  func arrival(at target: Int, block: Int?) -> LinearExpression {
    var volume = LinearExpression()
    let here = block.map { window(t, $0) } ?? (start(t), start(t + 1))
    var earlier = LinearExpression()
    var density = 0.0
    var all = 0.0
    for (i, plant) in study.hydros.enumerated() where plant.downstream == target {
      guard let delay = plant.travelTime, delay > 0 else { continue }
      for (stage, flows) in releases.sorted(by: { $0.key < $1.key }) {
        for (k, description) in study.stages[stage].blocks.enumerated() {
          let (a, b) = window(stage, k)
          let amount = 0.0036 * description.hours * flows[i][k]
          if stage == t {
            volume += part(a + delay, b + delay, in: here.0, here.1) * amount
          } else {
            earlier += part(a + delay, b + delay, in: start(t), start(t + 1)) * amount
          }
        }
        guard stage < t else { continue }
        density += part(start(stage) + delay, start(stage + 1) + delay, in: here.0, here.1)
        all += part(start(stage) + delay, start(stage + 1) + delay, in: start(t), start(t + 1))
      }
      for past in study.initialConditions.pastReleases where past.hydro == i {
        let begin = study.stages[0].start
        let a = delay - 24 * Double(CalendarDate.days(from: past.start, to: begin))
        let b = delay - 24 * Double(CalendarDate.days(from: past.end, to: begin))
        earlier.constant += part(a, b, in: start(t), start(t + 1)) * 0.0036 * (b - a) * past.flow
      }
    }
    // Water of earlier stages comes by the blend of their windows, whatever its amount; without any, evenly.
    let evenShare = (here.1 - here.0) / (start(t + 1) - start(t))
    volume += (all > 0 ? density / all : evenShare) * earlier
    return volume
  }
}
