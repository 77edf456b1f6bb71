package import CobreBase
internal import CobreEngine

/// A resource as lists and results name it.
package struct ResourceLink: Sendable, Equatable {
  package let uri: String
  package let name: String
  package let title: String
  package let description: String
  package let mimeType: String

  package init(uri: String, name: String, title: String, description: String, mimeType: String) {
    self.uri = uri
    self.name = name
    self.title = title
    self.description = description
    self.mimeType = mimeType
  }

  /// The entry in `resources/list`.
  package var listing: JSONValue {
    [
      "uri": .string(uri), "name": .string(name), "title": .string(title), "description": .string(description),
      "mimeType": .string(mimeType),
    ]
  }

  /// The content block of a tool result.
  package var content: JSONValue {
    [
      "type": "resource_link", "uri": .string(uri), "name": .string(name), "title": .string(title),
      "mimeType": .string(mimeType),
    ]
  }
}
