import CobreMCP
import Testing

@Suite struct NearestNameTests {
  @Test(arguments: [
    ("case_dr", "case_dir"), ("caseDir", "case_dir"), ("worker", "workers"), ("iteration", "iterations"),
    ("seed", "seed"),
  ])
  func misspeltNameIsFound(name: String, expected: String) {
    #expect(NearestName.of(name, among: ["case_dir", "workers", "iterations", "seed"]) == expected)
  }

  @Test(arguments: ["", "temperature", "zzzz"])
  func strangeNameIsNot(name: String) {
    #expect(NearestName.of(name, among: ["case_dir", "workers", "iterations"]) == nil)
  }
}
