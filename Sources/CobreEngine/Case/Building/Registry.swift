/// The entities of one kind: ids, names, and where each stands in its file.
struct Registry {
  let kind: EntityKind
  let file: CaseFileName
  let listKey: String
  /// Elements sorted by id.
  let nodes: [Node]
  let ids: [Int]
  /// Position in the file's list of each element.
  let positions: [Int]
  /// Index of each id.
  let index: [Int: Int]

  init(_ kind: EntityKind, _ root: Node) {
    self.kind = kind
    (self.file, self.listKey) = CaseFormat.listKey(kind)
    let elements = root[listKey].elements
    let order = elements.indices.sorted { (elements[$0]["id"].int, $0) < (elements[$1]["id"].int, $1) }
    self.nodes = order.map { elements[$0] }
    self.ids = nodes.map { $0["id"].int }
    self.positions = order
    self.index = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  var count: Int { nodes.count }

  /// Place of an element, or of a key in it.
  func path(_ element: Int, _ key: String? = nil) -> String {
    let path = "\(listKey)[\(positions[element])]"
    return key.map { "\(path).\($0)" } ?? path
  }

  func entity(_ element: Int) -> Finding.Entity {
    Finding.Entity(kind, id: ids[element], name: nodes[element]["name"].optionalText)
  }

  func entity(id: Int) -> Finding.Entity {
    index[id].map { entity($0) } ?? Finding.Entity(kind, id: id)
  }
}
