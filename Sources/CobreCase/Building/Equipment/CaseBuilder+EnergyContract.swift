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
    study.contractLimits = repeated(context.registry(.contract).nodes.map(ContractLimits.init(contract:)), study)
    apply(
      .contractBounds, "contract_id", .contract, &study, \.contractLimits,
      [("min_mw", \.minPower), ("max_mw", \.maxPower), ("price_per_mwh", \.price)])
  }
}
