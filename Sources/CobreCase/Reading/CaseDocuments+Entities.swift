internal import CobreBase

/// Which element a place in the files of a case is about.
extension CaseDocuments {
  /// Names of the elements of a kind, by id, where the files give one.
  func names(of kind: String) -> [Int: String] {
    guard let kind = EntityKind(rawValue: kind), kind != .stage else { return [:] }
    let (file, key) = CaseFormat.listKey(kind)
    let elements = json[file]?[key]?.array ?? []
    let pairs = elements.compactMap { element in
      element["id"]?.int.flatMap { id in element["name"]?.string.map { (id, $0.printable(limit: 60)) } }
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// The element that a place is about by the id in its row or list entry, such as `bus_id`.
  ///
  /// - Parameters:
  ///   - file: path relative to the case.
  ///   - location: as findings give it, such as `row 7, column value` or `load_factors[2].stage_id`.
  /// - Returns: the element without its name, or nil where there is none.
  func entity(in file: String, at location: String) -> Finding.Entity? {
    guard let file = CaseFileName.allCases.first(where: { $0.path == file }) else { return nil }
    if let table = tables[file] { return Self.entity(in: table, at: location) }
    guard let object = json[file], let open = location.firstIndex(of: "["),
      let close = location[open...].firstIndex(of: "]"),
      let position = Int(location[location.index(after: open)..<close]),
      let elements = object[String(location[..<open])]?.array, elements.indices.contains(position),
      let members = elements[position].object
    else { return nil }
    for key in members.keys {
      if let kind = Self.kind(ofKey: key), let id = members[key]?.int { return Finding.Entity(kind, id: id) }
    }
    return nil
  }

  private static func entity(in table: Table, at location: String) -> Finding.Entity? {
    // Row 1 is the header.
    guard location.hasPrefix("row "), let row = Int(location.dropFirst(4).prefix { $0.isNumber }),
      (0..<table.rowCount).contains(row - 2)
    else { return nil }
    for column in table.shape.columns where column.kind == .int {
      guard let kind = kind(ofKey: column.name) else { continue }
      let ids = table.integers(column.name)
      guard ids.indices.contains(row - 2), ids[row - 2] != Table.none else { continue }
      return Finding.Entity(kind, id: ids[row - 2])
    }
    return nil
  }

  /// Kind of the elements whose ids a key or column holds, such as hydros for `hydro_id`; nil for stages and others.
  static func kind(ofKey key: String) -> EntityKind? {
    guard key.hasSuffix("_id") else { return nil }
    let word = String(key.dropLast("_id".count))
    if word == "ncs" { return .nonControllableSource }
    if word == "constraint" { return .genericConstraint }
    return EntityKind(rawValue: word).flatMap { $0 == .stage ? nil : $0 }
  }
}
