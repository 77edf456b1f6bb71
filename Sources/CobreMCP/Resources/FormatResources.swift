package import CobreEngine

/// The documentation of the case format and its schemas as resources.
package enum FormatResources {
  private static let schemas = "cobre://schemas/"
  private static let documentation = "cobre://documentation/case-format"

  /// Address of the schema of a file.
  package static func schemaURI(_ name: CaseFileName) -> String { schemas + name.path }

  package static var list: [ResourceLink] {
    [
      ResourceLink(
        uri: documentation, name: "case-format", title: "Case format",
        description: "Files, units and conventions of a case directory", mimeType: "text/markdown")
    ]
      + CaseFileName.allCases.map {
        ResourceLink(
          uri: schemaURI($0), name: "schema of \($0.path)", title: "Schema of \($0.path)", description: $0.summary,
          mimeType: mimeType($0))
      }
  }

  package static let templates = [
    ResourceTemplate(
      uriTemplate: "\(schemas){+file}", name: "schema",
      description: "JSON Schema or column list of a file of a case, e.g. system/hydros.json",
      mimeType: "application/schema+json"),
    ResourceTemplate(
      uriTemplate: "\(documentation)/{+file}", name: "file documentation",
      description: "Every key or column of a file of a case with type, default, unit and meaning",
      mimeType: "text/markdown"),
  ]

  package static func read(_ uri: String) -> ResourceContents? {
    let lifetime = Replies.listLifetimeMilliseconds
    if uri == documentation {
      return ResourceContents(
        uri: uri, mimeType: "text/markdown", text: FormatDocument.overview(), lifetimeMilliseconds: lifetime)
    }
    if let name = file(uri, after: documentation + "/") {
      return ResourceContents(
        uri: uri, mimeType: "text/markdown", text: FormatDocument.file(name), lifetimeMilliseconds: lifetime)
    }
    if let name = file(uri, after: schemas) {
      return ResourceContents(
        uri: uri, mimeType: mimeType(name),
        text: SchemaDocument.schema(name).text(JSONValue.WritingOptions(isIndented: true)),
        lifetimeMilliseconds: lifetime)
    }
    return nil
  }

  private static func file(_ uri: String, after prefix: String) -> CaseFileName? {
    uri.hasPrefix(prefix) ? CaseFileName(rawValue: String(uri.dropFirst(prefix.count))) : nil
  }

  private static func mimeType(_ name: CaseFileName) -> String {
    name.isTable ? "application/json" : "application/schema+json"
  }
}
