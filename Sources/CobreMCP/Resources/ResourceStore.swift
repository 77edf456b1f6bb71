package import CobreBase
internal import CobreEngine

/// Where the resources of a server come from.
///
/// It is called on threads that may block.
package protocol ResourceStore: Sendable {
  /// What can be read now, by full address, in an order that does not change but by what comes and goes.
  func list() throws -> [ResourceLink]

  /// Forms of addresses, for `resources/templates/list`.
  var templates: [ResourceTemplate] { get }

  /// The contents behind an address, or nil if there is nothing.
  func read(_ uri: String) throws -> ResourceContents?
}

/// A part of a list of resources.
package struct ResourcePage: Sendable {
  package var links: [ResourceLink]
  /// What asks for the next page; nil on the last one.
  package var next: String?

  /// Entries of a page.
  package static let size = 50

  /// - Parameters:
  ///   - all: the whole list.
  ///   - cursor: of the page before; nil for the first one.
  /// - Throws: `RPCError` where the cursor names no entry, as when the run that it named has been deleted.
  package init(_ all: [ResourceLink], after cursor: String?) throws(RPCError) {
    var start = 0
    if let cursor {
      guard let last = all.firstIndex(where: { $0.uri == cursor }) else {
        throw RPCError(.invalidParams, "Invalid params: unknown cursor. Begin again without one.")
      }
      start = last + 1
    }
    links = Array(all.dropFirst(start).prefix(Self.size))
    next = start + links.count < all.count ? links.last?.uri : nil
  }
}

/// The text behind an address.
package struct ResourceContents: Sendable {
  package let uri: String
  package let mimeType: String
  package let text: String
  /// How long it may be kept, in milliseconds; 0 for what changes.
  package let lifetimeMilliseconds: Int64
  /// What extensions say of it.
  package let meta: JSONObject?

  package init(
    uri: String, mimeType: String, text: String, lifetimeMilliseconds: Int64, meta: JSONObject? = nil
  ) {
    self.meta = meta
    self.uri = uri
    self.mimeType = mimeType
    self.text = text
    self.lifetimeMilliseconds = lifetimeMilliseconds
  }

  package var json: JSONValue {
    var members: JSONObject = ["uri": .string(uri), "mimeType": .string(mimeType), "text": .string(text)]
    if let meta { members["_meta"] = .object(meta) }
    return .object(members)
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
