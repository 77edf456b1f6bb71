/// The members of a JSON object in written order, with unique keys.
package struct JSONObject: Sendable {
  /// Keys in order.
  package private(set) var keys: [String] = []
  /// Values in the order of `keys`.
  package private(set) var values: [JSONValue] = []
  /// Position of each key.
  ///
  /// Only kept where a search along `keys` would be slow.
  private var positions: [String: Int] = [:]

  private static let indexedFrom = 12

  package init() {}

  /// Later values replace earlier ones of the same key.
  package init(_ members: [(String, JSONValue)]) {
    for (key, value) in members { self[key] = value }
  }

  package var count: Int { keys.count }
  package var isEmpty: Bool { keys.isEmpty }

  /// The value of a key.
  ///
  /// Setting nil removes the member.
  package subscript(key: String) -> JSONValue? {
    get { position(key).map { values[$0] } }
    set {
      if let position = position(key) {
        if let newValue {
          values[position] = newValue
        } else {
          keys.remove(at: position)
          values.remove(at: position)
          reindex()
        }
      } else if let newValue {
        append(key, newValue)
      }
    }
  }

  /// Whether the key exists, with any value.
  package func contains(_ key: String) -> Bool { position(key) != nil }

  /// Key and value pairs in order.
  package var members: some Sequence<(key: String, value: JSONValue)> {
    zip(keys, values).lazy.map { (key: $0, value: $1) }
  }

  /// Adds a member, and returns false if the key exists already.
  mutating func insertNew(_ key: String, _ value: JSONValue) -> Bool {
    guard position(key) == nil else { return false }
    append(key, value)
    return true
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    keys.append(key)
    values.append(value)
    if keys.count == JSONObject.indexedFrom {
      reindex()
    } else if keys.count > JSONObject.indexedFrom {
      positions[key] = keys.count - 1
    }
  }

  private mutating func reindex() {
    positions = [:]
    guard keys.count >= JSONObject.indexedFrom else { return }
    for (position, key) in keys.enumerated() { positions[key] = position }
  }

  private func position(_ key: String) -> Int? {
    keys.count < JSONObject.indexedFrom ? keys.firstIndex(of: key) : positions[key]
  }
}

extension JSONObject: Hashable {
  /// Equal members in whatever order.
  package static func == (left: JSONObject, right: JSONObject) -> Bool {
    guard left.count == right.count else { return false }
    return zip(left.keys, left.values).allSatisfy { right[$0] == $1 }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(count)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
