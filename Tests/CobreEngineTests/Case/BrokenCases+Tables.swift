import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  static let schemaOfTables: [BrokenCase] = [
    BrokenCase("missing column", 201, F.loadStats, "row 1, column std_mw") {
      $0.write(F.loadStats, "bus_id,stage_id,mean_mw\n1,0,62\n1,1,58\n")
    },
    BrokenCase("unknown column", 202, F.loadStats, "row 1, column mean") { $0.replace(F.loadStats, "mean_mw", "mean") },
    BrokenCase("blank around a number", 203, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", " 62.0")
    },
    BrokenCase("decimal comma", 203, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", "\"62,0\"")
    },
    BrokenCase("thousands separator", 203, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", "1_062.0")
    },
    BrokenCase("fraction in an id column", 203, F.loadStats, "row 3, column stage_id") {
      $0.replace(F.loadStats, "1,1,58", "1,1.0,58")
    },
    BrokenCase("NaN in CSV", 204, F.loadStats, "row 2, column mean_mw") { $0.replace(F.loadStats, "62.0", "NaN") },
    BrokenCase("inf in CSV", 204, F.loadStats, "row 2, column mean_mw") { $0.replace(F.loadStats, "62.0", "-inf") },
    BrokenCase("load that no LP library takes", 204, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", "1e21")
    },
    BrokenCase("overflow in CSV", 204, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", "1e400")
    },
    BrokenCase("id beyond 32 bits in CSV", 204, F.loadStats, "row 2, column bus_id") {
      $0.replace(F.loadStats, "1,0,62", "2147483648,0,62")
    },
    BrokenCase("empty value", 205, F.loadStats, "row 2, column mean_mw") { $0.replace(F.loadStats, "62.0", "") },
    BrokenCase("empty quoted value", 205, F.loadStats, "row 2, column mean_mw") {
      $0.replace(F.loadStats, "62.0", "\"\"")
    },
    BrokenCase("row key twice", 207, F.loadStats, "row 3") { $0.replace(F.loadStats, "1,1,58", "1,0,58") },
    BrokenCase("unsorted key twice", 207, F.inflowOpenings, "row 5") {
      $0.files[F.inflowOpenings]? += Array("0,0,,7,1\n".utf8)
    },
    BrokenCase("null key twice", 207, F.planes, "row 3") {
      $0.write(F.planes, "hydro_id,stage_id,plane_id,gamma_0,gamma_v,gamma_q,gamma_s\n7,,0,1,0,1,0\n7,,0,1,0,1,0\n")
    },
    BrokenCase("negative deviation", 208, F.loadStats, "row 2, column std_mw") {
      $0.replace(F.loadStats, "62.0,0.0", "62.0,-1")
    },
    BrokenCase("probability above 1", 208, F.inflowOpenings, "row 3, column probability") {
      $0.replace(F.inflowOpenings, "0.4", "1.4")
    },
    BrokenCase("lag 0", 208, F.coefficients, "row 2, column lag") {
      $0.write(F.coefficients, "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n7,0,0,0.5,0.9\n")
    },
    BrokenCase("negative limit", 208, F.hydroBounds, "row 2, column max_turbined_m3s", base: .valley) {
      $0.replace(F.hydroBounds, "2,1,60", "2,1,-60")
    },
    BrokenCase("override of zero", 208, F.busOverrides, "row 2, column excess_cost") {
      $0.write(F.busOverrides, "bus_id,stage_id,excess_cost\n1,0,0\n")
    },
    BrokenCase("date in a table", 209, F.history, "row 2, column date") {
      $0.write(F.history, "hydro_id,date,value_m3s\n7,2021-02-30,5\n")
    },
  ]

  static let references: [BrokenCase] = [
    BrokenCase("unknown bus of a hydro", 301, F.hydros, "hydros[0].bus_id") {
      $0.set(F.hydros, "hydros[0].bus_id", 99)
    },
    BrokenCase("unknown bus of a line", 301, F.lines, "lines[0].target_bus_id", base: .valley) {
      $0.set(F.lines, "lines[0].target_bus_id", 5)
    },
    BrokenCase("unknown bus of a contract", 301, F.contracts, "contracts[1].bus_id", base: .valley) {
      $0.set(F.contracts, "contracts[1].bus_id", 2)
    },
    BrokenCase("unknown downstream", 302, F.hydros, "hydros[1].downstream_id", base: .valley) {
      $0.set(F.hydros, "hydros[1].downstream_id", 8)
    },
    BrokenCase("unknown diversion", 302, F.hydros, "hydros[1].diversion.downstream_id", base: .valley) {
      $0.set(F.hydros, "hydros[1].diversion.downstream_id", 8)
    },
    BrokenCase("unknown source of a pump", 302, F.pumps, "pumping_stations[0].source_hydro_id", base: .valley) {
      $0.set(F.pumps, "pumping_stations[0].source_hydro_id", 70)
    },
    BrokenCase("unknown plant in a table", 303, F.inflowOpenings, "row 2, column hydro_id") {
      $0.replace(F.inflowOpenings, "0,0,,7", "0,0,,17")
    },
    BrokenCase("unknown plant in storage", 303, F.initial, "storage[0].hydro_id") {
      $0.set(F.initial, "storage[0].hydro_id", 8)
    },
    BrokenCase("unknown plant of a model", 303, F.models, "production_models[0].hydro_id") {
      $0.write(
        F.models, #"{"production_models": [{"hydro_id": 1, "selection_mode": "stage_ranges", "stage_ranges": []}]}"#)
    },
    BrokenCase("unknown bus in a table", 304, F.loadStats, "row 3, column bus_id") {
      $0.replace(F.loadStats, "1,1,58", "2,1,58")
    },
    BrokenCase("unknown thermal in a table", 304, F.thermalBounds, "row 2, column thermal_id", base: .valley) {
      $0.replace(F.thermalBounds, "3,1,30", "4,1,30")
    },
    BrokenCase("unknown line of a factor", 304, F.exchangeFactors, "exchange_factors[0].line_id", base: .valley) {
      $0.set(F.exchangeFactors, "exchange_factors[0].line_id", 1)
    },
    BrokenCase("unknown entity in an expression", 305, F.generic, "constraints[0].expression") {
      $0.write(F.generic, generic("thermal_generation(4)"))
    },
    BrokenCase("unknown constraint", 305, F.genericBounds, "row 2, column constraint_id") {
      $0.write(F.generic, generic("thermal_generation(3)"))
      $0.write(F.genericBounds, "constraint_id,stage_id,block_id,bound\n2,0,,1\n")
    },
    BrokenCase(
      "unknown entity in a correlation", 306, F.correlation, "profiles.default.correlation_groups[0].entities[0].id"
    ) {
      $0.write(F.correlation, correlation(entities: #"{"type": "inflow", "id": 3}"#, matrix: "[[1]]"))
    },
    BrokenCase("unknown class in a correlation", 306, F.correlation) {
      $0.write(F.correlation, correlation(entities: #"{"type": "wind", "id": 3}"#, matrix: "[[1]]"))
    },
    BrokenCase("unknown profile", 306, F.correlation, "schedule[0].profile_name") {
      $0.write(F.correlation, correlation(entities: #"{"type": "inflow", "id": 7}"#, matrix: "[[1]]"))
      $0.set(F.correlation, "schedule", [["stage_id": 0, "profile_name": "wet"]])
    },
    BrokenCase("unknown stage in a table", 307, F.loadStats, "row 3, column stage_id") {
      $0.replace(F.loadStats, "1,1,58", "1,2,58")
    },
    BrokenCase("undeclared pre-study stage", 307, F.inflowStats, "row 6, column stage_id", base: .valley) {
      $0.files[F.inflowStats]? += Array("7,-1,20,2\n".utf8)
    },
    BrokenCase("pre-study stage in load statistics", 307, F.loadStats, "row 4, column stage_id") {
      $0.set(F.stages, "pre_study_stages", [["id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01"]])
      $0.files[F.loadStats]? += Array("1,-1,20,0\n".utf8)
    },
    BrokenCase(
      "unknown block of a factor", 308, F.loadFactors, "load_factors[0].block_factors[0].block_id", base: .valley
    ) {
      $0.set(F.loadFactors, "load_factors[0].block_factors[0].block_id", 2)
    },
    BrokenCase("unknown block of a bound", 308, F.genericBounds, "row 2, column block_id") {
      $0.write(F.generic, generic("thermal_generation(3)"))
      $0.write(F.genericBounds, "constraint_id,stage_id,block_id,bound\n1,0,1,1\n")
    },
    BrokenCase("unknown block in an expression", 308, F.generic, "constraints[0].expression") {
      $0.write(F.generic, generic("thermal_generation(3, 1)"))
      $0.write(F.genericBounds, "constraint_id,stage_id,bound\n1,0,1\n")
    },
    BrokenCase("unknown end of a transition", 309, F.stages, "policy_graph.transitions[0].target_id") {
      $0.set(F.stages, "policy_graph.transitions", [["source_id": 0, "target_id": 2, "probability": 1]])
    },
    BrokenCase("undefined season", 310, F.stages, "stages[1].season_id", base: .valley) {
      $0.set(
        F.stages, "season_definitions",
        ["cycle_type": "monthly", "seasons": [["id": 0, "label": "J", "month_start": 1]]])
    },
  ]

  static func generic(_ expression: String) -> String {
    """
    {"constraints": [{"id": 1, "name": "C", "expression": "\(expression)", "sense": "<=", "slack": {"enabled": false}}]}
    """
  }

  static func correlation(entities: String, matrix: String) -> String {
    """
    {"method": "spectral", "profiles": {"default": {"correlation_groups": [
      {"name": "G", "entities": [\(entities)], "matrix": \(matrix)}]}}}
    """
  }
}
