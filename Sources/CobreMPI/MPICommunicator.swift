package import CobreCommunication
internal import CobreMPIShim

/// Processes that an MPI launcher started.
///
/// Every collective begins with an exchange of short records in which the ranks compare what they call. Short
/// contributions travel in the record. Values are combined by each rank itself in rank order, since MPI promises no
/// order. All calls come from the main thread (MPI_THREAD_FUNNELED). A process has one communicator for its whole life.
package final class MPICommunicator: Communicator {
  package let rank: Int
  package let size: Int
  package let backend = Backend.mpi

  let options: CommunicatorOptions
  private var records: UnsafeMutableRawPointer
  private var counts: [Int64]
  private var offsets: [Int64]
  private var call: UInt64 = 0
  private var failure: CommunicationError?
  // After a failure that all ranks know of MPI can be ended in an orderly way. After any other failure only MPI_Abort
  // is possible.
  private var isFailureShared = false
  private var isFinished = false
  var watch: MPIWatch
  // Shared memory regions, freed together when the group ends.
  var regions: [OpaquePointer] = []

  /// Starts MPI and joins all processes of the launcher; ``MPILibrary`` must have been loaded.
  ///
  /// - Parameter options: bounds and problem, the same on every rank.
  /// - Throws: ``CommunicationError``.
  package init(options: CommunicatorOptions) throws {
    var rank: Int32 = 0
    var size: Int32 = 0
    do {
      try MPIError.check(cobre_mpi_start(&rank, &size))
    } catch {
      throw CommunicationError(.system, .connect, "MPI cannot be started: \(error.text).")
    }
    self.rank = Int(rank)
    self.size = Int(size)
    self.options = options
    records = .allocate(byteCount: (Int(size) + 1) * MPIRecord.byteCount, alignment: 64)
    records.initializeMemory(as: UInt8.self, repeating: 0, count: (Int(size) + 1) * MPIRecord.byteCount)
    counts = [Int64](repeating: 0, count: Int(size))
    offsets = counts
    watch = MPIWatch(rank: Int(rank), size: Int(size), options: options)
    cobre_mpi_set_watch(
      { context, waited in
        guard let context else { return 0 }
        return Unmanaged<MPICommunicator>.fromOpaque(context).takeUnretainedValue().watch.isHopeless(waited) ? 1 : 0
      }, Unmanaged.passUnretained(self).toOpaque())
    try meet()
  }

  deinit {
    cobre_mpi_set_watch(nil, nil)
    records.deallocate()
  }

  package func allgatherv(
    bytes: UnsafeRawBufferPointer, counts: [Int], into receive: UnsafeMutableRawBufferPointer, as call: CollectiveCall
  ) throws {
    try begin()
    let mistake = argumentError(
      sending: bytes.count, counts: counts, receiving: receive.count, operation: call.operation)
    let largest = counts.max() ?? 0
    try compare(call, call.fingerprint(root: 0, counts: counts), bytes, mistake)
    var offset = 0
    for peer in 0..<size {
      self.counts[peer] = Int64(counts[peer])
      offsets[peer] = Int64(offset)
      offset += counts[peer]
    }
    if largest <= MPIRecord.inlineBytes {
      for peer in 0..<size {
        receive.copyContribution(
          UnsafeRawBufferPointer(start: MPIRecord.payload(of: record(of: peer)), count: counts[peer]),
          at: Int(offsets[peer]))
      }
      return
    }
    // MPI forbids that the two buffers overlap.
    if let own = bytes.baseAddress, let all = receive.baseAddress, own >= UnsafeRawPointer(all), own < all + offset {
      try [UInt8](bytes).withUnsafeBytes { copy in
        try collective(call.operation) {
          cobre_mpi_allgatherv(copy.baseAddress, receive.baseAddress, self.counts, offsets)
        }
      }
      return
    }
    try collective(call.operation) {
      cobre_mpi_allgatherv(bytes.baseAddress, receive.baseAddress, self.counts, offsets)
    }
  }

  package func broadcast(bytes: UnsafeMutableRawBufferPointer, root: Int, as call: CollectiveCall) throws {
    try begin()
    let isShort = bytes.count <= MPIRecord.inlineBytes
    let own = UnsafeRawBufferPointer(
      rank == root && isShort ? bytes : UnsafeMutableRawBufferPointer(start: nil, count: 0))
    try compare(call, call.fingerprint(root: root, bytes: bytes.count), own, argumentError(root: root))
    if isShort {
      if rank != root {
        bytes.copyContribution(
          UnsafeRawBufferPointer(start: MPIRecord.payload(of: record(of: root)), count: bytes.count), at: 0)
      }
      return
    }
    try collective(call.operation) { cobre_mpi_broadcast(bytes.baseAddress, Int64(bytes.count), Int32(root)) }
  }

  package func barrier() throws {
    try begin()
    let call = CollectiveCall(.barrier)
    try compare(
      call, call.fingerprint(root: 0, bytes: 0), UnsafeRawBufferPointer(start: nil, count: 0), nil)
  }

  package func abort(_ message: String) {
    guard failure == nil, !isFinished else { return }
    let error = CommunicationError(.abortedByPeer, .barrier, rank: rank, peer: rank, message)
    failure = error
    // The others may compute for long: wait for them shortly, and leave the rest to `finalize`.
    watch.limit(to: 2_000_000_000)
    try? publish(error)
    watch.limit(to: nil)
  }

  package func finalize() throws {
    guard !isFinished else { return }
    isFinished = true
    if failure == nil {
      failure = CommunicationError(
        .abortedByPeer, .barrier, rank: rank, peer: rank, "This rank has left the group; no call may follow.")
      // Ranks that still expect something from this rank learn here that it has left. Others may write results long
      // after this rank is done, so only the death of a peer ends this wait.
      watch.isPatient = true
      call &+= 1
      let statement = CallStatement(
        operation: UInt16(CollectiveCall.Operation.barrier.rawValue), elementWidth: 0, fingerprint: 0, bytes: 0,
        call: call)
      isFailureShared = (try? exchange(MPIRecord(mark: .leave, statement: statement))) != nil
    }
    guard isFailureShared else {
      cobre_mpi_abort(76)
      return
    }
    for region in regions { _ = cobre_mpi_region_free(region) }
    regions = []
    do {
      try MPIError.check(cobre_mpi_finish())
    } catch {
      throw CommunicationError(.system, .barrier, rank: rank, "MPI cannot be ended: \(error.text).")
    }
  }
}

// How the ranks compare what they call.
extension MPICommunicator {
  private func begin() throws {
    if let failure { throw failure }
    call &+= 1
  }

  private func record(of peer: Int) -> UnsafeMutableRawPointer { records + (peer + 1) * MPIRecord.byteCount }

  // Gives every rank the records of all.
  private func exchange(
    _ record: MPIRecord, payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) throws(MPIError) {
    record.encode(into: records, payload: payload)
    watch.begin()
    try MPIError.check(
      cobre_mpi_allgather(records, records + MPIRecord.byteCount, Int32(MPIRecord.byteCount)))
  }

  private func compare(
    _ what: CollectiveCall, _ fingerprint: UInt64, _ payload: UnsafeRawBufferPointer, _ mistake: CommunicationError?
  ) throws {
    if let mistake {
      failure = mistake
      do {
        try publish(mistake)
      } catch { throw broken(error, what.operation) }
      throw mistake
    }
    let statement = CallStatement(
      operation: UInt16(what.operation.rawValue), elementWidth: what.elementWidth, fingerprint: fingerprint,
      bytes: UInt64(payload.count), call: call)
    do {
      try exchange(MPIRecord(mark: .call, statement: statement), payload: payload)
    } catch { throw broken(error, what.operation) }
    let own = UnsafeRawPointer(records)
    for peer in 0..<size where peer != rank {
      let other = UnsafeRawPointer(record(of: peer))
      // Mark and fingerprint agree nearly always. The slow path finds out what differs.
      if other.load(as: UInt8.self) != MPIRecord.Mark.call.rawValue
        || other.load(fromByteOffset: 8, as: UInt64.self) != own.load(fromByteOffset: 8, as: UInt64.self)
        || other.load(fromByteOffset: 24, as: UInt64.self) != own.load(fromByteOffset: 24, as: UInt64.self)
      {
        throw try disagreement(what.operation)
      }
    }
  }

  // All ranks have the same records, so all reach the same conclusion here.
  private func disagreement(_ operation: CollectiveCall.Operation) throws -> CommunicationError {
    let all = (0..<size).map { MPIRecord(decoding: record(of: $0)) }
    isFailureShared = true
    if all.contains(where: { $0?.mark == .failure }) {
      let errors = try words(of: nil, operation)
      guard let index = all.firstIndex(where: { $0?.mark == .failure }), let error = errors[index] else {
        return remember(CommunicationError(.abortedByPeer, operation, rank: rank, "Another rank failed."))
      }
      return remember(error)
    }
    if let gone = all.firstIndex(where: { $0?.mark == .leave }) {
      return remember(
        CommunicationError(
          .peerDied, operation, rank: rank, peer: gone,
          "Rank \(gone) has left the group while others wait for it; its log says why."))
    }
    for peer in 1..<size {
      guard let reference = all[0]?.statement, let other = all[peer]?.statement else { continue }
      if reference.fingerprint != other.fingerprint || reference.call != other.call {
        return remember(CallStatement.mismatch(reference, of: 0, other, of: peer, reportedBy: rank))
      }
    }
    return remember(CommunicationError(.corruptData, operation, rank: rank, "The records of the ranks make no sense."))
  }

  private func remember(_ error: CommunicationError) -> CommunicationError {
    failure = error
    return error
  }

  // Sends all ranks what went wrong here: a record that announces a failure, then the message.
  private func publish(_ error: CommunicationError) throws(MPIError) {
    let statement = CallStatement(
      operation: UInt16(error.operation.rawValue), elementWidth: 0, fingerprint: 0, bytes: 0, call: call)
    try exchange(MPIRecord(mark: .failure, statement: statement))
    _ = try shareWords(FailureText.encode(error))
    isFailureShared = true
  }

  // The errors that the ranks published, as this one must report them.
  private func words(of error: CommunicationError?, _ operation: CollectiveCall.Operation) throws
    -> [CommunicationError?]
  {
    do {
      return try shareWords(error.map(FailureText.encode) ?? []).map { bytes in
        bytes.isEmpty ? nil : bytes.withUnsafeBytes { FailureText.decode($0, to: rank) }
      }
    } catch { throw broken(error, operation) }
  }

  private func shareWords(_ mine: [UInt8]) throws(MPIError) -> [[UInt8]] {
    let width = FailureText.mostText + 16
    var send = [UInt8](repeating: 0, count: width)
    send.replaceSubrange(4..<(4 + mine.count), with: mine)
    for byte in 0..<4 { send[byte] = UInt8(truncatingIfNeeded: mine.count >> (8 * byte)) }
    var receive = [UInt8](repeating: 0, count: width * size)
    watch.begin()
    try MPIError.check(cobre_mpi_allgather(send, &receive, Int32(width)))
    return (0..<size).map { peer in
      let start = peer * width
      let count = (0..<4).reduce(0) { $0 | Int(receive[start + $1]) << (8 * $1) }
      return Array(receive[(start + 4)..<(start + 4 + min(max(count, 0), width - 4))])
    }
  }

  private func collective(_ operation: CollectiveCall.Operation, _ body: () -> Int32) throws {
    watch.begin()
    do {
      try MPIError.check(body())
    } catch { throw broken(error, operation) }
  }

  private func broken(_ error: MPIError, _ operation: CollectiveCall.Operation) -> CommunicationError {
    let result =
      error.isStopped
      ? watch.error(operation)
      : CommunicationError(.system, operation, rank: rank, "MPI says: \(error.text).")
    failure = result
    isFailureShared = false
    return result
  }

  // Compares the problems and learns which processes the ranks are.
  private func meet() throws {
    guard size > 1 else { return }
    let own = MPIWatch.card(options)
    var all = [UInt64](repeating: 0, count: own.count * size)
    watch.begin()
    do {
      try MPIError.check(cobre_mpi_allgather(own, &all, Int32(own.count * 8)))
    } catch { throw broken(error, .connect) }
    for peer in 0..<size { watch.remember(peer, card: Array(all[(peer * own.count)..<((peer + 1) * own.count)])) }
    let limits = (0..<size).map { all[$0 * own.count + 4] }
    cobre_mpi_set_most_bytes(Int64(clamping: limits.min() ?? 0))
    for peer in 1..<size where all[peer * own.count] != all[0] {
      isFailureShared = true
      throw remember(
        CommunicationError(
          .rejected, .connect, rank: rank, peer: peer,
          "Rank \(peer) was given another case, other options or another engine than rank 0; start all with the same."))
    }
  }
}
