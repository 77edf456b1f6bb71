package import CobreBase
internal import CobreCase
internal import CobreEngine

extension PriceExplanation {
  /// Causes and parts that are listed.
  private static let rowLimit = 12

  /// All samples in which one cause weighs most.
  private struct Group {
    var name: String
    var weight = 0.0
    var price = 0.0
    var answers: [Int: Double] = [:]
    /// The sample whose price is nearest to the mean of the group.
    var example: PriceParts?
  }

  /// Mean price in $/MWh.
  var meanPrice: Double { samples.reduce(0) { $0 + $1.weight * $1.parts.price } }

  /// The explanation as tools and commands tell it.
  package var json: JSONObject {
    let groups = self.groups
    var result: JSONObject = [
      "run_id": .string(runID),
      "bus": ["id": .int(Int64(study.buses[bus].id)), "name": .string(study.buses[bus].name)],
      "stage": .int(Int64(stage)), "begins": .string(study.stages[stage].start.description),
      "block": block.map { .int(Int64($0)) } ?? .null, "scenarios": .int(Int64(visitors)),
      "mean_price": .optional(meanPrice), "recorded_mean_price": .optional(recordedPrice),
      "summary": .array(sentences(groups).map { .string($0) }),
      "causes": .object(causeTable(groups)), "parts": .object(partTable), "lines": .object(lineTable),
      "range": .object(rangeFigures),
    ]
    result["next"] = .string(
      "Prices are those of \(visitors) scenarios\(isSameAsRun ? ", the ones of the run's simulation" : ", newly drawn"). "
        + "Call again for another bus, stage or block, or inspect_policy for the value of water at other storages.")
    return result
  }

  private func name(_ label: StageLPNames.Label) -> String { ElementNames(study).name(label) }

  /// What a cause is, as the beginning of a sentence.
  private func text(_ cause: PriceParts.Cause) -> String {
    let name = name(cause.label)
    switch cause.label.kind {
    case .storage: return "water of \(name)"
    case .transit: return "water on its way to \(name)"
    case .thermal: return "thermal plant \(name)"
    case .deficit:
      return "deficit at \(name)\((cause.label.step ?? 0) > 0 ? ", step \((cause.label.step ?? 0) + 1)" : "")"
    case .contract: return "contract \(name)"
    case .slack: return "\(cause.label.limit ?? "limit") of \(name) missed"
    case .direct, .reverse: return "exchange over \(name)"
    default: return "\(cause.label.kind.rawValue) of \(name)"
    }
  }

  private static let free = "nothing that costs money"

  private var groups: [Group] {
    var groups: [String: Group] = [:]
    for sample in samples {
      let key = sample.parts.leading.map { text($0.cause) } ?? Self.free
      var group = groups[key] ?? Group(name: key)
      group.weight += sample.weight
      group.price += sample.weight * sample.parts.price
      for (hydro, power) in sample.parts.hydroAnswers { group.answers[hydro, default: 0] += sample.weight * power }
      groups[key] = group
    }
    for key in groups.keys {
      guard let group = groups[key], group.weight > 0 else { continue }
      let mean = group.price / group.weight
      groups[key]?.example =
        samples.map(\.parts).filter { ($0.leading.map { text($0.cause) } ?? Self.free) == key }
        .min { abs($0.price - mean) < abs($1.price - mean) }
    }
    return groups.values.sorted { ($0.weight, $1.name) > ($1.weight, $0.name) }
  }

  /// Hydro plants that answer, with their MW for each MW more.
  private func plants(_ answers: [Int: Double], per weight: Double = 1) -> String {
    answers.filter { abs($0.value / weight) > 0.005 }.sorted { (abs($0.value), $1.key) > (abs($1.value), $0.key) }
      .prefix(4)
      .map { "\(study.hydros[$0.key].name) \(Figures.text($0.value / weight)) MW" }.joined(separator: ", ")
  }

  private func causeTable(_ groups: [Group]) -> JSONObject {
    [
      "columns": ["cause", "share", "mean_price", "hydro_answer"],
      "rows": .array(
        groups.prefix(Self.rowLimit).map { group in
          [
            .string(group.name), .optional(group.weight), .optional(group.price / group.weight),
            .string(plants(group.answers, per: group.weight)),
          ]
        }),
    ]
  }

  /// Mean parts of the price over all samples; they add up to the mean price.
  private var partTable: JSONObject {
    var sums: [PriceParts.Cause: (value: Double, quantity: Double)] = [:]
    for sample in samples {
      for part in sample.parts.parts {
        let sum = sums[part.cause] ?? (0, 0)
        sums[part.cause] = (sum.value + sample.weight * part.value, sum.quantity + sample.weight * part.quantity)
      }
    }
    let told = sums.values.reduce(0) { $0 + $1.value }
    let sorted = sums.sorted { (abs($0.value.value), text($1.key)) > (abs($1.value.value), text($0.key)) }
    let hidden = sorted.dropFirst(Self.rowLimit).reduce(0) { $0 + $1.value.value }
    var rows: [JSONValue] = sorted.prefix(Self.rowLimit).filter { abs($0.value.value) > 1e-12 }.map { cause, sum in
      let unit = cause.label.kind == .storage || cause.label.kind == .transit ? "hm3" : "MWh"
      return [.string(text(cause)), .optional(sum.value), .optional(sum.quantity), .string(unit)]
    }
    if abs(hidden) > 1e-12 { rows.append(["others", .double(hidden), .null, .null]) }
    let rest = meanPrice - told
    if abs(rest) > 1e-9 * max(1, abs(meanPrice)) { rows.append(["not told apart", .double(rest), .null, .null]) }
    return ["columns": ["part", "usd_per_mwh", "quantity_per_mwh", "unit"], "rows": .array(rows)]
  }

  private var lineTable: JSONObject {
    struct Key: Hashable {
      var index: Int
      var isDirect: Bool
    }
    var sums: [Key: (share: Double, rent: Double, flow: Double)] = [:]
    for sample in samples {
      for line in sample.parts.fullLines where line.rent > 1e-9 {
        let key = Key(index: line.index, isDirect: line.isDirect)
        let sum = sums[key] ?? (0, 0, 0)
        sums[key] = (
          sum.share + sample.weight, sum.rent + sample.weight * line.rent,
          sum.flow + sample.weight * line.rent * line.flow
        )
      }
    }
    let rows = sums.sorted { ($0.value.flow, $1.key.index) > ($1.value.flow, $0.key.index) }.prefix(Self.rowLimit)
    return [
      "columns": ["line", "from", "to", "share_full", "usd_per_mwh", "rent_usd_per_hour"],
      "rows": .array(
        rows.map { key, sum in
          let line = study.lines[key.index]
          let ends = key.isDirect ? (line.sourceBus, line.targetBus) : (line.targetBus, line.sourceBus)
          return [
            .string(line.name), .string(study.buses[ends.0].name), .string(study.buses[ends.1].name),
            .optional(sum.share), .optional(sum.rent / sum.share), .optional(sum.flow),
          ]
        }),
    ]
  }

  private var rangeFigures: JSONObject {
    var result: JSONObject = [
      "share_with_two_prices": .optional(kinked.reduce(0) { $0 + $1.weight }),
      "mean_for_less_load": .optional(samples.reduce(0) { $0 + $1.weight * $1.parts.low }),
      "mean_for_more_load": .optional(samples.reduce(0) { $0 + $1.weight * $1.parts.high }),
    ]
    let reaches = samples.compactMap { $0.parts.reach?.distance }.sorted()
    if !reaches.isEmpty { result["median_mw_more_at_this_price"] = .optional(reaches[reaches.count / 2]) }
    return result
  }

  private func sentences(_ groups: [Group]) -> [String] {
    var list: [String] = []
    let place = "\(study.buses[bus].name), stage \(stage) (\(study.stages[stage].start.description))"
    list.append("The mean price at \(place) is \(Figures.text(meanPrice)) $/MWh.")
    let others = nodesAtSameTime
    if !others.isEmpty {
      list.append(
        "Stage \(stage) is one of \(others.count + 1) states at that time, to which \(visitors) of \(scenarios) scenarios come. Ask "
          + "for stage \(others.prefix(8).map(String.init).joined(separator: ", ")) too.")
    }
    for group in groups.prefix(3) {
      var sentence =
        "In \(Figures.percent(group.weight)) of the \(timesWord) \(group.name) sets it, at "
        + "\(Figures.text(group.price / group.weight)) $/MWh in the mean"
      let answer = plants(group.answers, per: group.weight)
      if !answer.isEmpty { sentence += "; of one MW more \(answer)" }
      list.append(sentence + ".")
      if let example = group.example, let arithmetic = arithmetic(example) { list.append(arithmetic) }
    }
    if let range { list.append(range) }
    if let change { list.append(change) }
    let sides = samples.compactMap(\.parts.unknownSide)
    if let reason = sides.first {
      list.append(
        "In \(sides.count) of \(samples.count) solves the price changes at once with the load, and the other price is not "
          + "known: \(reason).")
    }
    let inexact = samples.filter { !$0.parts.isExact }.count
    if inexact > 0 {
      list.append("In \(inexact) of \(samples.count) solves the solver left no basis that tells the parts apart.")
    }
    return list
  }

  /// The price of one sample as a sum of products.
  private func arithmetic(_ parts: PriceParts) -> String? {
    let terms = parts.parts.filter { abs($0.value) > 1e-6 }.sorted { abs($0.value) > abs($1.value) }.prefix(5)
    guard !terms.isEmpty else { return nil }
    let texts = terms.map { part in
      let isWater = part.cause.label.kind == .storage || part.cause.label.kind == .transit
      return "\(Figures.text(part.quantity)) \(isWater ? "hm3" : "MWh") x \(Figures.text(part.cost)) "
        + "\(isWater ? "$/hm3" : "$/MWh") (\(text(part.cause)))"
    }
    return "For example \(Figures.text(parts.price)) $/MWh = \(texts.joined(separator: " + "))."
  }

  /// Samples whose price is another one for a little less and for a little more load.
  private var kinked: [Sample] {
    samples.filter { $0.parts.high - $0.parts.low > 1e-6 * max(1, abs($0.parts.price)) }
  }

  /// How often the price is a range, and which.
  private var range: String? {
    let share = kinked.reduce(0) { $0 + $1.weight }
    guard share > 0 else { return nil }
    func mean(_ value: (PriceParts) -> Double) -> String {
      Figures.text(kinked.reduce(0) { $0 + $1.weight * value($1.parts) } / share)
    }
    return
      "In \(Figures.percent(share)) of the \(timesWord) the price is a range: a MW less saves \(mean(\.low)) $/MWh in the mean, "
      + "and a MW more costs \(mean(\.high)) $/MWh."
  }

  /// What shares are of.
  private var timesWord: String {
    block == nil && study.stages[stage].blocks.count > 1 ? "hours of all scenarios" : "scenarios"
  }

  /// What ends the price when the load grows.
  private var change: String? {
    var ends: [String: (weight: Double, distance: Double)] = [:]
    for sample in samples {
      guard let reach = sample.parts.reach, let label = reach.label else { continue }
      let key = "\(label.kind.rawValue) of \(name(label))"
      let sum = ends[key] ?? (0, 0)
      ends[key] = (sum.weight + sample.weight, sum.distance + sample.weight * reach.distance)
    }
    guard let most = ends.max(by: { ($0.value.weight, $1.key) < ($1.value.weight, $0.key) }), most.value.weight > 0
    else {
      return nil
    }
    return
      "With more load the price most often ends at a bound of \(most.key) (\(Figures.percent(most.value.weight)) of the "
      + "\(timesWord)), after \(Figures.text(most.value.distance / most.value.weight)) MW in the mean."
  }
}
