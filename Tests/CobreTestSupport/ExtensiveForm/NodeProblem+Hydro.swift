internal import CobreCase
internal import CobreEngine

extension NodeProblem {
  func limits(_ h: Int) -> HydroLimits { study.hydroLimits[t * study.hydros.count + h] }
  func limits(_ h: Int, _ k: Int) -> HydroLimits { study.hydroBlockLimits[t, h, k] ?? limits(h) }
  func prices(_ h: Int) -> HydroCosts { study.hydroCosts[t * study.hydros.count + h] }
  func model(_ h: Int) -> ProductionModel { study.productionModels[t * study.hydros.count + h] }

  mutating func addHydroColumns(_ program: inout SparseProgram) {
    let none = [Int?](repeating: nil, count: blocks.count)
    for h in study.hydros.indices {
      turbined.append(blocks.map { _ in LinearExpression() })
      cells.append(NodeCell.all(of: study.hydros[h], blocks: blocks.count))
      spilled.append(none)
      diverted.append(none)
      generation.append(blocks.map { _ in LinearExpression() })
      blockStorage.append([])
      evaporation.append(none)
      withdrawal.append(LinearExpression())
      virtualInflow.append(nil)
      if hasHydro(h) {
        addStorage(h, &program)
        for k in blocks { addFlows(h, k, &program) }
      }
      guard hasHydro(h) || study.conventions.keepsDutiesOfAbsentPlants else { continue }
      if study.configuration.inflowMethod.hasSlack {
        // Where no lag has a part in it, no more water is bought than is missing (Mathematics.md, 5.3).
        let raises =
          study.conventions.truncationRule == .balance && study.configuration.inflowMethod.truncates
          || study.limitsVirtualInflow(stage: t, hydro: h, process: InflowProcess(study: study))
        virtualInflow[h] = column(
          &program, 0, raises ? max(0, -node.inflows[h]) : .infinity,
          cost: stageHours * prices(h).inflowNonnegativity)
      }
      addWithdrawal(h, &program)
      addWaterUses(h, &program)
      if hasHydro(h) { addEvaporation(h, &program) }
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
    let limit = limits(h, k)
    let cost = prices(h)
    spilled[h][k] = column(
      &program, limit.minSpillage, limit.maxSpillage ?? .infinity, cost: hours(k) * cost.spillage)
    guard !isFilling(h) else { return }
    let model = model(h)
    let price = model.kind == .fpha || study.conventions.chargesAllTurbinedFlow ? cost.fphaTurbined : 0
    for c in cells[h].indices {
      let groups = groupLimits(h, c, k)
      if model.kind == .fpha {
        cells[h][c].turbined[k] = LinearExpression(
          column: column(&program, 0, groups.reduce(0) { $0 + $1.maxTurbined }, cost: hours(k) * price))
        cells[h][c].generation[k] = LinearExpression(
          column: column(&program, 0, groups.reduce(0) { $0 + $1.maxGeneration }))
      } else {
        let rho = model.productivity
        let most = groups.reduce(0.0) {
          $0 + (rho > 0 ? min($1.maxTurbined, $1.maxGeneration / rho) : $1.maxTurbined)
        }
        let flow = LinearExpression(column: column(&program, 0, most, cost: hours(k) * price))
        cells[h][c].turbined[k] = flow
        cells[h][c].generation[k] = rho * flow
      }
      turbined[h][k] += cells[h][c].turbined[k]
      generation[h][k] += cells[h][c].generation[k]
    }
    if study.hydros[h].diversion != nil {
      diverted[h][k] = column(&program, limit.minDiversion, limit.maxDiversion, cost: hours(k) * cost.diversion)
    }
  }

  /// Limits of the machines of a cell in a block.
  func groupLimits(_ h: Int, _ c: Int, _ k: Int) -> [UnitGroupLimits] {
    let before = study.hydros.prefix(h).reduce(0) { $0 + $1.groups.count }
    guard !cells[h][c].groups.isEmpty else {
      let plant = limits(h, k)
      return [
        UnitGroupLimits(
          minTurbined: plant.minTurbined, maxTurbined: plant.maxTurbined, minGeneration: plant.minGeneration,
          maxGeneration: plant.maxGeneration)
      ]
    }
    return cells[h][c].groups.map { study.groupLimits[t, before + $0, k] ?? study.hydros[h].groups[$0].limits }
  }

  private mutating func addWithdrawal(_ h: Int, _ program: inout SparseProgram) {
    let wanted = limits(h).withdrawal
    withdrawal[h] = LinearExpression(constant: wanted)
    let isSigned = study.conventions.hasSignedWithdrawal
    guard wanted > 0 || isSigned && wanted < 0 else { return }
    let under = column(
      &program, 0, isSigned && wanted > 0 ? wanted : .infinity, cost: stageHours * prices(h).withdrawalViolationBelow)
    let over = column(
      &program, 0, wanted < 0 ? -wanted : .infinity, cost: stageHours * prices(h).withdrawalViolationAbove)
    withdrawal[h].terms = [(under, -1), (over, 1)]
  }

  /// e + σe− − σe+ − (k_v/2)·(v + v_in) = k0.
  private mutating func addEvaporation(_ h: Int, _ program: inout SparseProgram) {
    let isCalendar = study.conventions.evaporationRule == .calendarMonth
    guard let data = study.hydros[h].evaporation, let month = isCalendar ? stage.start.month - 1 : stage.seasonID else {
      return
    }
    let hydro = study.hydros[h]
    let reference =
      data.referenceVolumes?[month] ?? (hydro.limits.minStorage + hydro.limits.maxStorage) / 2
    let (area, slope) = NodeProblem.area(hydro.geometry, at: reference)
    let days = [31.0, stage.start.year % 4 == 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let depthHours = isCalendar ? 24 * days[month] : stageHours
    let kv = data.coefficients[month] * slope / (3.6 * depthHours)
    let k0 = data.coefficients[month] * area / (3.6 * depthHours) - kv * reference
    let full = k0 + kv * limits(h).maxStorage
    let isPerBlock = isCalendar && stage.blockMode == .chronological
    for k in isPerBlock ? Array(blocks) : [0] {
      let priced = isPerBlock ? hours(k) : stageHours
      let flow = column(
        &program, isCalendar ? -2 * abs(full) : 0, isCalendar ? 2 * abs(full) : 2 * max(0, full))
      let under = column(&program, cost: priced * prices(h).evaporationViolationBelow)
      let over = column(&program, cost: priced * prices(h).evaporationViolationAbove)
      for block in isPerBlock ? [k] : Array(blocks) { evaporation[h][block] = flow }
      var row = LinearExpression([(flow, 1), (under, 1), (over, -1)])
      row -= (kv / 2) * (isPerBlock ? blockStorage[h][k] : outgoing[h])
      row -= (kv / 2) * (isPerBlock && k > 0 ? blockStorage[h][k - 1] : incoming[h])
      program.addRow(k0, k0, row)
    }
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
