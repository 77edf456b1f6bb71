/// A small random hydrothermal system, written out as the files of a case.
///
/// It has 2–4 stages of 1–3 blocks, at most 48 scenarios in its tree, 1–4 hydros in cascade, 1–3 buses and a few
/// thermals. All hard minimum storages are 0 and everything else has a slack, so that every system is feasible. The
/// same seed and features give the same text.
package struct RandomSystem: Sendable {
  package let seed: UInt64
  package let features: SystemFeatures

  let stages: [PlannedStage]
  let buses: [Int]
  let lines: [PlannedLine]
  let hydros: [PlannedHydro]

  /// The files of the case.
  package let text: CaseText

  /// Draws a system.
  ///
  /// - Parameters:
  ///   - seed: fixes all numbers.
  ///   - features: what the system has beyond the simplest one.
  ///   - forwardPasses: trajectories per iteration in `config.json`.
  ///   - iterations: iteration limit in `config.json`.
  package init(seed: UInt64, features: SystemFeatures = .basic, forwardPasses: Int = 4, iterations: Int = 100) {
    self.seed = seed
    self.features = features
    stages = RandomSystem.drawStages(seed, features)
    buses = RandomSystem.drawBuses(seed, features)
    lines = RandomSystem.drawLines(seed, features, buses: buses)
    hydros = RandomSystem.drawHydros(seed, features, buses: buses, stageCount: stages.count)
    var text = CaseText()
    let plan = Plan(seed: seed, features: features, stages: stages, buses: buses, lines: lines, hydros: hydros)
    plan.writeConfiguration(to: &text, forwardPasses: forwardPasses, iterations: iterations)
    plan.writePenalties(to: &text)
    plan.writeStages(to: &text)
    plan.writeBuses(to: &text)
    plan.writeLines(to: &text)
    plan.writeThermals(to: &text)
    plan.writeHydros(to: &text)
    plan.writeInitialConditions(to: &text)
    plan.writeScenarios(to: &text)
    plan.writeStageBounds(to: &text)
    plan.writePenaltyOverrides(to: &text)
    plan.writeFurtherElements(to: &text)
    plan.writeBatteries(to: &text)
    self.text = text
  }

  /// What the writers of the single files share.
  struct Plan {
    let seed: UInt64
    let features: SystemFeatures
    let stages: [PlannedStage]
    let buses: [Int]
    let lines: [PlannedLine]
    let hydros: [PlannedHydro]

    func random(_ label: String) -> TestRandom { TestRandom(seed: seed, label: label) }
  }

  struct PlannedStage: Sendable {
    let id: Int
    let month: Int
    let days: Int
    let blockHours: [Int]
    let openings: Int
    var start: String { RandomSystem.firstOfMonth(month) }
    var end: String { RandomSystem.firstOfMonth(month + 1) }
  }

  struct PlannedLine: Sendable {
    let id: Int
    let source: Int
    let target: Int
    let direct: Double
    let reverse: Double
    let lossesPercent: Double
  }

  struct PlannedHydro: Sendable {
    let id: Int
    let bus: Int
    let downstream: Int?
    let maxStorage: Double
    let initialStorage: Double
    let maxTurbined: Double
    let productivity: Double
    let meanInflow: Double
    let entry: Int?
    let exit: Int?
    let filling: PlannedFilling?
    var minStorage: Double { filling?.minStorage ?? 0 }

    /// Whether tables have rows of the plant for a stage: in service, and always where it is filled.
    func isPresent(_ stage: Int) -> Bool { filling != nil || (entry ?? 0) <= stage && stage < exit ?? .max }
  }

  struct PlannedFilling: Sendable {
    let start: Int
    let entry: Int
    let inflow: Double
    let minStorage: Double
    let volume: Double
  }

  /// The first day of month `month` counted from January 2031 as 0.
  ///
  /// Months before are negative.
  static func firstOfMonth(_ month: Int) -> String {
    let number = (month + 120) % 12 + 1
    return "\(2021 + (month + 120) / 12)-\(number < 10 ? "0" : "")\(number)-01"
  }
}

extension RandomSystem {
  /// Draws stages, blocks and numbers of openings so that the tree has at most 48 leaves.
  private static func drawStages(_ seed: UInt64, _ features: SystemFeatures) -> [PlannedStage] {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var random = TestRandom(seed: seed, label: "stages")
    let count = random.integer(2...4)
    let first = random.integer(0...11)
    var leaves = 1
    return (0..<count).map { t in
      let wanted = t == 0 ? random.integer(1...3) : random.integer(2...4)
      // Each later stage keeps room for at least two openings.
      var room = 48 / leaves
      for _ in (t + 1)..<max(count, t + 1) { room /= 2 }
      let openings = max(1, min(wanted, room))
      leaves *= openings
      let days = lengths[(first + t) % 12]
      let blocks = features.contains(.blocks) ? random.integer(1...3) : 1
      var rest = days * 24
      var hours: [Int] = []
      for k in 0..<blocks {
        let part = k == blocks - 1 ? rest : rest * random.integer(2...5) / 8
        hours.append(part)
        rest -= part
      }
      return PlannedStage(id: t, month: first + t, days: days, blockHours: hours, openings: openings)
    }
  }

  private static func drawBuses(_ seed: UInt64, _ features: SystemFeatures) -> [Int] {
    guard features.contains(.network) else { return [2] }
    var random = TestRandom(seed: seed, label: "buses")
    return Array([1, 4, 9].prefix(random.integer(2...3)))
  }

  private static func drawLines(_ seed: UInt64, _ features: SystemFeatures, buses: [Int]) -> [PlannedLine] {
    var random = TestRandom(seed: seed, label: "lines")
    var lines: [PlannedLine] = []
    for i in buses.indices.dropFirst() {
      let other = buses[random.integer(0...(i - 1))]
      let forward = random.chance(0.5)
      lines.append(
        PlannedLine(
          id: 10 - 2 * i, source: forward ? other : buses[i], target: forward ? buses[i] : other,
          direct: random.number(5, 30, digits: 1), reverse: random.number(0, 25, digits: 1),
          lossesPercent: random.chance(0.6) ? random.number(1, 12, digits: 1) : 0))
    }
    if features.contains(.angles), buses.count == 3, lines.count == 2 {
      let ends = [(0, 1), (0, 2), (1, 2)].map { (buses[$0.0], buses[$0.1]) }
      let missing = ends.first { ends in !lines.contains { Set([$0.source, $0.target]) == [ends.0, ends.1] } }
      if let missing {
        lines.append(
          PlannedLine(
            id: 3, source: missing.1, target: missing.0, direct: random.number(5, 30, digits: 1),
            reverse: random.number(5, 25, digits: 1), lossesPercent: 0))
      }
    }
    return lines
  }

  /// Draws plants whose order of ids differs from their order in the cascade and in the file.
  private static func drawHydros(
    _ seed: UInt64, _ features: SystemFeatures, buses: [Int], stageCount: Int
  ) -> [PlannedHydro] {
    var random = TestRandom(seed: seed, label: "hydros")
    var fillingRandom = TestRandom(seed: seed, label: "filling")
    let count = random.integer(1...4)
    let ids = random.shuffled(Array([0, 3, 5, 8].prefix(count)))
    return (0..<count).map { h in
      let maxStorage = random.number(20, 160, digits: 1)
      let downstream = h + 1 < count && random.chance(0.75) ? ids[random.integer((h + 1)...(count - 1))] : nil
      // One plant is always there.
      let late = features.contains(.serviceLife) && random.chance(0.4) && h > 0
      let early = features.contains(.serviceLife) && random.chance(0.3) && h > 0
      let isFilled = features.contains(.filling) && (h == 0 || fillingRandom.chance(0.5))
      let filling = isFilled ? drawFilling(&fillingRandom, stageCount: stageCount, maxStorage: maxStorage) : nil
      return PlannedHydro(
        id: ids[h], bus: buses[random.integer(0...(buses.count - 1))], downstream: downstream,
        maxStorage: maxStorage, initialStorage: random.number(0, maxStorage, digits: 1),
        maxTurbined: random.number(15, 60, digits: 1), productivity: random.number(0.3, 1.3),
        meanInflow: random.number(5, 30, digits: 1),
        entry: filling?.entry ?? (late ? random.integer(1...(stageCount - 1)) : nil),
        exit: filling == nil && early && !late && stageCount > 2 ? random.integer(2...(stageCount - 1)) : nil,
        filling: filling)
    }
  }

  /// Filling starts with the study or later, often with more water scheduled than there is.
  private static func drawFilling(
    _ random: inout TestRandom, stageCount: Int, maxStorage: Double
  ) -> PlannedFilling {
    let entry = random.integer(1...(stageCount - 1))
    let least = random.number(0.15 * maxStorage, 0.6 * maxStorage, digits: 1)
    return PlannedFilling(
      start: random.integer(0...(entry - 1)), entry: entry, inflow: random.number(2, 25, digits: 1), minStorage: least,
      volume: random.number(0, least, digits: 1))
  }
}
