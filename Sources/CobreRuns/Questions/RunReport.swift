package import CobreBase
package import CobreCase
internal import CobreEngine

/// A run, or several next to each other, as one HTML file that needs no network.
///
/// All figures are in the file as JSON; its script draws them as SVG and lets the reader zoom. Names from cases only
/// ever become text of the page, never markup.
package struct RunReport: Sendable {
  private let runs: [RunEvidence]
  /// Elements of a kind that get a chart, those with the largest mean.
  private static let chartsPerKind = 6
  /// Points of a convergence chart at most.
  private static let iterations = 400
  private let bounds: CaseBounds

  /// - Parameters:
  ///   - runs: one or more; the first is what the others are compared with.
  ///   - bounds: where their cases may lie.
  package init(_ runs: [RunEvidence], bounds: CaseBounds = .anywhere) {
    self.runs = runs
    self.bounds = bounds
  }

  /// The file.
  ///
  /// - Parameter document: what the page shows, as `document()` makes it.
  /// - Returns: a whole page.
  package static func html(_ document: JSONObject) -> String { ReportPage.html(document) }

  /// The page that a host shows next to a conversation; it gets the document from the host (SEP-1865).
  package static var appPage: String { ReportPage.app }

  /// What the page shows: its title and its sections of texts, tables and charts.
  ///
  /// - Throws: `RunError` where a database cannot be read.
  package func document() throws -> JSONObject {
    var sections: [JSONValue] = []
    for run in runs { sections += try overview(run) }
    if runs.count > 1 {
      let comparison = try RunComparison(runs, bounds: bounds).json
      sections.append(Self.section("Comparison", Self.parts(comparison, leaving: ["next", "runs", "same_case"])))
    }
    sections.append(Self.section("Convergence", try [convergence()]))
    let simulated = runs.filter { $0.snapshot.simulation != nil }
    if !simulated.isEmpty {
      sections.append(Self.section("Costs by stage", try fans(simulated, "system", "cost", "cost of the stage", "$")))
      sections.append(Self.section("Generation by source", try simulated.prefix(4).map(supply)))
      sections.append(Self.section("Storages", try fans(simulated, "hydro", "storage", "storage at the end", "hm3")))
      sections.append(Self.section("Prices", try fans(simulated, "bus", "marginal_cost", "price", "$/MWh")))
      sections.append(
        Self.section("Deficits", try fans(simulated, "bus", "deficit", "deficit", "MW", leavingOutZeros: true)))
      sections.append(Self.section("Water values", try fans(simulated, "hydro", "water_value", "water value", "$/hm3")))
    }
    for run in runs {
      sections.append(
        Self.section(
          "Diagnosis of \(name(run))", Self.parts(try RunDiagnosis(run).json, leaving: ["next", "run_id", "state"])))
    }
    for run in runs { sections.append(try provenance(run)) }
    let title = "Report of \(runs.map(name).joined(separator: ", "))"
    return ["title": .string(title), "sections": .array(sections)]
  }

  private func name(_ run: RunEvidence) -> String { run.snapshot.runName ?? run.snapshot.runID }

  // MARK: Parts of the page

  private static func section(_ title: String, _ parts: [JSONValue]) -> JSONValue {
    ["title": .string(title), "parts": .array(parts.isEmpty ? [text(["There is nothing to show."])] : parts)]
  }

  private static func text(_ sentences: [String]) -> JSONValue { ["text": .array(sentences.map { .string($0) })] }

  private static func table(_ columns: [String], _ rows: [[JSONValue]]) -> JSONValue {
    ["columns": .array(columns.map { .string($0) }), "rows": .array(rows.map { .array($0) })]
  }

  /// An answer to a question as sentences and tables.
  private static func parts(_ answer: JSONObject, leaving hidden: Set<String>) -> [JSONValue] {
    answer.members.filter { !hidden.contains($0.key) && !$0.value.isNull }.flatMap { key, value -> [JSONValue] in
      let title = key.replacing("_", with: " ")
      switch value {
      case .object(let inner) where inner["columns"] != nil:
        return [["heading": .string(title)], .object(inner)]
      case .object(let inner):
        let simple = inner.members.filter { $0.value.object == nil && $0.value.array == nil }
        return [
          ["heading": .string(title)],
          table(["", ""], simple.map { [.string($0.key.replacing("_", with: " ")), $0.value] }),
        ]
      case .array(let items):
        let sentences = items.compactMap(\.string)
        if !sentences.isEmpty { return [["heading": .string(title)], text(sentences)] }
        return items.compactMap(\.object).flatMap {
          [["heading": .string(title)]] + parts(["": .object($0)], leaving: [])
        }
      case .string(let sentence): return [["heading": .string(title)], text([sentence])]
      default: return []
      }
    }
  }

  private func overview(_ run: RunEvidence) throws -> [JSONValue] {
    let snapshot = run.snapshot
    let kind = snapshot.bounds ?? .expected
    var rows: [[JSONValue]] = [
      ["case", .string(snapshot.caseDirectory)], ["state", .string(snapshot.state.rawValue)],
      ["iterations", .string("\(snapshot.iteration) of \(snapshot.iterationLimit)")],
      [.string(kind.nameOfBound + ", $"), .optional(snapshot.lowerBound)],
      [.string(kind.nameOfMean + ", $"), .optional(snapshot.upperBound)],
      ["± (95 %), $", .optional(snapshot.upperBoundHalfWidth)],
    ]
    if let upper = snapshot.deterministicUpperBound { rows.append(["deterministic upper bound, $", .optional(upper)]) }
    if let simulation = snapshot.simulation {
      rows.append(["simulated scenarios", .int(Int64(simulation.scenarios))])
      rows.append(["simulated mean cost, $", .optional(simulation.meanCost)])
      rows.append(["± (95 %), $", .optional(simulation.halfWidth)])
      rows.append(["mean of the worst 5 %, $", .optional(try run.store.simulatedCosts().compactMap { $0 }.worstMean)])
    }
    rows.append(["seconds", .seconds(snapshot.elapsedSeconds)])
    let findings = snapshot.warnings.prefix(20).map { "Warning: \($0)" }
    return [
      Self.section(
        name(run),
        [Self.text([try RunDiagnosis(run).convergence] + findings), Self.table(["", ""], rows)])
    ]
  }

  private func provenance(_ run: RunEvidence) throws -> JSONValue {
    let snapshot = run.snapshot
    var rows: [[JSONValue]] = [
      ["run", .string(snapshot.runID)], ["directory", .string(snapshot.directory)],
      ["engine", .string(snapshot.engineVersion)], ["case fingerprint", .string(run.manifest.caseHash)],
      ["case unchanged since", .bool(run.study != nil)], ["created", .string(snapshot.createdAt)],
      ["ended", .optional(snapshot.endedAt)], ["backend", .string(snapshot.backend)],
      ["processes x threads", .string("\(snapshot.workers) x \(snapshot.threadsPerWorker)")],
      ["solver", .string(snapshot.solver)], ["bounds are of", .optional(snapshot.bounds?.meaning)],
      ["stop reason", .optional(snapshot.stopReason)],
    ]
    for option in RunOption.all {
      if let value = option.used?(run.manifest), !value.isNull { rows.append([.string(option.name), value]) }
    }
    return Self.section("Settings and origin of \(name(run))", [Self.table(["", ""], rows)])
  }

  // MARK: Charts

  private func convergence() throws -> JSONValue {
    var lines: [JSONValue] = []
    var bands: [JSONValue] = []
    var places: [Int] = []
    let histories = try runs.map { try $0.store.convergence(since: 0, points: Self.iterations) }
    places = Set(histories.flatMap { $0.map(\.iteration) }).sorted()
    for (run, rows) in zip(runs, histories) {
      let known = Dictionary(rows.map { ($0.iteration, $0) }, uniquingKeysWith: { first, _ in first })
      func values(_ get: (ConvergenceRow) -> Double?) -> JSONValue {
        .array(places.map { place in .optional(known[place].flatMap(get)) })
      }
      let suffix = runs.count > 1 ? " of \(name(run))" : ""
      let kind = run.snapshot.bounds ?? .expected
      lines.append(["name": .string(kind.nameOfBound + suffix), "values": values(\.lowerBound)])
      lines.append(["name": .string(kind.nameOfMean + suffix), "values": values(\.upperBound), "thin": true])
      if rows.contains(where: { $0.deterministicUpperBound != nil }) {
        lines.append(
          ["name": .string("deterministic upper bound" + suffix), "values": values(\.deterministicUpperBound)])
      }
      bands.append([
        "name": .string("95 % interval" + suffix),
        "lower": values { row in row.upperBound.flatMap { bound in row.upperBoundHalfWidth.map { bound - $0 } } },
        "upper": values { row in row.upperBound.flatMap { bound in row.upperBoundHalfWidth.map { bound + $0 } } },
      ])
    }
    return Self.chart(
      "Bounds by iteration", unit: "$", labels: places.map(String.init), bands: bands, lines: lines, fromZero: false)
  }

  private static func chart(
    _ title: String, unit: String, labels: [String], bands: [JSONValue], lines: [JSONValue], fromZero: Bool = true
  ) -> JSONValue {
    [
      "chart": .string(title), "unit": .string(unit), "labels": .array(labels.map { .string($0) }),
      "bands": .array(bands), "lines": .array(lines), "from_zero": .bool(fromZero),
    ]
  }

  /// First days of the stages, or their numbers where the case is not at hand.
  private func labels(_ run: RunEvidence, stages: [Int]) -> [String] {
    guard let study = run.study else { return stages.map(String.init) }
    let days = stages.map { study.stages.indices.contains($0) ? study.stages[$0].start.description : "\($0)" }
    // Months where each stage begins one.
    let isMonthly = days.allSatisfy { $0.hasSuffix("-01") }
    return isMonthly ? days.map { String($0.dropLast(3)) } : days
  }

  /// Bands and means of a quantity of the elements with the largest means, the runs on top of each other.
  private func fans(
    _ runs: [RunEvidence], _ kind: String, _ quantity: String, _ word: String, _ unit: String,
    leavingOutZeros: Bool = false
  ) throws -> [JSONValue] {
    guard let first = runs.first else { return [] }
    var sums: [Int: Double] = [:]
    for run in runs {
      for mean in try run.store.means(kind: kind, name: quantity) {
        sums[mean.entity, default: 0] += abs(mean.mean ?? 0)
      }
    }
    if leavingOutZeros { sums = sums.filter { $0.value > 1e-9 } }
    let chosen = sums.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(Self.chartsPerKind).map(\.key)
    return try chosen.map { entity in
      var lines: [JSONValue] = []
      var bands: [JSONValue] = []
      let stages = Set(
        try runs.flatMap { try $0.store.spreads(kind: kind, name: quantity, entity: entity).map(\.stage) }
      )
      .sorted()
      for (index, run) in runs.enumerated() {
        let rows = Dictionary(
          try run.store.spreads(kind: kind, name: quantity, entity: entity).map { ($0.stage, $0) },
          uniquingKeysWith: { first, _ in first })
        func values(_ get: (StageSpread) -> Double?) -> JSONValue {
          .array(stages.map { .optional(rows[$0].flatMap(get)) })
        }
        func percentile(_ place: Int) -> JSONValue {
          values { $0.percentiles.indices.contains(place) ? $0.percentiles[place] : nil }
        }
        let suffix = runs.count > 1 ? " of \(name(run))" : ""
        lines.append(["name": .string("mean" + suffix), "values": values(\.mean), "color": .int(Int64(index))])
        bands.append([
          "name": .string("5 to 95 %" + suffix), "lower": percentile(0), "upper": percentile(4),
          "color": .int(Int64(index)),
        ])
        if runs.count == 1 {
          bands.append(["name": "25 to 75 %", "lower": percentile(1), "upper": percentile(3), "color": 0])
        }
      }
      if kind == "hydro", quantity == "storage" { lines += Self.limits(first, entity: entity, stages: stages) }
      return Self.chart(
        title(word, kind, entity, first), unit: unit, labels: labels(first, stages: stages), bands: bands, lines: lines)
    }
  }

  private func title(_ word: String, _ kind: String, _ entity: Int, _ run: RunEvidence) -> String {
    let word = word.prefix(1).uppercased() + word.dropFirst()
    guard kind != "system" else { return word }
    let known = run.study.flatMap { study in
      ElementKind(rawValue: kind).flatMap { ElementNames(study).name($0, id: entity) }
    }
    return "\(word), \(known ?? "\(kind) \(entity)")"
  }

  /// Limits of a reservoir, and what it held at the start.
  private static func limits(_ run: RunEvidence, entity: Int, stages: [Int]) -> [JSONValue] {
    guard let study = run.study, let hydro = study.hydros.firstIndex(where: { $0.id == entity }) else { return [] }
    func line(_ name: String, _ value: (Int) -> Double?) -> JSONValue {
      ["name": .string(name), "dashed": true, "values": .array(stages.map { .optional(value($0)) })]
    }
    func limits(_ stage: Int) -> HydroLimits? {
      study.stages.indices.contains(stage) ? study.limits(stage: stage, hydro: hydro) : nil
    }
    let initial = InflowProcess(study: study).initialState
    return [
      line("least storage") { limits($0)?.minStorage }, line("largest storage") { limits($0)?.maxStorage },
      line("at the start") { _ in initial.indices.contains(hydro) ? initial[hydro] : nil },
    ]
  }

  /// Mean supply of the whole system, on top of each other.
  private func supply(_ run: RunEvidence) throws -> JSONValue {
    let supply = try MeanSupply(run)
    let stages = supply?.stages ?? []
    var bands: [JSONValue] = []
    var base = [Double](repeating: 0, count: stages.count)
    for layer in supply?.layers ?? [] {
      let top = zip(base, layer.values).map { $0 + max(0, $1 ?? 0) }
      bands.append([
        "name": .string(layer.name), "lower": .array(base.map { .optional($0) }),
        "upper": .array(top.map { .optional($0) }), "color": .int(Int64(bands.count)), "solid": true,
      ])
      base = top
    }
    let line: JSONValue = [
      "name": .string(supply?.demandName ?? "load"), "dashed": true, "color": 6,
      "values": .array((supply?.demand ?? []).map { .optional($0) }),
    ]
    return Self.chart(
      runs.count > 1 ? "Mean generation of \(name(run))" : "Mean generation", unit: "MW",
      labels: labels(run, stages: stages),
      bands: bands, lines: [line])
  }
}

extension [Double] {
  /// Mean of the largest twentieth; nil for none.
  fileprivate var worstMean: Double? { isEmpty ? nil : SampleStatistics(self).meanOfWorst }
}
