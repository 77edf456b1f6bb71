internal import Glibc

/// A directory in /dev/shm for the shared memory files of an MPI launcher's ranks.
///
/// OpenMPI leaves those files behind where a rank is killed; in a directory of our own they go with it.
package final class MPIScratch {
  private let path: String?

  /// Makes the directory; without /dev/shm the MPI library puts its files where it likes.
  package init() {
    SharedMemoryNames.sweep()
    guard let name = try? SharedMemoryNames.make() else {
      path = nil
      return
    }
    let path = "\(SharedMemoryNames.directory)/\(name)"
    self.path = mkdir(path, 0o700) == 0 ? path : nil
  }

  deinit { remove() }

  /// Variables for the launcher; names that other MPI libraries ignore.
  package var environment: [String: String] {
    guard let path else { return [:] }
    return ["OMPI_MCA_btl_vader_backing_directory": path, "OMPI_MCA_btl_sm_backing_directory": path]
  }

  /// Removes the directory and what is in it; to be called when the launcher has ended.
  package func remove() {
    if let path { SharedMemoryNames.removeDirectory(path) }
  }
}
