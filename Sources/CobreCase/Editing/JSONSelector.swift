internal import CobreBase

/// Where in a JSON document an edit applies, such as `hydros[id=1].generation` or `stages[*]`.
///
/// Steps are keys, and in brackets the elements of a list: `[id=1]` or `[name=UPPER]` by a member, `[2]` by position
/// from 0 as findings print it, `[*]` all of them, `[+]` a new one at the end.
struct JSONSelector: Sendable, Equatable {
  enum Step: Sendable, Equatable {
    case key(String)
    case position(Int)
    case member(key: String, value: String)
    case all
    case new
  }

  /// Why an edit does not fit a document, as a sentence without its end.
  struct Failure: Error {
    var sentence: String
  }

  let steps: [Step]

  /// Steps inside each other, at most.
  private static let maximumSteps = 20

  /// Reads the text of a selector; empty for the document itself.
  init(_ text: String) throws(Failure) {
    var steps: [Step] = []
    var rest = Substring(text)
    while let first = rest.first {
      if first == "[" {
        guard let end = rest.firstIndex(of: "]") else {
          throw Failure(sentence: "a bracket is not closed in \"\(text)\"")
        }
        steps.append(try Self.element(rest[rest.index(after: rest.startIndex)..<end], in: text))
        rest = rest[rest.index(after: end)...]
      } else {
        if first == "." { rest = rest.dropFirst() }
        let key = rest.prefix { $0 != "." && $0 != "[" }
        guard !key.isEmpty else { throw Failure(sentence: "\"\(text)\" has a point without a key behind it") }
        steps.append(.key(String(key)))
        rest = rest[key.endIndex...]
      }
    }
    guard steps.count <= Self.maximumSteps else {
      throw Failure(sentence: "it has \(steps.count) steps; at most \(Self.maximumSteps) are followed")
    }
    if let early = steps.firstIndex(of: .new), early != steps.count - 1 {
      throw Failure(sentence: "\"[+]\" must be the last step of \"\(text)\"")
    }
    self.steps = steps
  }

  private static func element(_ text: Substring, in whole: String) throws(Failure) -> Step {
    if text == "*" { return .all }
    if text == "+" { return .new }
    if let position = Int(text), position >= 0 { return .position(position) }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw Failure(sentence: "\"[\(text)]\" must be [key=value], a position from 0 such as [2], [*] or [+]")
    }
    var value = parts[1]
    if value.count > 1, value.hasPrefix("\""), value.hasSuffix("\"") { value = value.dropFirst().dropLast() }
    return .member(key: String(parts[0]), value: String(value))
  }

  /// The document with `change` applied where the selector leads; nil from `change` removes the value.
  ///
  /// - Parameters:
  ///   - document: the whole document.
  ///   - creates: whether missing keys on the way become objects, and `[+]` makes an element.
  ///   - change: gets the value there, or nil for a new one.
  /// - Returns: the changed document, and how many values were changed.
  /// - Throws: `Failure` where it leads nowhere.
  func applying(
    to document: JSONValue, creates: Bool, _ change: (JSONValue?) -> JSONValue?
  ) throws(Failure) -> (document: JSONValue, count: Int) {
    var count = 0
    let changed = try descend(document, steps[...], creates, &count, change)
    return (changed ?? .null, count)
  }

  private func descend(
    _ value: JSONValue?, _ steps: ArraySlice<Step>, _ creates: Bool, _ count: inout Int,
    _ change: (JSONValue?) -> JSONValue?
  ) throws(Failure) -> JSONValue? {
    guard let step = steps.first else {
      count += 1
      return change(value)
    }
    let rest = steps.dropFirst()
    if case .key(let key) = step {
      guard var object = (value ?? (creates ? .object(JSONObject()) : nil))?.object else {
        throw Failure(sentence: "\"\(key)\" was looked for in \(value?.typeName ?? "nothing"), which has no keys")
      }
      guard object[key] != nil || creates else {
        throw Failure(sentence: "there is no \"\(key)\"\(Self.nearest(key, object.keys))")
      }
      object[key] = try descend(object[key], rest, creates, &count, change)
      return .object(object)
    }
    guard var list = (value ?? (creates && step == .new ? .array([]) : nil))?.array else {
      throw Failure(sentence: "elements were looked for in \(value?.typeName ?? "nothing"), which is no list")
    }
    if step == .new {
      count += 1
      if let element = change(nil) { list.append(element) }
      return .array(list)
    }
    let chosen = try Self.positions(of: step, in: list)
    // From the end, so that positions hold while elements are removed.
    for position in chosen.reversed() {
      if let changed = try descend(list[position], rest, creates, &count, change) {
        list[position] = changed
      } else {
        list.remove(at: position)
      }
    }
    return .array(list)
  }

  private static func positions(of step: Step, in list: [JSONValue]) throws(Failure) -> [Int] {
    switch step {
    case .position(let position):
      guard position < list.count else {
        throw Failure(sentence: "there is no element \(position); the list has \(list.count), counted from 0")
      }
      return [position]
    case .member(let key, let value):
      let found = list.indices.filter { list[$0][key].map { text($0) == value } ?? false }
      guard found.isEmpty else { return found }
      let known = list.prefix(20).compactMap { $0[key].map(text) }
      throw Failure(
        sentence: "no element has \(key) \(value)"
          + (known.isEmpty ? "" : "; there are \(known.joined(separator: ", "))\(list.count > 20 ? " and more" : "")"))
    case .all, .new, .key:
      return Array(list.indices)
    }
  }

  /// The values to which the selector leads.
  func values(in document: JSONValue) throws(Failure) -> [JSONValue] {
    var found: [JSONValue] = []
    _ = try applying(to: document, creates: false) { value in
      if let value { found.append(value) }
      return value
    }
    // Lists are walked from their end.
    return found.reversed()
  }

  private static func text(_ value: JSONValue) -> String { value.string ?? value.text() }

  private static func nearest(_ key: String, _ keys: [String]) -> String {
    if let nearest = NearestName.nearest(to: key, among: keys) { return "; did you mean \"\(nearest)\"" }
    return keys.isEmpty ? "" : "; there are \(keys.prefix(20).joined(separator: ", "))"
  }
}
