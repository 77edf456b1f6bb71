package import CobreBase
internal import CobreEngine

/// The extension `io.modelcontextprotocol/ui` (SEP-1865): pages that a host shows next to the result of a tool.
package enum AppExtension {
  package static let identifier = "io.modelcontextprotocol/ui"
  package static let mimeType = "text/html;profile=mcp-app"

  /// Whether a client with these capabilities shows pages.
  package static func isDeclared(_ capabilities: JSONObject?) -> Bool {
    guard let own = capabilities?["extensions"]?[identifier]?.object else { return false }
    // Without a list it takes what there is.
    return own["mimeTypes"]?.array?.contains(.string(mimeType)) ?? true
  }
}
