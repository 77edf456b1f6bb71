package import CobreCase
internal import CobreEngine

/// The deterministic equivalent of a small case: one linear program over the whole tree of openings.
///
/// Written from the mathematical model alone, without the engine's stage LPs or training, so that the two can be
/// compared. Costs of a node count with the probability of its history and the discount from stage 0. With risk
/// measures the nested form is used: a column per node for its cost-to-go, and the form of the measure over the
/// children (`ExtensiveForm+Risk.swift`).
package struct ExtensiveForm: Sendable {
  package let tree: ScenarioTree
  package internal(set) var program = SparseProgram()
  /// Columns whose convex lower bounds are added where they are violated.
  var curves: [Curve] = []

  /// Builds the program of a case.
  package init(_ study: StudyCase) throws {
    tree = try ScenarioTree(study)
    let nested = study.stages.contains { !$0.riskMeasure.isNeutral }
    var nodes: [NodeProblem] = []
    for node in tree.nodes {
      let parent = node.parent.map { nodes[$0] }
      var problem = NodeProblem(study: study, node: node, parent: parent)
      problem.build(into: &program)
      if !nested {
        for (column, cost) in problem.costs { program.addCost(column, node.weight * cost) }
      }
      nodes.append(problem)
    }
    if nested { addNestedRisk(study, nodes) }
  }

  /// Least expected (or risk-adjusted) cost of the case in $.
  package func optimum() throws -> Double { try curves.isEmpty ? program.optimum() : optimumWithCurves() }

  /// Least cost of a case in $.
  package static func optimum(_ study: StudyCase) throws -> Double { try ExtensiveForm(study).optimum() }

  private mutating func addNestedRisk(_ study: StudyCase, _ problems: [NodeProblem]) {
    let free = Double.infinity
    let values = tree.nodes.indices.map { _ in program.addColumn(-free, free) }
    for (index, node) in tree.nodes.enumerated() {
      var balance = LinearExpression(column: values[index])
      for (column, cost) in problems[index].costs { balance.add(-cost / SparseProgram.costScale, column) }
      if !node.children.isEmpty {
        let outcomes = node.children.map { outcome($0, values, study) }
        let future = riskAdjusted(study.stages[node.stage].riskMeasure, outcomes)
        balance -= ScenarioTree.discount(study, stage: node.stage) * future
      }
      program.addRow(0, 0, balance)
    }
    let roots = tree.nodes.indices.filter { tree.nodes[$0].parent == nil }
    for (column, value) in riskAdjusted(
      study.stages[0].riskMeasure, roots.map { outcome($0, values, study) }
    ).terms {
      program.addCost(column, value * SparseProgram.costScale)
    }
  }
}
