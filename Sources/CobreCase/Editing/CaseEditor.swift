internal import CobreBase
internal import Foundation

/// Edits cases on the disk: reads, changes in memory, validates, and writes all files together.
package struct CaseEditor: Sendable {
  /// What an edit came to.
  package struct Outcome: Sendable {
    /// Whether the files were written.
    package var isApplied: Bool
    package var changes: [CaseRevision.Change]
    /// Paths of files whose contents are others.
    package var files: [String]
    /// What `validate_case` says of the case after the edits, applied or not.
    package var report: CaseReport
    /// Whether the case had errors before.
    package var hadErrors: Bool
  }

  /// How edits are taken.
  package struct Options: Sendable {
    /// Changes nothing, and gives the findings.
    package var isDryRun = false
    /// Writes although a valid case would get errors.
    package var allowsErrors = false

    /// Called when it is known what to write, and nothing is written yet.
    package var beforeChange: @Sendable () throws -> Void

    package init(
      isDryRun: Bool = false, allowsErrors: Bool = false, beforeChange: @escaping @Sendable () throws -> Void = {}
    ) {
      self.isDryRun = isDryRun
      self.allowsErrors = allowsErrors
      self.beforeChange = beforeChange
    }
  }

  /// Where cases may be read.
  private let bounds: CaseBounds
  /// Directories, free of links, under which files may be written.
  private let roots: [String]

  package init(bounds: CaseBounds = .anywhere, writable roots: [String] = ["/"]) {
    self.bounds = bounds
    self.roots = roots
  }

  /// Seconds that an edit waits for another one of the same case.
  private static let patience = 5.0

  /// Applies edits to the case of a directory, all of them or none.
  ///
  /// A valid case is not broken unless `allowsErrors`; one that has errors already may be corrected step by step.
  ///
  /// - Throws: `CaseEditFailure` for edits that do not fit, `OutputDirectory.Failure` for what cannot be written.
  package func edit(_ directory: String, _ edits: [CaseEdit], _ options: Options = Options()) throws -> Outcome {
    if options.isDryRun { return try revise(directory, edits).outcome }
    let target = try OutputDirectory(directory, under: roots)
    let lock = try Self.lock(target)
    defer { close(lock) }
    var (files, revision, outcome) = try revise(directory, edits)
    let isBroken = outcome.report.study == nil
    guard !isBroken || outcome.hadErrors || options.allowsErrors else { return outcome }
    try options.beforeChange()
    var swap = FileSwap(in: target)
    for path in revision.changedPaths { try swap.set(path, to: revision.files.contents[path]) }
    // Programs that know nothing of the lock may have written meanwhile.
    let present = CaseFiles(directory: directory, bounds: bounds)
    guard present.contents == files.contents else {
      throw OutputDirectory.Failure(
        sentence: "\(directory): files of the case have changed while it was edited; read them and try again.")
    }
    files = present
    try swap.commit()
    outcome.isApplied = true
    return outcome
  }

  private func revise(
    _ directory: String, _ edits: [CaseEdit]
  ) throws -> (files: CaseFiles, revision: CaseRevision, outcome: Outcome) {
    let files = CaseFiles(directory: directory, bounds: bounds)
    if let failure = files.failures[""] { throw OutputDirectory.Failure(sentence: "\(directory): \(failure)") }
    let revision = try CaseRevision(files, edits: edits)
    let report = CaseReader.read(revision.files)
    let hadErrors = report.study == nil && CaseReader.read(files).study == nil
    let outcome = Outcome(
      isApplied: false, changes: revision.changes, files: revision.changedPaths, report: report, hadErrors: hadErrors)
    return (files, revision, outcome)
  }

  /// Copies the files of a case into a new or empty directory, with edits applied.
  ///
  /// - Returns: the path of the copy, nil where nothing was written, and what the edits came to.
  package func copy(
    _ directory: String, to path: String, _ edits: [CaseEdit] = [], _ options: Options = Options()
  ) throws -> (path: String?, outcome: Outcome) {
    var (files, revision, outcome) = try revise(directory, edits)
    outcome.files = revision.files.contents.keys.sorted()
    guard !outcome.files.isEmpty else {
      throw OutputDirectory.Failure(sentence: "\(directory) holds no file of a case, so there is nothing to copy.")
    }
    let unread = files.failures.keys.sorted()
    guard unread.isEmpty else {
      throw OutputDirectory.Failure(
        sentence: "\(directory) cannot be copied: \(unread[0]): \(files.failures[unread[0]] ?? "")")
    }
    let isBroken = outcome.report.study == nil
    if options.isDryRun || (isBroken && !outcome.hadErrors && !options.allowsErrors) { return (nil, outcome) }
    files = revision.files
    try options.beforeChange()
    var staged = try StagedDirectory(path, under: roots)
    for (name, bytes) in files.contents.sorted(by: { $0.key < $1.key }) { try staged.write(name) { try $0(bytes) } }
    let made = try staged.publish()
    outcome.isApplied = true
    return (made, outcome)
  }

  /// An open descriptor that keeps other edits of the directory away until it is closed.
  private static func lock(_ directory: borrowing OutputDirectory) throws(OutputDirectory.Failure) -> Int32 {
    let descriptor = try directory.folder([])
    let deadline = Date(timeIntervalSinceNow: patience)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      // File systems without locks leave the comparison of contents alone.
      if code == ENOTSUP || code == ENOLCK || code == ENOSYS || code == EINVAL { break }
      guard code == EWOULDBLOCK || code == EINTR, Date.now < deadline else {
        close(descriptor)
        throw OutputDirectory.Failure(
          sentence: "\(directory.path) is being edited by another process; try again when it has ended.")
      }
      usleep(20_000)
    }
    return descriptor
  }
}
