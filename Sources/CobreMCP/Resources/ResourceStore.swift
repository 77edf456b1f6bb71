package import CobreEngine

/// Where the resources of a server come from; asked on threads that may block.
package protocol ResourceStore: Sendable {
  /// What can be read now, by full address.
  func list() throws -> [ResourceLink]

  /// Forms of addresses, for `resources/templates/list`.
  var templates: [ResourceTemplate] { get }

  /// The contents behind an address; nil where there is nothing.
  func read(_ uri: String) throws -> ResourceContents?
}

/// The text behind an address.
package struct ResourceContents: Sendable {
  package let uri: String
  package let mimeType: String
  package let text: String
  /// How long it may be kept, in milliseconds; 0 for what changes.
  package let lifetimeMilliseconds: Int64

  package init(uri: String, mimeType: String, text: String, lifetimeMilliseconds: Int64) {
    self.uri = uri
    self.mimeType = mimeType
    self.text = text
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  package var json: JSONValue {
    ["uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text)]
  }
}

/// A form of addresses with parts to fill in (RFC 6570).
package struct ResourceTemplate: Sendable {
  package let uriTemplate: String
  package let name: String
  package let description: String
  package let mimeType: String

  package var listing: JSONValue {
    [
      "uriTemplate": .string(uriTemplate), "name": .string(name), "description": .string(description),
      "mimeType": .string(mimeType),
    ]
  }
}
