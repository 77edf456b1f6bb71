internal import CobreBase
internal import CobreEngine
internal import CobreRuns

/// Reports of runs by address: as a page, as the document that the page shows, and as a page for hosts that show apps.
package struct ReportResources: Sendable {
  let runs: RunService

  /// Address of the page that hosts show next to a conversation.
  package static let app = "ui://cobre/report"

  private static let prefix = "cobre://reports/"
  private static let documentSuffix = "/data"
  private static let limit = 4

  package static let templates = [
    ResourceTemplate(
      uriTemplate: "\(prefix){run_ids}", name: "report",
      description: "Report of a run, or of up to four compared, with commas between their ids: a web page",
      mimeType: "text/html"),
    ResourceTemplate(
      uriTemplate: "\(prefix){run_ids}\(documentSuffix)", name: "report data",
      description: "Title and sections of a report: texts, tables, series of charts", mimeType: "application/json"),
  ]

  /// Whether reading an address computes for long.
  package static func computes(_ uri: String) -> Bool { uri.hasPrefix(prefix) }

  package static func uri(_ ids: [String]) -> String { prefix + ids.joined(separator: ",") }

  package static func link(_ ids: [String]) -> ResourceLink {
    ResourceLink(
      uri: uri(ids), name: "report of \(ids.joined(separator: ", "))", title: "Report",
      description: "Report as a web page", mimeType: "text/html")
  }

  package func read(_ uri: String) throws -> ResourceContents? {
    if uri == Self.app {
      return ResourceContents(
        uri: uri, mimeType: AppExtension.mimeType, text: RunReport.appPage,
        lifetimeMilliseconds: Replies.listLifetimeMilliseconds, meta: ["ui": ["prefersBorder": true]])
    }
    guard uri.hasPrefix(Self.prefix) else { return nil }
    let isDocument = uri.hasSuffix(Self.documentSuffix)
    let list = uri.dropFirst(Self.prefix.count).dropLast(isDocument ? Self.documentSuffix.count : 0)
    let ids = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard (1...Self.limit).contains(ids.count), Set(ids).count == ids.count, ids.allSatisfy(RunIdentifier.isValid),
      try ids.allSatisfy({ try runs.snapshot(runID: $0) != nil })
    else { return nil }
    let document = try runs.answer(.report, runIDs: ids)
    return ResourceContents(
      uri: uri, mimeType: isDocument ? "application/json" : "text/html",
      text: isDocument ? JSONValue.object(document).text() : RunReport.html(document), lifetimeMilliseconds: 0)
  }
}
