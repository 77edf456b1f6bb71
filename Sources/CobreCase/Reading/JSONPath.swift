internal import CobreBase

/// A path inside a JSON document, turned into text only when a finding needs it.
struct JSONPath {
  enum Step {
    case key(String)
    case index(Int)
  }

  private(set) var steps: [Step] = []

  mutating func push(_ key: String) { steps.append(.key(key)) }
  mutating func push(_ index: Int) { steps.append(.index(index)) }
  mutating func pop() { steps.removeLast() }

  /// The path as text: `hydros[2].reservoir`.
  ///
  /// A key may be added.
  func text(_ key: String? = nil) -> String {
    var text = ""
    for step in steps + (key.map { [.key($0)] } ?? []) {
      switch step {
      case .key(let name): text += (text.isEmpty ? "" : ".") + name.printable(limit: 60)
      case .index(let index): text += "[\(index)]"
      }
    }
    return text
  }
}
