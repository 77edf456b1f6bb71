package import CobreCase
internal import CobreEngine
internal import Foundation

/// The files of a case as text: what the tests write instead of a directory.
package struct CaseText: Sendable {
  /// Relative path → text.
  package var files: [String: String] = [:]

  package init(_ files: [String: String] = [:]) { self.files = files }

  /// Writes a JSON file of the case.
  package mutating func json(_ path: String, _ value: JSONText) { files[path] = value.text + "\n" }

  /// Writes a CSV table of the case.
  ///
  /// Without a row the file is left out.
  package mutating func csv(_ path: String, _ header: String, _ rows: [String]) {
    guard !rows.isEmpty else { return }
    files[path] = ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The case as the reader takes it.
  package var caseFiles: CaseFiles { CaseFiles(contents: files.mapValues { Array($0.utf8) }) }

  /// Reads the case through the whole reader.
  ///
  /// A refused case is an error that lists the findings.
  package func study() throws -> StudyCase {
    let report = CaseReader.read(caseFiles)
    guard let study = report.study else { throw RefusedCase(findings: report.findings) }
    return study
  }

  /// Writes the case into a directory, which is created.
  package func write(to directory: String) throws {
    for (path, text) in files {
      let url = URL(fileURLWithPath: directory).appendingPathComponent(path)
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
  }
}

/// Reports why the reader refused a case that a test wanted to use.
package struct RefusedCase: Error, CustomStringConvertible {
  package let findings: [Finding]

  package init(findings: [Finding]) { self.findings = findings }

  package var description: String {
    "the case was refused:\n"
      + findings.map { "  [\($0.code)] \($0.file) \($0.location): \($0.message)" }
      .joined(separator: "\n")
  }
}
