package import CobreCase
package import CobreEngine

/// Names of the elements of a case.
package struct ElementNames: Sendable {
  private let study: StudyCase

  package init(_ study: StudyCase) { self.study = study }

  /// Units of the same elements' quantities.
  var units: LabelUnits { LabelUnits(study) }

  /// The name of an element by its id; nil where there is no such element, or it has none of its own.
  package func name(_ kind: ElementKind, id: Int) -> String? {
    guard kind != .system else { return nil }
    return (0..<kind.count(in: study)).lazy.map { kind.element($0, in: study) }.first { $0.id == id }?.name
  }

  /// The name of the element of a column.
  package func name(_ label: StageLPNames.Label) -> String {
    guard label.entity == .system || (0..<label.entity.count(in: study)).contains(label.index) else {
      return "\(label.entity.rawValue) \(label.index)"
    }
    return label.entity.element(label.index, in: study).name
  }
}
