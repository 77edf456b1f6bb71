internal import CobreBase
internal import CobreEngine
internal import Foundation

/// Enters this server into the configuration of clients, and takes it out again.
package struct Installer: Sendable {
  /// What became of one client's file.
  package struct Outcome: Sendable, Equatable {
    package enum State: Sendable, Equatable {
      case written
      case removed
      case unchanged
      /// What would be written, for a dry run.
      case planned(String)
      case refused(String)
    }

    package var client: ClientProgram
    package var path: String
    package var state: State
  }

  private let home: String
  private let environment: [String: String]
  /// Directory of the project whose files are written; nil for the user's own.
  private let project: String?

  /// - Parameters:
  ///   - home: the user's directory.
  ///   - project: a directory whose own configuration is written; nil for the user's.
  ///   - environment: where some programs let a user move their files.
  package init(
    home: String, project: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    self.home = home
    self.project = project
    self.environment = environment
  }

  /// Clients that seem to be in use here; in a project all that know projects.
  package var found: [ClientProgram] {
    ClientProgram.allCases.filter { client in
      if let project { return client.projectFile(project) != nil }
      return client.traces(home: home, environment: environment).contains { FileManager.default.fileExists(atPath: $0) }
    }
  }

  /// Enters the server for one client.
  package func install(_ entry: ServerEntry, for client: ClientProgram, isDryRun: Bool) -> Outcome {
    change(client, isDryRun: isDryRun) { text throws(ConfigurationText.Refusal) in
      try ConfigurationText.entering(entry, for: client, into: text)
    }
  }

  /// Takes the server out for one client; a file that only this server was in goes.
  package func uninstall(_ name: String, for client: ClientProgram, isDryRun: Bool) -> Outcome {
    change(client, isDryRun: isDryRun) { text throws(ConfigurationText.Refusal) in
      try ConfigurationText.removing(name, for: client, from: text)
    }
  }

  private static let maximumBytes = 16 << 20

  /// Takes away the directories that held nothing but a file that was removed, below the user's or the project's own.
  private func removeEmptyDirectories(above file: String) {
    let top = FilePath.resolve(project ?? home) ?? home
    var directory = FilePath.parent(of: file)
    // Only empty ones can be removed.
    while directory.hasPrefix(top + "/"), rmdir(directory) == 0 { directory = FilePath.parent(of: directory) }
  }

  private func change(
    _ client: ClientProgram, isDryRun: Bool, _ edit: (String) throws(ConfigurationText.Refusal) -> String?
  ) -> Outcome {
    let file = project.map { client.projectFile($0) } ?? client.userFile(home: home, environment: environment)
    guard let file else {
      return Outcome(client: client, path: "", state: .refused("\(client.title) has no configuration of projects."))
    }
    func outcome(_ state: Outcome.State) -> Outcome { Outcome(client: client, path: file, state: state) }
    // Some keep their configuration elsewhere, behind a link, which must stay one.
    let target = FilePath.resolve(file) ?? file
    do {
      let isThere = FileManager.default.fileExists(atPath: target)
      let old = isThere ? try AtomicFile.read(target, limit: Self.maximumBytes) : []
      guard let text = String(validating: old, as: UTF8.self) else { return outcome(.refused("It is not UTF-8.")) }
      guard let new = try edit(text), new != text else { return outcome(.unchanged) }
      if isDryRun { return outcome(.planned(new)) }
      if new.isEmpty {
        try FileManager.default.removeItem(atPath: target)
        removeEmptyDirectories(above: target)
        return outcome(.removed)
      }
      try FileManager.default.createDirectory(
        atPath: FilePath.parent(of: target), withIntermediateDirectories: true)
      let mode = isThere ? try FileManager.default.attributesOfItem(atPath: target)[.posixPermissions] as? Int : nil
      try AtomicFile.write(Array(new.utf8), to: target, mode: UInt32(mode ?? 0o600))
      return outcome(.written)
    } catch let refusal as ConfigurationText.Refusal {
      return outcome(.refused(refusal.sentence))
    } catch let error as RunError {
      return outcome(.refused(error.message))
    } catch {
      return outcome(.refused("It cannot be written: \(error.localizedDescription)"))
    }
  }
}
