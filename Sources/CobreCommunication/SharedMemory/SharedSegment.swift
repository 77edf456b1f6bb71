internal import CobrePlatformShim
internal import Glibc

/// A shared memory segment as the process that starts the ranks sees it: it creates the segment, passes its name on,
/// and can inform all ranks at once that one of them is gone.
///
/// The name disappears as soon as every rank has attached (the last one removes it), or when this object is released.
package final class SharedSegment {
  /// Name below /dev/shm, beginning with a slash.
  ///
  /// It cannot be guessed.
  package let name: String
  package let ranks: Int
  package let byteCount: Int
  private let mapping: SharedMapping
  private var isLinked = true

  /// Piece per rank by default: large enough to amortise a round, small enough to stay in cache.
  package static let defaultPieceBytes = 256 << 10

  /// Bytes that a segment for so many ranks needs in /dev/shm, nil if the sizes make no sense.
  package static func byteCount(ranks: Int, pieceBytes: Int = defaultPieceBytes) -> Int? {
    SharedSegmentLayout(ranks: ranks, pieceBytes: pieceBytes)?.totalBytes
  }

  /// Creates the segment with mode 0600 and its memory reserved, so that a full /dev/shm is found here and not by a
  /// rank that dies of SIGBUS.
  ///
  /// - Parameters:
  ///   - ranks: number of ranks that will attach.
  ///   - pieceBytes: bytes per rank that one round moves, a multiple of 4096. Larger payloads are streamed.
  ///   - name: nil for a random one.
  /// - Throws: ``CommunicationError``.
  package init(ranks: Int, pieceBytes: Int = defaultPieceBytes, name: String? = nil) throws {
    guard let layout = SharedSegmentLayout(ranks: ranks, pieceBytes: pieceBytes) else {
      throw CommunicationError(
        .configuration, .connect,
        "A segment for \(ranks) ranks with pieces of \(pieceBytes) bytes cannot be made; use 1 to "
          + "\(SharedSegmentLayout.mostRanks) ranks and a multiple of 4096 bytes.")
    }
    self.name = try name ?? "/" + SharedMemoryNames.make()
    self.ranks = ranks
    SharedMemoryNames.sweep()
    byteCount = layout.totalBytes
    let descriptor = shm_open(self.name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    let code = errno
    guard descriptor >= 0 else {
      throw CommunicationError(
        .system, .connect, "The segment \(self.name) cannot be created in /dev/shm: \(SystemError.text(code)).")
    }
    defer { close(descriptor) }
    do {
      let status = posix_fallocate(descriptor, 0, off_t(byteCount))
      guard status == 0 else {
        throw CommunicationError(
          .system, .connect,
          "/dev/shm cannot hold the \(byteCount) bytes that \(ranks) ranks need: \(SystemError.text(status)). "
            + "Free or enlarge /dev/shm, or use backend tcp.")
      }
      mapping = try SharedMapping(descriptor: descriptor, byteCount: byteCount)
    } catch {
      shm_unlink(self.name)
      throw error
    }
    mapping.write(SharedSegmentLayout.versionOffset, SharedSegmentLayout.version)
    mapping.write(SharedSegmentLayout.ranksOffset, UInt32(ranks))
    mapping.write(SharedSegmentLayout.pieceBytesOffset, UInt64(pieceBytes))
    mapping.write(SharedSegmentLayout.totalBytesOffset, UInt64(byteCount))
    cobre_fence()
    // Ranks that open the segment wait for the magic number, so it is written last.
    mapping.write(SharedSegmentLayout.magicOffset, SharedSegmentLayout.magic)
  }

  deinit { unlink() }

  /// What a rank needs in its environment.
  package func environment(rank: Int) -> [String: String] {
    [
      CommunicationVariable.backend: Backend.shm.rawValue, CommunicationVariable.sharedMemoryName: name,
      CommunicationVariable.sharedMemoryRank: String(rank), CommunicationVariable.sharedMemorySize: String(ranks),
    ]
  }

  /// Ends every rank's current or next collective with this message.
  ///
  /// For the parent process, when it saw a rank end.
  package func abort(rank: Int?, _ message: String) {
    mapping.recordAbort(CommunicationError(.peerDied, .barrier, rank: nil, peer: rank, message))
  }

  /// Number of ranks that have attached.
  package var attachedRanks: Int { Int(mapping.load(SharedSegmentLayout.attachedOffset)) }

  /// Removes the name if the last rank has not done so.
  ///
  /// Ranks that have attached keep the memory.
  package func unlink() {
    guard isLinked else { return }
    isLinked = false
    shm_unlink(name)
  }

  /// Leaves the removal of the name to the ranks.
  func handOver() { isLinked = false }
}
