extension CaseBuilder {
  func buildContracts() -> [EnergyContract] {
    context.registry(.contract).nodes.map {
      EnergyContract(
        id: $0["id"].int, name: $0["name"].text, service: service($0), bus: bus($0["bus_id"].int),
        direction: $0["type"].choice(.imports),
        priceProcess: $0["price_process_id"].optionalInt.flatMap { context.registry(.priceProcess).index[$0] })
    }
  }

  /// Limits by stage: those of the entity, then what its table says.
  func fillContractLimits(_ study: inout StudyCase) {
    study.contractLimits = repeated(
      context.registry(.contract).nodes.map {
        ContractLimits(
          minPower: $0["limits"]["min_mw"].number, maxPower: $0["limits"]["max_mw"].number,
          price: $0["price_per_mwh"].number)
      }, study)
    if let table = context.table(.contractBounds) {
      let minimum = NumberColumn(table, "min_mw")
      let maximum = NumberColumn(table, "max_mw")
      let price = NumberColumn(table, "price_per_mwh")
      for (row, contract, stage) in context.rows(table, "contract_id", .contract) {
        let index = stage * study.contracts.count + contract
        if let value = minimum[row] { study.contractLimits[index].minPower = value }
        if let value = maximum[row] { study.contractLimits[index].maxPower = value }
        if let value = price[row] { study.contractLimits[index].price = value }
      }
    }
  }
}
