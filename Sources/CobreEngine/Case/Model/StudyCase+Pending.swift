extension StudyCase {
  /// What the case asks for and the stage problems do not model, a sentence each; empty where they model all of it.
  ///
  /// The reader of a format that can ask for such things refuses the case with these sentences.
  package var pendingFeatures: [String] {
    let hasSplitHead = hydros.indices.contains { hydro in
      !hydros[hydro].groups.isEmpty
        && stages.indices.contains { production(stage: $0, hydro: hydro).kind == .linearizedHead }
    }
    return hasSplitHead ? ["A linearized head and unit groups cannot be modelled together."] : []
  }
}
