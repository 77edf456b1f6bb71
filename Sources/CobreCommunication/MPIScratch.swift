internal import Glibc

/// A directory in /dev/shm for the shared memory files of an MPI launcher's ranks.
///
/// OpenMPI leaves those files behind if a rank is killed. In a directory of our own they are removed with it.
package final class MPIScratch {
  private let path: String?

  /// Makes the directory.
  ///
  /// Without /dev/shm the MPI library chooses where to put its files.
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

  /// Variables for the launcher.
  ///
  /// Other MPI libraries ignore these names.
  package var environment: [String: String] {
    guard let path else { return [:] }
    return ["OMPI_MCA_btl_vader_backing_directory": path, "OMPI_MCA_btl_sm_backing_directory": path]
  }

  /// Removes the directory and its contents.
  ///
  /// Call it when the launcher has ended.
  package func remove() {
    if let path { SharedMemoryNames.removeDirectory(path) }
  }
}
