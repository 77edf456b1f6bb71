internal import CobreBase
internal import CobreEngine

/// The text of a client's configuration with this server entered or taken out; all else stays as it is.
enum ConfigurationText {
  /// Why a text is left alone, as a sentence.
  struct Refusal: Error {
    var sentence: String
  }

  /// The text with the server entered, or put in the place of an older entry of the name.
  static func entering(_ entry: ServerEntry, for client: ClientProgram, into text: String) throws(Refusal) -> String {
    switch client.form {
    case .json(let key):
      var document = try object(text)
      guard var servers = (document[key] ?? .object(JSONObject())).object else {
        throw Refusal(sentence: "\"\(key)\" in it is no object.")
      }
      servers[entry.name] = entry.json(for: client)
      document[key] = .object(servers)
      return written(document)
    case .toml:
      let kept = withoutTable(entry.name, text)
      let gap = kept.isEmpty || kept.hasSuffix("\n\n") ? "" : kept.hasSuffix("\n") ? "\n" : "\n\n"
      return kept + gap + entry.toml
    }
  }

  /// The text without the server; nil where it has none of that name, the empty text where nothing else is left.
  static func removing(_ name: String, for client: ClientProgram, from text: String) throws(Refusal) -> String? {
    switch client.form {
    case .json(let key):
      var document = try object(text)
      guard var servers = document[key]?.object, servers[name] != nil else { return nil }
      servers[name] = nil
      document[key] = servers.isEmpty ? Optional.none : .object(servers)
      return document.isEmpty ? "" : written(document)
    case .toml:
      let kept = withoutTable(name, text)
      guard kept != text else { return nil }
      // The blank line before the table came with it.
      return kept.hasSuffix("\n\n") ? String(kept.dropLast()) : kept
    }
  }

  private static func object(_ text: String) throws(Refusal) -> JSONObject {
    if text.allSatisfy(\.isWhitespace) { return JSONObject() }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONParser.parse(text)
    } catch {
      throw Refusal(
        sentence:
          "It is no plain JSON (line \(error.line), column \(error.column): \(error.message)), so it is left alone: "
          + "enter the block by hand.")
    }
    guard let object = value.object else {
      throw Refusal(sentence: "It holds no object, so it is left alone: enter the block by hand.")
    }
    return object
  }

  private static func written(_ document: JSONObject) -> String {
    JSONValue.object(document).text(JSONValue.WritingOptions(isIndented: true)) + "\n"
  }

  /// The text without the table of a server and its inner tables.
  private static func withoutTable(_ name: String, _ text: String) -> String {
    let headers = ["[mcp_servers.\(name)]", "[mcp_servers.\"\(name)\"]"]
    let inner = ["[mcp_servers.\(name).", "[mcp_servers.\"\(name)\"."]
    var kept: [Substring] = []
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let plain = line.drop { $0 == " " || $0 == "\t" }
      if plain.hasPrefix("[") {
        isInside = headers.contains { plain.hasPrefix($0) } || inner.contains { plain.hasPrefix($0) }
      }
      if !isInside { kept.append(line) }
    }
    var result = kept.joined(separator: "\n")
    if kept.count < text.split(separator: "\n", omittingEmptySubsequences: false).count, !result.isEmpty,
      !result.hasSuffix("\n")
    {
      result += "\n"
    }
    return result
  }
}
