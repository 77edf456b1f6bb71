extension CaseBuilder {
  func buildPriceProcesses() -> [PriceProcess] {
    context.registry(.priceProcess).nodes.map {
      PriceProcess(id: $0["id"].int, name: $0["name"].text, initialPrice: $0["initial_price"].number)
    }
  }

  /// Equations by stage: those of the process, then what its table says; and given innovations.
  func fillPriceSteps(_ study: inout StudyCase) {
    study.priceSteps = repeated(
      context.registry(.priceProcess).nodes.map {
        PriceStep(
          mean: $0["mean_price"].number, coefficient: $0["coefficient"].number, deviation: $0["deviation"].number)
      }, study)
    if let table = context.table(.priceStats) {
      let columns: [(NumberColumn, WritableKeyPath<PriceStep, Double>)] = [
        (NumberColumn(table, "mean_price"), \.mean), (NumberColumn(table, "coefficient"), \.coefficient),
        (NumberColumn(table, "deviation"), \.deviation),
      ]
      for (row, process, stage) in context.rows(table, "price_process_id", .priceProcess) {
        for (column, path) in columns {
          guard let value = column[row] else { continue }
          study.priceSteps[stage * study.priceProcesses.count + process][keyPath: path] = value
        }
      }
    }
    study.priceOpenings = scenarios(
      .priceOpenings, "opening_index", "price_process_id", context.registry(.priceProcess), "value",
      study.stages.count)
  }
}
