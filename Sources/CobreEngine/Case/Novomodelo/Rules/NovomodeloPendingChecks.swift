/// What a sound case asks for and Cobre cannot do yet: refused, never passed over (rule 607).
enum NovomodeloPendingChecks {
  static func check(_ context: NovomodeloContext, _ study: StudyCase, _ collector: inout FindingCollector) {
    func refuse(_ isAsked: Bool, _ file: NovomodeloFile, _ location: String, _ sentence: String) {
      guard isAsked else { return }
      collector.report(607, file: file.path, at: location, sentence)
    }
    for sentence in study.pendingFeatures { collector.report(607, file: "", sentence) }
    refuse(
      context.documents.elements(.genericConstraints, "constraints").isEmpty == false
        && (context.table(.genericConstraintBounds)?.rowCount ?? 0) > 0,
      .genericConstraints, "constraints", "Generic constraints of this format cannot be modelled yet.")
    if case .estimated = study.inflowModelSource {
      refuse(true, .inflowHistory, "", "The inflow model cannot be estimated for this format yet.")
    }
    for (index, entry) in NovomodeloBuilder(context: context).productionEntries(study).enumerated() {
      guard let entry, entry.kind == .fpha, entry.fit["source"].text == "computed" else { continue }
      let hydro = context.registry(.hydro).entity(index % study.hydros.count)
      collector.report(
        607, file: NovomodeloFile.productionModels.path, at: "\(entry.path).fpha_config", entity: hydro,
        "Planes cannot be fitted for this format yet.")
    }
  }
}
