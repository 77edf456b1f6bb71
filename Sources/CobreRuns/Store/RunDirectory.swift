internal import CobreEngine
internal import Foundation
internal import Glibc

/// The files of one run: `RUNS_DIR/<run_id>/`.
package struct RunDirectory: Sendable, Equatable {
  package let path: String
  /// Whether reading the run must not change any of its bytes.
  package var isReadOnly = false

  package init(path: String) { self.path = path }

  package init(runsDirectory: String, runID: String) { path = runsDirectory + "/" + runID }

  package var manifestPath: String { path + "/run.json" }
  package var databasePath: String { path + "/run.sqlite" }
  package var supervisorLogPath: String { path + "/supervisor.log" }
  /// Held locked by the supervisor for as long as it lives.
  package var lockPath: String { path + "/supervisor.lock" }
  /// Its presence asks the run to stop at the end of the iteration.
  package var cancelPath: String { path + "/cancel" }

  /// The database, for reading.
  package func openStore() throws -> RunStore { try RunStore.openForReading(databasePath, untouched: isReadOnly) }

  /// Room that is kept while the run computes, given up where the disk is full when its end is written.
  package var reservedFilePath: String { path + "/ballast" }

  /// The hosts of the ranks, for an MPI launcher.
  package var hostsPath: String { path + "/hosts" }

  package func rankLogPath(_ rank: Int) -> String { path + "/rank-\(rank).log" }
  /// Where a rank says why it failed, for the supervisor to read.
  package func failurePath(_ rank: Int) -> String { path + "/rank-\(rank).failure.json" }

  /// The file in which a rank records what it is doing, for the supervisor to read when the rank is gone.
  package func statusPath(_ rank: Int) -> String { path + "/rank-\(rank).place" }

  /// The secret of the backend `tcp`, while the run computes.
  package var tokenPath: String { path + "/token" }

  package var exists: Bool { access(manifestPath, F_OK) == 0 }
  package var isCancelRequested: Bool { access(cancelPath, F_OK) == 0 }

  /// Asks the run to stop.
  ///
  /// Asking twice is the same as asking once.
  package func requestCancel() throws {
    let descriptor = open(cancelPath, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else {
      throw RunError(.storage, "Cannot write \(cancelPath): \(String(cString: strerror(errno))).")
    }
    close(descriptor)
  }
}

extension RunDirectory {
  /// What prevents a run from being written, as the end of a sentence.
  ///
  /// `nil` if nothing does.
  package var diskProblem: String? { Disk.problem(of: path, isReadOnly: isReadOnly) }

  /// Whether no process can write where the run is.
  package var isFileSystemReadOnly: Bool { Disk.isReadOnly(path, untouched: isReadOnly) }

  /// Whether a process of this host supervises the run.
  package var isSupervised: Bool {
    let descriptor = open(lockPath, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  /// When the supervisor last showed that it is alive, in seconds since 1970.
  ///
  /// `nil` if it never did.
  package var lastSignOfLife: Double? {
    var status = stat()
    guard stat(lockPath, &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
  }
}

extension RunDirectory {
  /// Removes the directory with everything in it.
  ///
  /// Links are removed, never followed.
  ///
  /// - Throws: `RunError` if something is left.
  package func remove() throws {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw RunError(.storage, "\(path) cannot be removed: \(error.localizedDescription) Remove it by hand.")
    }
  }
}
