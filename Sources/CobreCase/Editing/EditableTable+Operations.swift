internal import CobreBase

extension EditableTable {
  /// How many rows an operation changed, added and took away.
  struct Effect: Equatable {
    var changed = 0
    var added = 0
    var removed = 0

    var description: String {
      let parts = [(changed, "changed"), (added, "added"), (removed, "removed")].filter { $0.0 > 0 }
      return parts.isEmpty
        ? "no row is another than before"
        : parts.map { "\($0.0) row\($0.0 == 1 ? "" : "s") \($0.1)" }.joined(separator: ", ")
    }
  }

  /// Changes the rows whose key is there, and adds the others at the end.
  mutating func merge(_ objects: [JSONObject]) throws(Failure) -> Effect {
    var effect = Effect()
    for object in objects {
      for name in object.keys { _ = try position(adding: name) }
    }
    // Key columns that may be left out count only where the file has them.
    let keys = shape.columns.filter { $0.isKey && columns.contains($0.name) }
    for key in shape.columns where key.isKey && !key.isNullable && !columns.contains(key.name) {
      throw Failure(sentence: "the table has no key column \"\(key.name)\"")
    }
    let places = try keys.map { (key) throws(Failure) in (name: key.name, position: try position(of: key.name)) }
    var index: [[String]: [Int]] = [:]
    for row in rows.indices {
      index[places.map { canonical(rows[row][$0.position], column: $0.name) }, default: []].append(row)
    }
    for (number, object) in objects.enumerated() {
      var values: [(position: Int, text: String?)] = []
      for (name, value) in object.members { values.append((try position(of: name), try field(value, column: name))) }
      var identity: [String] = []
      for (key, place) in zip(keys, places) {
        let text = values.first { $0.position == place.position }?.text
        if text == nil, !key.isNullable {
          throw Failure(
            sentence: "row \(number + 1) of the edit lacks the key \"\(key.name)\"; the key is "
              + shape.key.joined(separator: ", "))
        }
        identity.append(canonical(text, column: key.name))
      }
      if let found = index[identity], let first = found.first {
        let isOther = values.filter { value in !places.contains { $0.position == value.position } }
        var changes = false
        for (position, text) in isOther {
          // Where several rows share a key, each gives other columns.
          let row = found.first { rows[$0][position] != nil } ?? first
          if rows[row][position] != text { changes = true }
          rows[row][position] = text
        }
        if changes { effect.changed += 1 }
      } else {
        var row = [String?](repeating: nil, count: columns.count)
        for (position, text) in values { row[position] = text }
        index[identity, default: []].append(rows.count)
        rows.append(row)
        effect.added += 1
      }
    }
    return effect
  }

  /// Gives all rows that match new values, or multiplies their numbers.
  mutating func update(matching: JSONObject, set: JSONObject, multiply: JSONObject) throws(Failure) -> Effect {
    let chosen = try matches(matching)
    var effect = Effect()
    var values: [(position: Int, text: String?)] = []
    for (name, value) in set.members { values.append((try position(adding: name), try field(value, column: name))) }
    var factors: [(name: String, position: Int, factor: Double)] = []
    for (name, value) in multiply.members {
      guard let factor = value.number, factor.isFinite else {
        throw Failure(sentence: "the factor of \"\(name)\" must be a number, found \(value.text().prefix(40))")
      }
      guard shape.column(name)?.kind != .date, shape.column(name)?.isKey != true else {
        throw Failure(sentence: "\"\(name)\" holds no amounts, so it is not multiplied")
      }
      factors.append((name, try position(of: name), factor))
    }
    for row in chosen {
      let before = rows[row]
      for (position, text) in values { rows[row][position] = text }
      for (name, position, factor) in factors {
        guard let text = rows[row][position] else { continue }
        guard let number = Double(text) else {
          throw Failure(sentence: "row \(row + 1): \(name) is \"\(text.printable(limit: 40))\", which is no number")
        }
        let product = number * factor
        guard product.isFinite else {
          throw Failure(sentence: "row \(row + 1): \(name) times \(factor) is no finite number")
        }
        rows[row][position] = try field(.double(product), column: name)
      }
      if rows[row] != before { effect.changed += 1 }
    }
    return effect
  }

  /// Takes away the rows that match one of the objects.
  mutating func remove(_ objects: [JSONObject]) throws(Failure) -> Effect {
    var doomed: Set<Int> = []
    for object in objects { doomed.formUnion(try matches(object)) }
    rows = rows.indices.filter { !doomed.contains($0) }.map { rows[$0] }
    return Effect(removed: doomed.count)
  }

  /// Rows with the values of an object; a failure where there are none.
  func matches(_ object: JSONObject) throws(Failure) -> [Int] {
    var tests: [(position: Int, name: String, text: String)] = []
    for (name, value) in object.members {
      tests.append((try position(of: name), name, canonical(try field(value, column: name), column: name)))
    }
    let found = rows.indices.filter { row in
      tests.allSatisfy { canonical(rows[row][$0.position], column: $0.name) == $0.text }
    }
    guard found.isEmpty, !tests.isEmpty else { return found }
    let lost = tests.first { test in
      !rows.contains { canonical($0[test.position], column: test.name) == test.text }
    }
    guard let lost else { throw Failure(sentence: "no row has all of \(JSONValue.object(object).text().prefix(200))") }
    var known: [String] = []
    for row in rows where known.count < 12 {
      let text = canonical(row[lost.position], column: lost.name)
      if !known.contains(text) { known.append(text) }
    }
    throw Failure(
      sentence: "no row has \(lost.name) \(lost.text.printable(limit: 40))"
        + (known.isEmpty ? "; the table has no rows" : "; values are \(known.joined(separator: ", "))"))
  }
}
