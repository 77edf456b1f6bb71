internal import CobreEngine

/// Mean power of a whole system by where it comes from, and what it has to meet, by stage.
///
/// What comes in adds up to what it meets, but for excess, losses of lines and rounding.
package struct MeanSupply: Sendable {
  /// Stages with results, ascending.
  package let stages: [Int]
  /// Sources from the bottom up, with MW by stage; those that give nothing are left out.
  package private(set) var layers: [(name: String, values: [Double?])] = []
  /// Load and all that is taken from buses besides, in MW by stage.
  package private(set) var demand: [Double]
  /// What `demand` holds, such as "load and charging".
  package private(set) var demandName: String

  private static let sources: [(flow: EnergyFlow, name: String)] = [
    (.hydro, "hydro"), (.thermal, "thermal"), (.source, "sources"), (.contractImport, "imports"),
    (.batteryDischarge, "batteries"), (.deficit, "deficit"),
  ]
  private static let takers: [(flow: EnergyFlow, name: String)] = [
    (.batteryCharge, "charging"), (.pumping, "pumping"), (.contractExport, "exports"),
  ]

  /// The supply of a run with a simulation; nil where there are no results.
  ///
  /// - Parameter run: the run.
  /// - Throws: `RunError` where the results cannot be read.
  package init?(_ run: RunEvidence) throws {
    let load = try Self.totals(run, "bus", "load") { _ in 1 }
    guard !load.isEmpty else { return nil }
    stages = load.keys.sorted()
    demand = stages.map { load[$0] ?? 0 }
    var takers: [String] = []
    for (flow, name) in Self.takers {
      let taken = try Self.totals(run, flow)
      guard taken.values.contains(where: { $0 > 1e-6 }) else { continue }
      for (index, stage) in stages.enumerated() { demand[index] += taken[stage] ?? 0 }
      takers.append(name)
    }
    demandName = (["load"] + takers.dropLast()).joined(separator: ", ") + (takers.last.map { " and " + $0 } ?? "")
    for (flow, name) in Self.sources {
      let given = try Self.totals(run, flow)
      let values = stages.map { given[$0] }
      let known = values.compactMap { $0 }
      // What has both signs cannot be stacked.
      guard known.contains(where: { $0 > 1e-6 }), known.allSatisfy({ $0 >= -1e-6 }) else { continue }
      layers.append((name, values))
    }
  }

  /// Where the files of the case are gone, contracts and pumping stations are left out: their direction and their
  /// consumption are known from there alone.
  private static func totals(_ run: RunEvidence, _ flow: EnergyFlow) throws -> [Int: Double] {
    let (kind, quantity) = flow.figure
    guard let study = run.study else {
      let isPlain = kind != .contract && kind != .pump
      return try totals(run, kind.rawValue, quantity) { _ in isPlain ? 1 : nil }
    }
    var factors: [Int: Double] = [:]
    for index in 0..<kind.count(in: study) {
      factors[kind.element(index, in: study).id] = flow.factor(index, in: study)
    }
    return try totals(run, kind.rawValue, quantity) { factors[$0] }
  }

  /// Sum over the elements with a factor, by stage.
  private static func totals(
    _ run: RunEvidence, _ kind: String, _ quantity: String, factor: (Int) -> Double?
  ) throws -> [Int: Double] {
    try run.store.means(kind: kind, name: quantity).reduce(into: [:]) { sums, mean in
      if let value = mean.mean, let factor = factor(mean.entity), factor != 0 {
        sums[mean.stage, default: 0] += factor * value
      }
    }
  }
}
