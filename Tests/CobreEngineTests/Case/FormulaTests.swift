import CobreTestSupport
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Formulas as Novomodelo 0.19.1 takes or refuses them.
@Suite struct FormulaTests {
  private static func value(_ text: String) throws(FormulaFailure) -> LinearForm {
    try Formula(text).evaluate { name throws(FormulaFailure) in name == "p" ? LinearForm(constant: 2.5) : nil }
  }

  private static let thermal = FormulaVariable(.thermalGeneration, entity: 3)

  @Test(arguments: [
    ("thermal_generation(3)", 1.0), ("--thermal_generation(3)", 1), ("+thermal_generation( 3 )", 1),
    ("1e1*thermal_generation(3)", 10), (".5*thermal_generation(3)", 0.5), ("5.*thermal_generation(3)", 5),
    ("1E+1*thermal_generation(3)", 10), ("thermal_generation(3) + thermal_generation(3)", 2),
    ("thermal_generation(3)/2/2", 0.25), ("2*-thermal_generation(3)", -2), ("thermal_generation(3.0)", 1),
    ("@p*thermal_generation(3)", 2.5), ("(@p+1)*thermal_generation(3)", 3.5), ("thermal_generation(3)/@p", 0.4),
    ("@p*(@p+@p)*thermal_generation(3)", 12.5), ("(thermal_generation(3)\n+ 0*hydro_storage(7))*(1+1)", 2),
  ])
  func formulasAreLinear(text: String, coefficient: Double) throws {
    let form = try Self.value(text)
    #expect(form == LinearForm(constant: 0, terms: [(Self.thermal, coefficient)]))
  }

  @Test func quantitiesTakeTheirArguments() throws {
    #expect(
      try Formula("hydro_generation(7, 0, bus=1) + hydro_turbined(7,bus=2) + thermal_generation(3,1)").quantities == [
        FormulaVariable(.hydroGeneration, entity: 7, block: 0, bus: 1),
        FormulaVariable(.hydroTurbined, entity: 7, bus: 2), FormulaVariable(.thermalGeneration, entity: 3, block: 1),
      ])
    #expect(
      try Formula("line_exchange(source_bus=1, target_bus=2) - line_exchange(4)").quantities == [
        FormulaVariable(.lineExchange, sourceBus: 1, targetBus: 2), FormulaVariable(.lineExchange, entity: 4),
      ])
    #expect(try Formula("hydro_storage_final(2)").quantities == [FormulaVariable(.hydroStorage, entity: 2)])
    // Formulas are of Novomodelo, which has no batteries.
    #expect(throws: FormulaFailure.self) { try Formula("battery_charge(1)") }
    for variable in GenericVariable.allCases where variable.registry != .battery {
      #expect(try Formula("\(variable.rawValue)(1)").quantities == [FormulaVariable(variable, entity: 1)])
    }
  }

  @Test func relationsMoveEverythingToTheLeft() throws {
    let formula = try Formula("thermal_generation(3) + 5 <= 30 - thermal_generation(3)")
    #expect(formula.relation == .lessOrEqual)
    let form = try Self.value("thermal_generation(3) + 5 <= 30 - thermal_generation(3)")
    #expect(form == LinearForm(constant: -25, terms: [(Self.thermal, 2)]))
    #expect(try Formula("30 >= thermal_generation(3)").relation == .greaterOrEqual)
    #expect(try Self.value("thermal_generation(3) - thermal_generation(3)") == .zero)
    #expect(throws: FormulaFailure.self) { try Formula("@p <= 3", allowsRelation: false) }
  }

  @Test(arguments: [
    ("", 1), ("2 thermal_generation(3)", 3), ("thermal_generation(3)2", 22), ("Thermal_generation(3)", 1),
    ("thermal_generation(-3)", 20), ("thermal_generation(3.5)", 20), ("@ p*thermal_generation(3)", 1),
    ("@q*thermal_generation(3)", 1), ("hydro_generation(7,bus=1,0)", 25), ("hydro_generation(id=7)", 18),
    ("hydro_generation(7,block=0)", 20), ("hydro_storage(7,0)", 17), ("thermal_generation(3)/0", 22),
    ("thermal_generation(3)*thermal_generation(3)", 22), ("1/thermal_generation(3)", 2),
    ("thermal_generation(3) = 5", 23),
    ("1e400*thermal_generation(3)", 1), ("@p <= 2 <= 3", 9), ("thermal_generation(3, bus=1)", 23), ("(@p", 4),
    ("thermal_generation(99999999999)", 20), ("@p +", 5), ("2^3", 2), ("1e200*1e200*thermal_generation(3)", 1),
  ])
  func faultsAreRefusedWhereTheyAre(text: String, column: Int) {
    do throws(FormulaFailure) {
      let form = try Self.value(text)
      Issue.record("\(text) was taken as \(form)")
    } catch {
      #expect(error.column == column, "\(text): \(error.message)")
    }
  }

  @Test func hostileFormulasAreBounded() throws {
    for text in [
      String(repeating: "(", count: 100_000), String(repeating: "-", count: 100_000),
      String(repeating: "1", count: 300_000),
      String(repeating: "@p*(", count: 40_000),
    ] {
      #expect(throws: FormulaFailure.self) { try Self.value(text) }
    }
    let sum = (0..<8000).map { "thermal_generation(\($0))" }.joined(separator: "+")
    #expect(try Self.value(sum).terms.count == 8000)
    var random = TestRandom(seed: 9)
    let alphabet = Array("()+-*/@p<=>= 0123.e,thermal_generation(3)bus")
    for _ in 0..<3000 {
      let text = String((0..<30).map { _ in alphabet[Int(random.unit() * Double(alphabet.count))] })
      _ = try? Self.value(text)
    }
  }

  @Test func namesStandForTheirStageAndBlock() throws {
    let parameters = [
      ScalarParameter(id: 0, name: "c", value: .constant(2)),
      ScalarParameter(id: 1, name: "s", value: .perStage([10, 20])),
      ScalarParameter(id: 2, name: "m", value: .seasonal([3: 7])),
      ScalarParameter(id: 3, name: "b", value: .perStageBlock([[0: 1, 1: 5], [:]])),
      ScalarParameter(id: 4, name: "f", value: .formula(try Formula("(@c + @s) * @h"))),
      ScalarParameter(id: 5, name: "loop", value: .formula(try Formula("@f + @loop"))),
      ScalarParameter(id: 6, name: "wrong", value: .formula(try Formula("thermal_generation(3)"))),
    ]
    let expressions = [
      (name: "h", formula: try Formula("@c/4")), (name: "g", formula: try Formula("@b*thermal_generation(3)")),
    ]
    var names = FormulaNames(
      parameters: parameters, expressions: expressions, energies: nil, positions: [0, 1], seasons: [3, nil])
    func value(_ text: String, _ stage: Int, _ block: Int?) throws -> LinearForm {
      try names.evaluate(try Formula(text), stage: stage, block: block)
    }
    #expect(try value("@f", 0, nil).constant == 6)
    #expect(try value("@f", 1, nil).constant == 11)
    #expect(try value("@m", 0, nil).constant == 7)
    #expect(try value("@g", 0, 1) == LinearForm(constant: 0, terms: [(Self.thermal, 5)]))
    for (text, stage, block) in [
      ("@m", 1, nil), ("@g", 0, nil), ("@g", 1, 0), ("@loop", 0, nil), ("@wrong", 0, nil), ("@nobody", 0, nil),
    ] as [(String, Int, Int?)] {
      #expect(throws: FormulaFailure.self) { try value(text, stage, block) }
    }
    let formula = try Formula("@g + @c")
    #expect(names.dependsOnBlock(formula))
    #expect(names.dependsOnStage(formula))
    #expect(!names.dependsOnStage(try Formula("@h + @c")))
    #expect(names.dependsOnStage(try Formula("@f")))
  }
}
