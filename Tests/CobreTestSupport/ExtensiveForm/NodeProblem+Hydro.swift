internal import CobreEngine

extension NodeProblem {
  func limits(_ h: Int) -> HydroLimits { study.hydroLimits[t * study.hydros.count + h] }
  func prices(_ h: Int) -> HydroCosts { study.hydroCosts[t * study.hydros.count + h] }
  func model(_ h: Int) -> ProductionModel { study.productionModels[t * study.hydros.count + h] }

  mutating func addHydroColumns(_ program: inout SparseProgram) {
    let none = [Int?](repeating: nil, count: blocks.count)
    for h in study.hydros.indices {
      turbined.append(none)
      spilled.append(none)
      diverted.append(none)
      generation.append(blocks.map { _ in LinearExpression() })
      blockStorage.append([])
      evaporation.append(nil)
      withdrawal.append(LinearExpression())
      virtualInflow.append(nil)
      guard hasHydro(h) else { continue }
      addStorage(h, &program)
      for k in blocks { addFlows(h, k, &program) }
      if study.configuration.inflowMethod.hasSlack {
        virtualInflow[h] = column(&program, cost: stageHours * prices(h).inflowNonnegativity)
      }
      addWithdrawal(h, &program)
      addEvaporation(h, &program)
    }
  }

  private mutating func addStorage(_ h: Int, _ program: inout SparseProgram) {
    let soft = study.hydros[h].filling != nil
    let low = soft ? 0 : limits(h).minStorage
    let count = stage.blockMode == .chronological ? blocks.count : 1
    for _ in 0..<count {
      blockStorage[h].append(LinearExpression(column: column(&program, low, limits(h).maxStorage)))
    }
    outgoing[h] = blockStorage[h][count - 1]
  }

  private mutating func addFlows(_ h: Int, _ k: Int, _ program: inout SparseProgram) {
    let limit = limits(h)
    let cost = prices(h)
    spilled[h][k] = column(&program, cost: hours(k) * cost.spillage)
    guard !isFilling(h) else { return }
    let model = model(h)
    if model.kind == .fpha {
      turbined[h][k] = column(&program, 0, limit.maxTurbined, cost: hours(k) * cost.fphaTurbined)
      generation[h][k] = LinearExpression(column: column(&program, 0, limit.maxGeneration))
    } else {
      let rho = model.productivity
      let most = rho > 0 ? min(limit.maxTurbined, limit.maxGeneration / rho) : limit.maxTurbined
      let flow = column(&program, 0, most)
      turbined[h][k] = flow
      generation[h][k] = LinearExpression([(flow, rho)])
    }
    if study.hydros[h].diversion != nil {
      diverted[h][k] = column(&program, 0, limit.maxDiversion, cost: hours(k) * cost.diversion)
    }
  }

  private mutating func addWithdrawal(_ h: Int, _ program: inout SparseProgram) {
    let wanted = limits(h).withdrawal
    withdrawal[h] = LinearExpression(constant: wanted)
    guard wanted > 0 else { return }
    let under = column(&program, cost: stageHours * prices(h).withdrawalViolationBelow)
    let over = column(&program, cost: stageHours * prices(h).withdrawalViolationAbove)
    withdrawal[h].terms = [(under, -1), (over, 1)]
  }

  /// e + σe− − σe+ − (k_v/2)·(v + v_in) = k0.
  private mutating func addEvaporation(_ h: Int, _ program: inout SparseProgram) {
    guard let data = study.hydros[h].evaporation, let month = stage.seasonID else { return }
    let hydro = study.hydros[h]
    let reference =
      data.referenceVolumes?[month] ?? (hydro.limits.minStorage + hydro.limits.maxStorage) / 2
    let (area, slope) = NodeProblem.area(hydro.geometry, at: reference)
    let kv = data.coefficients[month] * slope / (3.6 * stageHours)
    let k0 = data.coefficients[month] * area / (3.6 * stageHours) - kv * reference
    let flow = column(&program, 0, 2 * max(0, k0 + kv * limits(h).maxStorage))
    let under = column(&program, cost: stageHours * prices(h).evaporationViolationBelow)
    let over = column(&program, cost: stageHours * prices(h).evaporationViolationAbove)
    evaporation[h] = flow
    var row = LinearExpression([(flow, 1), (under, 1), (over, -1)])
    row -= (kv / 2) * outgoing[h]
    row -= (kv / 2) * incoming[h]
    program.addRow(k0, k0, row)
  }

  /// Area in km² and its slope at a volume: linear between points, area clamped outside, slope of the end segments.
  private static func area(_ points: [GeometryPoint], at volume: Double) -> (Double, Double) {
    guard points.count > 1 else { return (points.first?.area ?? 0, 0) }
    var i = 0
    while i + 2 < points.count, volume >= points[i + 1].volume { i += 1 }
    let slope = (points[i + 1].area - points[i].area) / (points[i + 1].volume - points[i].volume)
    let inside = min(max(volume, points[0].volume), points[points.count - 1].volume)
    return (points[i].area + slope * (inside - points[i].volume), slope)
  }
}
