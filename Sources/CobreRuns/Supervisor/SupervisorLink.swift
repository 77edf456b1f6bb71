internal import CobrePlatformShim
internal import Glibc

/// Ties the life of a process to its supervisor's.
package enum SupervisorLink {
  static let pidVariable = "COBRE_SUPERVISOR_PID"
  static let startVariable = "COBRE_SUPERVISOR_START"
  static let hostVariable = "COBRE_SUPERVISOR_HOST"

  /// Exit code of a process whose supervisor has gone.
  static let orphanedExitCode: Int32 = 75

  /// What a child needs to know of its supervisor.
  static func environment(of supervisor: ProcessIdentity) -> [String: String] {
    [
      pidVariable: String(supervisor.pid), startVariable: String(supervisor.start), hostVariable: supervisor.host,
    ]
  }

  /// Ends this process as soon as its parent or its supervisor is gone.
  ///
  /// Does nothing without a supervisor.
  ///
  /// The kernel's signal at the parent's death is the quick way. A rank under an MPI launcher has the launcher for a
  /// parent, so a thread also watches the supervisor itself.
  package static func attach(parentDeathSignal: Int32 = SIGKILL) {
    let environment = ChildProcess.currentEnvironment()
    guard let pid = environment[pidVariable].flatMap({ Int($0) }),
      let start = environment[startVariable].flatMap({ UInt64($0) })
    else { return }
    // On another host the launcher's daemon ends its ranks, and the number means nothing.
    if let host = environment[hostVariable], host != ProcessTable.host() { return }
    _ = cobre_platform_set_parent_death_signal(parentDeathSignal)
    guard ProcessTable.start(of: pid) == start else { _exit(orphanedExitCode) }
    var thread = pthread_t()
    let watched = UnsafeMutablePointer<(pid: Int, start: UInt64)>.allocate(capacity: 1)
    watched.initialize(to: (pid, start))
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let watched = argument?.assumingMemoryBound(to: (pid: Int, start: UInt64).self).pointee else {
          return nil
        }
        while ProcessTable.start(of: watched.pid) == watched.start { usleep(200_000) }
        _exit(SupervisorLink.orphanedExitCode)
      }, watched)
    if status == 0 { pthread_detach(thread) }
  }

  /// Replaces this process by another program that dies with the supervisor, and returns only if that fails.
  ///
  /// For programs that are not ours, such as `mpiexec`. Returns the reason as a sentence.
  package static func replace(by arguments: [String]) -> String {
    guard let program = arguments.first else { return "No program was named." }
    // SIGTERM, so that a launcher can take its own children with it. It survives exec.
    _ = cobre_platform_set_parent_death_signal(SIGTERM)
    let environment = ChildProcess.currentEnvironment()
    if let pid = environment[pidVariable].flatMap({ Int($0) }), Int(getppid()) != pid {
      return "The supervisor is gone."
    }
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    pointers.append(nil)
    execv(program, pointers)
    return "Cannot start \(program): \(String(cString: strerror(errno)))."
  }
}
