internal import CobrePlatformShim
internal import Glibc

/// A rank on its way to its two neighbours: it connects to the next one and lets the previous one in.
struct SocketRing {
  let settings: SocketSettings
  let options: CommunicatorOptions
  let listener: SocketListener
  let deadline: Int64

  struct Neighbours {
    var next: SocketConnection
    var previous: SocketConnection
  }

  /// Why there is none.
  struct Failure: Error {
    var reason: String
  }

  /// Meets both neighbours; all ranks must do so at the same time.
  ///
  /// The kernel completes a connection to a listening socket by itself. So all ranks may first connect and greet, then
  /// let in, then read the answer.
  ///
  /// - Parameters:
  ///   - host: numeric address of the next rank.
  ///   - port: its listening port.
  /// - Returns: the connections.
  /// - Throws: ``Failure``.
  func meet(host: String, port: UInt16) throws -> Neighbours {
    let peer = (settings.rank + 1) % settings.size
    let (next, address) = try dial(host: host, port: port)
    var isHandedOver = false
    defer { if !isHandedOver { close(next) } }
    let hello = SocketGreeting.encode(greeting(of: settings.rank))
    guard SocketDial.send(hello, to: next) else { throw Failure(reason: "rank \(peer) at \(address) hung up") }
    let previous = try letIn()
    guard let bytes = SocketDial.receive(SocketGreeting.answerBytes, from: next, deadline: deadline),
      let answer = SocketGreeting.decodeAnswer(bytes), answer.isAccepted
    else { throw Failure(reason: "rank \(peer) at \(address) gave no answer") }
    isHandedOver = true
    return Neighbours(
      next: SocketConnection(descriptor: next, peer: peer, peerName: "rank \(peer) (pid \(answer.pid) at \(address))"),
      previous: previous)
  }

  private func greeting(of rank: Int) -> SocketGreeting.Hello {
    SocketGreeting.Hello(
      rank: UInt32(rank), size: UInt32(settings.size), problem: options.problem, pid: UInt32(bitPattern: getpid()),
      token: Array(settings.token.utf8))
  }

  private func dial(host: String, port: UInt16) throws -> (descriptor: Int32, address: String) {
    var last = "\(host) is no address"
    for address in (try? SocketAddress.resolve(host: host, port: port, rank: settings.rank)) ?? [] {
      let descriptor = try SocketOptions.make(family: address.family)
      guard let reason = SocketDial.connect(descriptor, to: address, deadline: deadline) else {
        SocketOptions.prepare(descriptor, silence: options.silenceLimit)
        return (descriptor, address.description)
      }
      close(descriptor)
      last = "\(address.description): \(reason)"
    }
    throw Failure(reason: last)
  }

  // Waits for the previous rank; anybody else is turned away without a word.
  private func letIn() throws -> SocketConnection {
    let peer = (settings.rank + settings.size - 1) % settings.size
    let expected = greeting(of: peer)
    while SocketOptions.wait(listener.descriptor, for: Int32(POLLIN), until: deadline) {
      guard let descriptor = listener.accept() else { continue }
      let address = SocketAddress(of: descriptor, peer: true)?.description ?? "unknown address"
      let limit = min(deadline, cobre_monotonic_nanoseconds() + 1_000_000_000)
      let length = SocketGreeting.fixedBytes + expected.token.count + 4
      if let bytes = SocketDial.receive(length, from: descriptor, deadline: limit),
        case .hello(let hello) = SocketGreeting.decode(bytes), hello.rank == expected.rank, hello.size == expected.size,
        hello.problem == expected.problem, SocketGreeting.areEqual(hello.token, expected.token),
        SocketDial.send(
          SocketGreeting.encode(
            SocketGreeting.Answer(isAccepted: true, pid: UInt32(bitPattern: getpid()), text: "")), to: descriptor)
      {
        SocketOptions.prepare(descriptor, silence: options.silenceLimit)
        return SocketConnection(
          descriptor: descriptor, peer: peer, peerName: "rank \(peer) (pid \(hello.pid) at \(address))")
      }
      close(descriptor)
    }
    throw Failure(reason: "rank \(peer) did not come")
  }
}
