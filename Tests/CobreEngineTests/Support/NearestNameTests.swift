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
}
