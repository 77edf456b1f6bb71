import CobreBase
import CobreCase
import CobreEngine

/// Generic constraints in stages of 300 and 430 hours.
extension NovomodeloSmallCase {
  static let rows: [NovomodeloSmallCase] = [
    row("N35 row for every block", 17_099_550, "thermal_generation(3)", [[0, 0, nil, nil, 10]]),
    row("N35 row for one block", 10_912_050, "thermal_generation(3)", [[0, 0, 1, nil, 10]]),
    row("N35 rows for both", 18_873_300, "thermal_generation(3)", [[0, 0, nil, nil, 10], [0, 0, 1, nil, 5]]),
    row("limit beside a relation", 14_088_300, "thermal_generation(3) <= 5", [[0, 0, nil, nil, 10]]),
    row("limit of the other side", 20_110_800, "thermal_generation(3) <= 5", [[0, 0, nil, 1, nil]]),
    row("equation", 20_110_800, "thermal_generation(3) == 5", [[0, 0, nil, nil, nil]]),
    row("equation with room above", 14_088_300, "thermal_generation(3) == 5", [[0, 0, nil, nil, 10]]),
    row("storage in a row of a stage", 16_577_400, "hydro_storage(7) >= 100", [[0, 0, nil, nil, nil]]),
    row("storage in a row of a block", 16_577_400, "hydro_storage(7) >= 100", [[0, 0, 1, nil, nil]]),
    // 61.024 hm³ are missing to 100, which cost 3,683,400 otherwise: 61.024 · 400 · 300, and 61.024 · 400 · 430.
    row(
      "storage for the hours of a block", 11_006_280, "hydro_storage(7) >= 100", [[0, 0, 0, nil, nil]], penalty: 400),
    row(
      "storage for the hours of another block", 14_179_528, "hydro_storage(7) >= 100", [[0, 0, 1, nil, nil]],
      penalty: 400),
    row(
      "storage and power", 3_815_448, "hydro_storage(7) + thermal_generation(3) >= 140", [[0, 0, nil, nil, nil]],
      basis: "per_unit"),
    row(
      "storage, priced once", 3_744_424, "hydro_storage(7) >= 100", [[0, 0, nil, nil, nil]], basis: "per_unit"),
    // The plant declares a minimum of 10 hm³. A table that raises it for the stage does not move what is useful.
    row(
      "useful volume under a raised minimum", 3_744_424, "hydro_useful_volume_final(7) >= 90",
      [[0, 0, nil, nil, nil]], basis: "per_unit"
    ) { $0.hydroBounds("min_storage_hm3", [[7, 0, 12]]) },
    row(
      "storage of both ends in blocks", 15_428_100, "hydro_storage_initial(7) + hydro_useful_volume_final(7) >= 150",
      [[0, 1, nil, nil, nil]]
    ) {
      for stage in 0...1 { $0.set("stages.json", "stages[\(stage)].block_mode", "chronological") }
    },
    row(
      "arithmetic", 3_683_400, "-(@a*hydro_turbined(7) - 2*@b*thermal_generation(3,1))/4 >= @e + 1",
      [[0, 0, nil, nil, nil]], penalty: 100
    ) {
      $0.set(
        "constraints/generic_constraints.json", "expressions",
        [["name": "e", "expression": "hydro_spillage(7) - 3*@b"]])
      $0.parameters([
        ["id": 1, "name": "a", "kind": "per_stage", "values": [[0.0, 1.5], [1.0, 2.5]]],
        ["id": 2, "name": "b", "kind": "expression", "expression": "@a/3+@c"],
        ["id": 3, "name": "c", "kind": "constant", "value": 0.25],
      ])
    },
    row(
      "parameter by block", 30_402_675, "@p*thermal_generation(3) <= 10",
      [[0, 0, nil, nil, nil], [0, 1, 1, nil, nil]]
    ) {
      $0.parameters([
        [
          "id": 1, "name": "p", "kind": "per_stage_block",
          "block_values": [[0.0, 0.0, 1.0], [0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [1.0, 1.0, 4.0]],
        ]
      ])
    },
    row(
      "parameter by stage", 9_957_100, "@a*hydro_storage(7) >= 100", [[0, 0, nil, nil, nil], [0, 1, nil, nil, nil]]
    ) {
      $0.parameters([["id": 1, "name": "a", "kind": "per_stage", "values": [[0.0, 1.5], [1.0, 2.5]]]])
    },
    row(
      "stored energy", 3_713_438.7327428577, "@r*hydro_useful_volume_final(7) >= 0.5*@m",
      [[0, 0, nil, nil, nil], [0, 1, nil, nil, nil]], penalty: 1, basis: "per_unit"
    ) {
      $0.addHead()
      func tag(_ name: String) -> JSONValue { ["tag": .string(name), "hydro_id": 7] }
      $0.parameters([
        [
          "id": 1, "name": "r", "kind": "computed",
          "computed_spec": tag("integrated_accumulated_productivity_mwh_per_hm3"),
        ],
        ["id": 2, "name": "m", "kind": "computed", "computed_spec": tag("max_stored_energy_mwh")],
      ])
    },
  ]

  private static func row(
    _ name: String, _ optimum: Double, _ expression: String, _ rows: [[Double?]], penalty: Double = 1000,
    basis: String = "per_hour", _ edit: (inout CaseDraft) -> Void = { _ in }
  ) -> NovomodeloSmallCase {
    NovomodeloSmallCase(name, optimum) {
      $0.splitBlocks()
      $0.constrain(expression, rows, penalty: penalty, basis: basis)
      edit(&$0)
    }
  }
}

extension CaseDraft {
  /// A generic constraint with the id 0.
  ///
  /// Rows hold constraint, stage, block, lower and upper limit.
  mutating func constrain(_ expression: String, _ rows: [[Double?]], penalty: Double, basis: String) {
    json(
      "constraints/generic_constraints.json",
      [
        "constraints": [
          [
            "id": 0, "name": "C", "expression": .string(expression),
            "slack": ["enabled": true, "penalty": .double(penalty), "penalty_basis": .string(basis)],
          ]
        ]
      ])
    table("constraints/generic_constraint_bounds", "constraint_id stage_id block_id bound_lower bound_upper", rows)
  }

  mutating func parameters(_ values: [JSONValue]) {
    json("constraints/generic_parameters.json", ["scalar_parameters": .array(values)])
  }

  /// Geometry, tailrace, losses and efficiency of the plant 7.
  mutating func addHead(plants: [Double] = [7]) {
    set("system/hydros.json", "hydros[0].tailrace", ["type": "polynomial", "coefficients": [300.0, 0.02]])
    set("system/hydros.json", "hydros[0].hydraulic_losses", ["type": "factor", "value": 0.03])
    set("system/hydros.json", "hydros[0].efficiency", ["type": "constant", "value": 0.9])
    set("system/hydros.json", "hydros[0].specific_productivity_mw_per_m3s_per_m", 0.0088)
    table(
      "system/hydro_geometry", "hydro_id volume_hm3 height_m area_km2",
      plants.flatMap { [[$0, 0, 400, 2], [$0, 100, 420, 6], [$0, 200, 430, 8]] })
  }
}
