import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import CobreTestSupport
import Testing

/// How big the stage LPs of a case are, as a client sees it.
@Suite struct StageLPViewTests {
  /// One reservoir, two thermals, one load block.
  ///
  /// Columns: turbined, spilled, virtual inflow, two thermals, deficit, excess,
  /// storage and future cost. Rows: the balance of water (4 columns) and that of load (5 columns).
  @Test func sizesOfAnExample() throws {
    let view = try view(of: "single-hydro")
    #expect(view["columns"] == .int(9))
    #expect(view["rows"] == .int(2))
    #expect(view["nonzeros"] == .int(9))
    // MW per m³/s, and hm³ per m³/s of a month of 744 hours.
    #expect(view["smallest_coefficient"]?.number == 0.9)
    let largest = try #require(view["largest_coefficient"]?.number)
    #expect(abs(largest - 0.0036 * 744) < 1e-12)
  }

  @Test func stagesOfOneSizeAreOneEntry() throws {
    let stages = try #require(view(of: "four-areas")["by_stage"]?.array)
    #expect(stages.map { $0["first_stage"] } == [.int(0)])
    #expect(stages.map { $0["last_stage"] } == [.int(11)])
  }

  private func view(of example: String) throws -> JSONValue {
    let study = try #require(CaseReader.read(directory: ReferenceCollection.packageRoot + "/examples/" + example).study)
    return try #require(JSONValue.object(CaseView.json(study))["stage_problems"])
  }
}
