internal import Glibc

/// The MPI launcher that started this process, according to its environment variables.
package struct MPILauncher: Sendable, Equatable {
  /// The variable that gave it away.
  package let variable: String
  /// Its value.
  package let value: String
  /// Processes that it started, nil if it does not say.
  package let size: Int?

  /// Variables that only a launcher of MPI programs sets.
  ///
  /// A launcher that announces several processes without giving a rank counts as well, since each process would believe
  /// that it is alone.
  package static let variables = [
    "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMI_SIZE", "PMIX_RANK", "MPI_LOCALRANKID", "OMPI_COMM_WORLD_SIZE",
  ]

  /// Looks for a launcher.
  ///
  /// A value that is not an integer does not count (such as a PMI_RANK= left over in a shell).
  package init?(_ environment: [String: String]) {
    func number(_ name: String) -> Int? { environment[name].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }
    for variable in Self.variables where number(variable) != nil {
      let sizes = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"]
      self.init(variable: variable, value: environment[variable] ?? "", size: sizes.lazy.compactMap(number).first)
      return
    }
    // A batch script runs with SLURM_PROCID=0 itself. Only several tasks mean that srun started ranks.
    if number("SLURM_PROCID") != nil, let tasks = number("SLURM_STEP_NUM_TASKS") ?? number("SLURM_NTASKS"), tasks > 1 {
      self.init(variable: "SLURM_PROCID", value: environment["SLURM_PROCID"] ?? "", size: tasks)
      return
    }
    return nil
  }

  private init(variable: String, value: String, size: Int?) {
    self.variable = variable
    self.value = value
    self.size = size
  }

  /// The program that starts ranks: the one named by `COBRE_MPIEXEC`, else the first `mpiexec` on the path.
  package static func program(environment: [String: String]) -> String? {
    if let named = environment["COBRE_MPIEXEC"] { return access(named, X_OK) == 0 ? named : nil }
    return (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
      .map { $0 + "/mpiexec" }.first { $0.hasPrefix("/") && access($0, X_OK) == 0 }
  }
}
