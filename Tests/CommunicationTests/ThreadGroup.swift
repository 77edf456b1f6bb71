import CobreCommunication
import Foundation
import Synchronization
import Testing

/// Runs every rank of a group on a thread of this process and waits for all, with a bound.
enum ThreadGroup {
  /// Errors by rank, and returns nil if the rank ended well.
  static func run(
    size: Int, timeout: TimeInterval = 60, make: @escaping @Sendable (Int) throws -> any Communicator,
    body: @escaping @Sendable (any Communicator) throws -> Void
  ) -> [(any Error)?] {
    let outcome = Mutex<[Int: Result<Void, any Error>]>([:])
    let done = DispatchSemaphore(value: 0)
    for rank in 0..<size {
      Thread.detachNewThread {
        let result = Result {
          let communicator = try make(rank)
          defer { try? communicator.finalize() }
          try body(communicator)
        }
        outcome.withLock { $0[rank] = result }
        done.signal()
      }
    }
    let deadline = DispatchTime.now() + timeout
    for _ in 0..<size where done.wait(timeout: deadline) == .timedOut { break }
    return outcome.withLock { outcome in
      (0..<size).map { rank in
        switch outcome[rank] {
        case .success: nil
        case .failure(let error): error
        case nil: Hang(rank: rank)
        }
      }
    }
  }

  struct Hang: Error, CustomStringConvertible {
    var rank: Int
    var description: String { "rank \(rank) hangs" }
  }

  /// Runs one check on a fresh group and records what went wrong.
  static func check(
    _ check: ConformanceCheck, backend: Backend, size: Int, options: CommunicatorOptions = CommunicatorOptions(),
    ring: SocketSettings.Ring = .betweenHosts
  ) throws {
    let group = try TestGroup(backend: backend, size: size, ring: ring)
    let errors = run(
      size: size, timeout: ConformanceSize.timeout, make: { try group.communicator(rank: $0, options: options) },
      body: { try check.run(on: $0, largeBytes: ConformanceSize.bytes, mixedCalls: ConformanceSize.calls) })
    for case let error? in errors { Issue.record("\(error)") }
  }
}

/// What the parent of a group holds: the segment or the listening socket.
final class TestGroup: @unchecked Sendable {
  private let segment: SharedSegment?
  private let rendezvous: SocketRendezvous?
  private let size: Int
  private let ring: SocketSettings.Ring

  init(
    backend: Backend, size: Int, pieceBytes: Int = SharedSegment.defaultPieceBytes,
    ring: SocketSettings.Ring = .betweenHosts
  ) throws {
    self.size = size
    self.ring = ring
    segment = backend == .shm ? try SharedSegment(ranks: size, pieceBytes: pieceBytes) : nil
    rendezvous = backend == .tcp ? try SocketRendezvous(ranks: size) : nil
  }

  /// Joins as a rank.
  ///
  /// The environment is the one that a process would get.
  func communicator(
    rank: Int, options: CommunicatorOptions = CommunicatorOptions(), ring ownRing: SocketSettings.Ring? = nil
  ) throws -> any Communicator {
    if let segment {
      return try SharedMemoryCommunicator(
        environment: EnvironmentReader(segment.environment(rank: rank)), options: options)
    }
    if let rendezvous {
      // A thread of the same process has its own copy of the descriptor, as a child would.
      var environment = rendezvous.environment(
        rank: rank, listenDescriptor: rank == 0 ? dup(rendezvous.descriptor) : -1)
      environment[CommunicationVariable.ring] = String((ownRing ?? ring).rawValue)
      return try SocketCommunicator(environment: EnvironmentReader(environment), options: options)
    }
    return LocalCommunicator()
  }

  var token: String? { rendezvous?.token }
  var port: Int? { rendezvous?.port }
}
