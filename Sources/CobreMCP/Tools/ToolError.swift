/// Why a tool could not do what was asked.
///
/// Becomes a result with `isError`, which the model reads and can act on.
package struct ToolError: Error, Sendable, Equatable {
  /// Messages on what is wrong and what to do, each complete by itself.
  package let problems: [String]

  package init(_ problems: [String]) {
    self.problems = problems
  }

  package init(_ problem: String) {
    self.init([problem])
  }

  package var text: String {
    problems.count == 1 ? problems[0] : problems.map { "- \($0)" }.joined(separator: "\n")
  }
}
