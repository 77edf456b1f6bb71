internal import CobreCase

extension StageLPBuilder {
  /// Lets flows of lines with a reactance x follow the voltage angles at their ends (DC power flow: Stott, Jardim,
  /// Alsaç 2009): f⁺ − f⁻ = (θ source − θ target) / x, with θ in rad times the power base.
  ///
  /// A line without capacity is open. In each connected part of these lines the first bus has the angle 0.
  mutating func addAngles(_ study: StudyCase, layout: inout StageLPLayout) {
    guard study.lines.contains(where: \.followsAngles) else { return }
    for k in 0..<layout.blocks {
      let closed = study.lines.indices.filter { line in
        let position = line * layout.blocks + k
        return study.lines[line].followsAngles
          && (layout.lineDirect[position] != nil || layout.lineReverse[position] != nil)
      }
      for (bus, first) in Self.firstBuses(of: closed, study).sorted(by: { $0.key < $1.key }) {
        layout.angle[bus * layout.blocks + k] =
          bus == first ? addColumn(upper: 0) : addColumn(lower: -.infinity)
      }
      for index in closed {
        let line = study.lines[index]
        let position = index * layout.blocks + k
        guard let reactance = line.reactance, let source = layout.angle[line.sourceBus * layout.blocks + k],
          let target = layout.angle[line.targetBus * layout.blocks + k]
        else { continue }
        let row = addRow(lower: 0, upper: 0)
        if let column = layout.lineDirect[position] { add(1, row: row, column: column) }
        if let column = layout.lineReverse[position] { add(-1, row: row, column: column) }
        add(-1 / reactance, row: row, column: source)
        add(1 / reactance, row: row, column: target)
      }
    }
  }

  /// Of each bus that lines touch, the first bus of its connected part.
  private static func firstBuses(of lines: [Int], _ study: StudyCase) -> [Int: Int] {
    var neighbours: [Int: [Int]] = [:]
    for index in lines {
      neighbours[study.lines[index].sourceBus, default: []].append(study.lines[index].targetBus)
      neighbours[study.lines[index].targetBus, default: []].append(study.lines[index].sourceBus)
    }
    var first: [Int: Int] = [:]
    for start in neighbours.keys.sorted() where first[start] == nil {
      var open = [start]
      first[start] = start
      while let bus = open.popLast() {
        for next in neighbours[bus] ?? [] where first[next] == nil {
          first[next] = start
          open.append(next)
        }
      }
    }
    return first
  }
}
