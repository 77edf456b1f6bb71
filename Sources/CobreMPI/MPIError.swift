internal import CobreMPIShim

/// An error code of MPI, with MPI's own message.
struct MPIError: Error {
  let code: Int32

  /// True if the wait was ended because a peer is gone.
  var isStopped: Bool { code == COBRE_MPI_STOPPED }

  var text: String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      guard let base = buffer.baseAddress else { return "MPI error \(code)" }
      cobre_mpi_error_text(code, base, buffer.count)
      return String(cString: base)
    }
  }

  static func check(_ code: Int32) throws(MPIError) {
    if code != 0 { throw MPIError(code: code) }
  }
}
