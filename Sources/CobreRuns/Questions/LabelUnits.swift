internal import CobreCase
internal import CobreEngine

/// Units of what the columns of stage LPs mean.
struct LabelUnits: Sendable {
  private let study: StudyCase

  init(_ study: StudyCase) { self.study = study }

  /// The unit of a column; nil for a constraint whose expression mixes several.
  func unit(_ label: StageLPNames.Label) -> String? {
    switch label.kind {
    case .thermal, .decision, .deficit, .excess, .direct, .reverse, .loss, .source, .contract, .charge, .discharge,
      .hydroGeneration, .commitment:
      "MW"
    case .pumped, .turbined, .spilled, .diverted, .lag, .evaporation: "m3/s"
    case .storage, .transit: "hm3"
    case .energy: "MWh"
    case .angle: "rad"
    case .price: "MWh"
    case .future: "$"
    case .slack: unit(ofSlack: label)
    }
  }

  private func unit(ofSlack label: StageLPNames.Label) -> String? {
    if label.entity == .constraint { return unit(ofConstraint: label.index) }
    if label.entity == .battery { return "MWh" }
    switch label.limit {
    case "minimum generation": return "MW"
    case "minimum storage", "filling", "filling target", "alert storage", "flood control storage": return "hm3"
    default: return "m3/s"
    }
  }

  /// The unit of the bounds of a constraint; nil where its terms have several or a factor may have one of its own.
  func unit(ofConstraint index: Int) -> String? {
    guard study.genericConstraints.indices.contains(index) else { return nil }
    let units = Set(study.genericConstraints[index].terms.map { Self.unit($0.variable) })
    return units.count == 1 ? units.first : nil
  }

  private static func unit(_ variable: GenericVariable) -> String {
    switch variable {
    case .hydroStorage, .hydroStorageInitial, .hydroUsefulVolumeInitial, .hydroUsefulVolumeFinal: "hm3"
    case .hydroEvaporation, .hydroWithdrawal, .hydroTurbined, .hydroSpillage, .hydroDiversion, .hydroOutflow,
      .hydroInflow, .pumpingFlow:
      "m3/s"
    case .batteryEnergy: "MWh"
    case .hydroGeneration, .thermalGeneration, .lineDirect, .lineReverse, .lineExchange, .busDeficit, .busExcess,
      .pumpingPower, .contractImport, .contractExport, .nonControllableGeneration, .nonControllableCurtailment,
      .batteryCharge, .batteryDischarge, .anticipatedDecision:
      "MW"
    }
  }
}
