internal import CobreBase
internal import CobreEngine
internal import Glibc

extension WorkerExchange {
  /// What a process leaves behind if it is killed.
  package struct Leftover: Sendable, Equatable {
    /// Hidden directory with half of the files, or nil.
    package var directory: String?
    /// A program that it has started in a session of its own, or nil.
    package var program: Program?

    package struct Program: Sendable, Equatable {
      package var pid: Int
      /// Start time in clock ticks since boot, by which it is known again.
      package var start: UInt64
    }

    package init(directory: String? = nil, program: Int? = nil) {
      self.directory = directory
      self.program = program.flatMap { pid in
        ProcessTable.start(of: pid).map { Program(pid: pid, start: $0) }
      }
    }

    init?(_ json: JSONValue) {
      guard let members = json["leftover"] else { return nil }
      directory = members["directory"]?.string
      if let pid = members["pid"]?.int, let start = members["start"]?.string.flatMap({ UInt64($0) }) {
        program = Program(pid: pid, start: start)
      }
    }

    var json: JSONValue {
      var members: JSONObject = [:]
      if let directory { members["directory"] = .string(directory) }
      if let program {
        members["pid"] = .int(Int64(program.pid))
        members["start"] = .string(String(program.start))
      }
      return ["leftover": .object(members)]
    }

    /// Ends the program and removes the directory, as long as that is a hidden one under `roots`.
    package func remove(under roots: [String]) {
      if let program, ProcessTable.start(of: program.pid) == program.start {
        kill(-pid_t(truncatingIfNeeded: program.pid), SIGKILL)
      }
      if let directory { StagedDirectory.discard(directory, under: roots) }
    }
  }
}
