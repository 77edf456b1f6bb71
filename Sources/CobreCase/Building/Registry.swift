/// The entities of one kind: ids, names, and the position of each in its file.
struct Registry {
  let kind: EntityKind
  /// Path of the file relative to the case directory.
  let file: String
  let listKey: String
  /// Elements in the order of the study.
  let nodes: [Node]
  let ids: [Int]
  /// Position in the file's list of each element.
  let positions: [Int]
  /// Index of each id.
  let index: [Int: Int]

  /// The registry of a case in our own format: sorted by id.
  init(_ kind: EntityKind, _ root: Node) {
    let (file, key) = CaseFormat.listKey(kind)
    self.init(kind, file: file.path, listKey: key, root) { $0["id"].int < $1["id"].int }
  }

  /// The registry of a file, in an order of its elements.
  ///
  /// Equal elements keep the order of the file.
  init(_ kind: EntityKind, file: String, listKey: String, _ root: Node, by precedes: (Node, Node) -> Bool) {
    self.kind = kind
    self.file = file
    self.listKey = listKey
    let elements = root[listKey].elements
    let order = elements.indices.sorted {
      precedes(elements[$0], elements[$1]) || (!precedes(elements[$1], elements[$0]) && $0 < $1)
    }
    self.nodes = order.map { elements[$0] }
    self.ids = nodes.map { $0["id"].int }
    self.positions = order
    self.index = Dictionary(ids.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  var count: Int { nodes.count }

  /// Path of an element, or of a key in it.
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
