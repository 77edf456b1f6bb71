internal import CobrePlatformShim
internal import Glibc

extension SharedMemoryCommunicator {
  private typealias Layout = SharedSegmentLayout

  /// Joins the group that `COBRE_SHM_NAME`, `COBRE_SHM_RANK` and `COBRE_SHM_SIZE` describe.
  ///
  /// If the segment does not exist, as when ranks are started by hand, rank 0 creates it.
  package convenience init(environment: EnvironmentReader, options: CommunicatorOptions) throws {
    let size = try environment.requiredInteger(CommunicationVariable.sharedMemorySize, in: 1...Layout.mostRanks)
    let rank = try environment.requiredInteger(CommunicationVariable.sharedMemoryRank, in: 0...(size - 1))
    let name = try environment.required(CommunicationVariable.sharedMemoryName)
    try self.init(name: name, rank: rank, size: size, options: options)
  }

  /// Joins the group of a segment.
  ///
  /// Returns when all ranks have.
  package convenience init(name: String, rank: Int, size: Int, options: CommunicatorOptions) throws {
    let path = try Self.checkedName(name, rank: rank)
    let deadline = cobre_monotonic_nanoseconds() + options.connectNanoseconds
    let mapping = try Self.open(path, rank: rank, size: size, deadline: deadline)
    guard let layout = try Self.layout(of: mapping, path: path, rank: rank, size: size) else {
      throw CommunicationError(.corruptData, .connect, rank: rank, "\(path) is no segment of this engine.")
    }
    self.init(rank: rank, mapping: mapping, layout: layout, options: options)
    try join(path: path, deadline: deadline)
    waiter.rememberPeers()
    try compareProblems()
    try agreeOnReading()
  }

  private static func checkedName(_ name: String, rank: Int) throws -> String {
    let bare = name.hasPrefix("/") ? String(name.dropFirst()) : name
    let allowed = bare.utf8.allSatisfy { byte in
      (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a) || byte == 0x2d || byte == 0x2e
        || byte == 0x5f
    }
    guard allowed, !bare.isEmpty, bare.utf8.count <= 200, !bare.hasPrefix(".") else {
      throw CommunicationError(
        .configuration, .connect, rank: rank,
        "\(CommunicationVariable.sharedMemoryName) is \"\(name.prefix(60))\"; use at most 200 letters, digits, '-', '_' "
          + "and '.', not beginning with '.'.")
    }
    return "/" + bare
  }

  // Opens and maps the segment, waiting for its creator until the deadline.
  private static func open(_ path: String, rank: Int, size: Int, deadline: Int64) throws -> SharedMapping {
    var triedToCreate = false
    while true {
      let descriptor = shm_open(path, O_RDWR | O_CLOEXEC, 0)
      let code = errno
      if descriptor >= 0 {
        defer { close(descriptor) }
        if let mapping = try map(descriptor, path: path, rank: rank) { return mapping }
      } else if code != ENOENT {
        throw CommunicationError(
          .system, .connect, rank: rank, "The segment \(path) cannot be opened: \(SystemError.text(code)).")
      } else if rank == 0, !triedToCreate {
        triedToCreate = true
        do {
          try SharedSegment(ranks: size, name: path).handOver()
        } catch {
          // Another rank may have created it first. Otherwise, as with a full /dev/shm, it will never appear.
          let other = shm_open(path, O_RDWR | O_CLOEXEC, 0)
          guard other >= 0 else { throw error }
          close(other)
        }
        continue
      }
      guard cobre_monotonic_nanoseconds() < deadline else {
        throw CommunicationError(
          .connectFailed, .connect, rank: rank,
          "The segment \(path) did not appear in time. Is rank 0 (or the supervisor) running on this host, with the same "
            + "\(CommunicationVariable.sharedMemoryName)?")
      }
      usleep(2000)
    }
  }

  // The mapping, nil if the creator has not finished.
  private static func map(_ descriptor: Int32, path: String, rank: Int) throws -> SharedMapping? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else {
      throw CommunicationError(
        .rejected, .connect, rank: rank, "The segment \(path) belongs to another user or is open to others.")
    }
    guard status.st_size >= Layout.headerBytes else { return nil }
    let mapping = try SharedMapping(descriptor: descriptor, byteCount: Int(status.st_size))
    guard mapping.read(Layout.magicOffset, as: UInt64.self) == Layout.magic else { return nil }
    cobre_fence()
    return mapping
  }

  private static func layout(
    of mapping: SharedMapping, path: String, rank: Int, size: Int
  ) throws -> SharedSegmentLayout? {
    let version = mapping.read(Layout.versionOffset, as: UInt32.self)
    guard version == Layout.version else {
      throw CommunicationError(
        .rejected, .connect, rank: rank,
        "The segment \(path) has version \(version), this engine uses \(Layout.version); start all ranks from one build."
      )
    }
    let ranks = Int(mapping.read(Layout.ranksOffset, as: UInt32.self))
    guard ranks == size else {
      throw CommunicationError(
        .rejected, .connect, rank: rank,
        "The segment \(path) is for \(ranks) ranks, this rank was told \(size); check \(CommunicationVariable.sharedMemorySize)."
      )
    }
    let piece = Int(truncatingIfNeeded: mapping.read(Layout.pieceBytesOffset, as: UInt64.self))
    guard let layout = SharedSegmentLayout(ranks: ranks, pieceBytes: piece), layout.totalBytes == mapping.byteCount
    else {
      return nil
    }
    return layout
  }

  private func join(path: String, deadline: Int64) throws {
    let identity = layout.identity(rank)
    guard
      mapping.exchange(
        identity + Layout.stateOffset, expected: SharedRankState.free, desired: SharedRankState.claimed)
    else {
      throw CommunicationError(
        .rejected, .connect, rank: rank,
        "Rank \(rank) of \(path) is taken already; every rank needs its own \(CommunicationVariable.sharedMemoryRank).")
    }
    mapping.write(identity + Layout.pidOffset, getpid())
    mapping.write(identity + Layout.startTimeOffset, ProcessLife(pid: getpid())?.startTime ?? 0)
    mapping.write(identity + Layout.problemOffset, options.problem)
    try publishSecret()
    mapping.release(identity + Layout.stateOffset, SharedRankState.attached)
    if Int(mapping.add(Layout.attachedOffset, 1)) + 1 == size {
      // From here on nothing is left behind, whatever happens to the processes.
      shm_unlink(path)
      mapping.wakeAll(Layout.attachedOffset)
      return
    }
    while true {
      let attached = mapping.load(Layout.attachedOffset)
      if Int(attached) >= size { return }
      if let error = mapping.abortError(rank: rank) { throw error }
      guard cobre_monotonic_nanoseconds() < deadline else { throw giveUp(path: path) }
      mapping.wait(Layout.attachedOffset, while: attached, nanoseconds: 100_000_000)
      // A rank may attach, complete the group and leave while this one sleeps.
      if Int(mapping.load(Layout.attachedOffset)) < size, let error = endedPeer() {
        throw mapping.abortError(rank: rank) ?? abandon(error, path: path)
      }
    }
  }

  private func giveUp(path: String) -> CommunicationError {
    let missing = (0..<size).filter {
      mapping.acquire(layout.identity($0) + Layout.stateOffset) < SharedRankState.attached
    }
    let names = missing.prefix(8).map(String.init).joined(separator: ", ")
    return abandon(
      CommunicationError(
        .connectFailed, .connect, rank: rank, peer: missing.first,
        "Of \(size) ranks, \(missing.count) did not attach within \(options.connectTimeout) s: \(names). See their logs, or "
          + "raise \(CommunicationVariable.connectTimeout)."),
      path: path)
  }

  private func abandon(_ error: CommunicationError, path: String) -> CommunicationError {
    mapping.recordAbort(error)
    shm_unlink(path)
    return error
  }

  // A rank that attached and ended before the group was complete.
  private func endedPeer() -> CommunicationError? {
    for peer in 0..<size where peer != rank {
      let identity = layout.identity(peer)
      let state = mapping.acquire(identity + Layout.stateOffset)
      guard state >= SharedRankState.attached else { continue }
      let pid = mapping.read(identity + Layout.pidOffset, as: Int32.self)
      let hasEnded = ProcessLife(pid: pid)?.hasEnded ?? (kill(pid, 0) != 0 && errno == ESRCH)
      guard state == SharedRankState.left || hasEnded else { continue }
      return CommunicationError(
        .peerDied, .connect, rank: rank, peer: peer,
        "Rank \(peer) (pid \(pid)) ended before all ranks had attached; its log says why.")
    }
    return nil
  }

  private func compareProblems() throws {
    func problem(_ peer: Int) -> UInt64 { mapping.read(layout.identity(peer) + Layout.problemOffset, as: UInt64.self) }
    for peer in 1..<max(size, 1) where problem(peer) != problem(0) {
      let error = CommunicationError(
        .rejected, .connect, rank: rank, peer: peer,
        "Rank \(peer) was given another case, other options or another engine than rank 0; start all ranks with the same."
      )
      mapping.recordAbort(error)
      throw error
    }
  }
}
