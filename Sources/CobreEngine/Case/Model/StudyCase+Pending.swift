extension StudyCase {
  /// What the case asks for and the stage problems do not model yet, a sentence each; empty where they model all of it.
  ///
  /// The reader of a format that can ask for such things refuses the case with these sentences.
  package var pendingFeatures: [String] {
    var sentences: [String] = []
    func refuse(_ isAsked: Bool, _ what: String) {
      if isAsked { sentences.append("\(what) cannot be modelled yet.") }
    }
    refuse(conventions != .cobre, "The conventions of this case format")
    refuse(hydros.contains { !$0.groups.isEmpty }, "Unit groups of hydro plants")
    refuse(hydros.contains { ($0.travelTime ?? 0) > 0 }, "Travel time of water")
    refuse(hydros.contains { $0.filling?.rule == .schedule }, "Filling by schedule")
    refuse(thermals.contains { $0.anticipation != nil }, "Anticipated thermal plants")
    refuse(sources.contains { !$0.allowsCurtailment }, "Sources without curtailment")
    refuse(!hasStageLimitsOnly, "Limits of single blocks")
    return sentences
  }

  private var hasStageLimitsOnly: Bool {
    hydroBlockLimits.isEmpty && groupLimits.isEmpty && thermalBlockLimits.isEmpty && lineBlockLimits.isEmpty
      && pumpBlockLimits.isEmpty && contractBlockLimits.isEmpty
  }
}
