internal import CobreBase
package import CobreCase
internal import CobreEngine

/// The documentation of the case format and its schemas as resources.
package enum FormatResources {
  private static let schemas = "cobre://schemas/"
  private static let documentation = "cobre://documentation/case-format"
  private static let novomodeloSchemas = schemas + "novomodelo/"
  private static let novomodeloDocumentation = "cobre://documentation/novomodelo-case-format"

  /// Address of the schema of a file.
  package static func schemaURI(_ name: CaseFileName) -> String { schemas + name.path }

  package static let documents: [ResourceLink] =
    [
      ResourceLink(
        uri: documentation, name: "case-format", title: "Case format",
        description: "Files, units and conventions of a case directory", mimeType: "text/markdown"),
      ResourceLink(
        uri: novomodeloDocumentation, name: "novomodelo-case-format", title: "Case format of Novomodelo",
        description: "Files, units and conventions of a case directory of Novomodelo 0.19", mimeType: "text/markdown"),
    ]

  package static var schemaList: [ResourceLink] {
    CaseFileName.allCases.map {
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
    ResourceTemplate(
      uriTemplate: "\(novomodeloSchemas){+file}", name: "schema of Novomodelo's format",
      description: "JSON Schema or column list of a file of a Novomodelo case, e.g. system/hydros.json",
      mimeType: "application/schema+json"),
    ResourceTemplate(
      uriTemplate: "\(novomodeloDocumentation)/{+file}", name: "file documentation of Novomodelo's format",
      description: "Every key or column of a file of a Novomodelo case with type, default, unit and meaning",
      mimeType: "text/markdown"),
  ]

  package static func read(_ uri: String) -> ResourceContents? {
    let lifetime = Replies.listLifetimeMilliseconds
    if uri == documentation {
      return ResourceContents(
        uri: uri, mimeType: "text/markdown", text: FormatDocument.overview(), lifetimeMilliseconds: lifetime)
    }
    if uri == novomodeloDocumentation {
      return ResourceContents(
        uri: uri, mimeType: "text/markdown", text: FormatDocument.overview(.novomodelo), lifetimeMilliseconds: lifetime)
    }
    if let name = file(uri, .cobre, after: documentation + "/")
      ?? file(uri, .novomodelo, after: novomodeloDocumentation + "/")
    {
      return ResourceContents(
        uri: uri, mimeType: "text/markdown", text: FormatDocument.file(name), lifetimeMilliseconds: lifetime)
    }
    if let name = file(uri, .cobre, after: schemas) ?? file(uri, .novomodelo, after: novomodeloSchemas) {
      return ResourceContents(
        uri: uri, mimeType: mimeType(name),
        text: SchemaDocument.schema(name).text(JSONValue.WritingOptions(isIndented: true)),
        lifetimeMilliseconds: lifetime)
    }
    return nil
  }

  private static func file(_ uri: String, _ format: DescribedFormat, after prefix: String) -> DescribedFile? {
    uri.hasPrefix(prefix) ? format.file(String(uri.dropFirst(prefix.count))) : nil
  }

  private static func mimeType(_ name: CaseFileName) -> String { mimeType(DescribedFile(name)) }

  private static func mimeType(_ name: DescribedFile) -> String {
    name.isTable ? "application/json" : "application/schema+json"
  }
}
