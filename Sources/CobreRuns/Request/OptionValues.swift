package import CobreBase

/// Values of the options that have no stored property of their own, by name.
///
/// Requests and settings keep them so, and a new option needs no more than its declaration.
package struct OptionValues: Codable, Sendable, Equatable {
  /// JSON text by name, as files hold it.
  private var texts: [String: String] = [:]

  package init() {}

  package init(from decoder: any Decoder) throws { texts = try [String: String](from: decoder) }
  package func encode(to encoder: any Encoder) throws { try texts.encode(to: encoder) }

  package subscript(name: String) -> JSONValue? {
    get { texts[name].flatMap { try? JSONParser.parse(Array($0.utf8)) } }
    set { texts[name] = newValue?.text() }
  }
}
