import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("case_dr", "case_dir"), ("caseDir", "case_dir"), ("worker", "workers"), ("itertaions", "iterations"),
    ("seed", "seed"), ("WORKERS", "workers"),
  ])
  func misspeltNameIsFound(name: String, expected: String) {
    #expect(NearestName.nearest(to: name, among: ["case_dir", "workers", "iterations", "seed"]) == expected)
  }

  @Test(arguments: ["", "temperature", "zzzz"])
  func strangeNameIsNot(name: String) {
    #expect(NearestName.nearest(to: name, among: ["case_dir", "workers", "iterations"]) == nil)
  }

  @Test(arguments: [
    ("hydro.json", "system/hydros.json"), ("stages.json", "stages.json"),
    ("load_factor.json", "scenarios/load_factors.json"),
    ("system/hydro.json", "system/hydros.json"), ("zzzz", nil),
  ])
  func pathsAreFoundWithoutTheirFolder(name: String, expected: String?) {
    let paths = ["stages.json", "system/hydros.json", "system/buses.json", "scenarios/load_factors.json"]
    #expect(NearestName.nearestPath(to: name, among: paths) == expected)
  }
}
