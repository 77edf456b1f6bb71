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

  /// Why there is no ring.
  struct Failure: Error {
    var reason: String
  }

  /// Meets both neighbours.
  ///
  /// All ranks must do so at the same time.
  ///
  /// Each rank greets and is greeted at the same time: in a ring, a rank that did one after the other would wait for
  /// itself.
  ///
  /// - Parameters:
  ///   - host: numeric address of the next rank.
  ///   - port: its listening port.
  /// - Returns: the connections.
  /// - Throws: ``Failure``.
  func meet(host: String, port: UInt16) throws -> Neighbours {
    let (next, address) = try dial(host: host, port: port)
    var isHandedOver = false
    defer { if !isHandedOver { close(next) } }
    let peer = (settings.rank + 1) % settings.size
    var caller: SocketCaller
    do {
      caller = try SocketCaller(
        next, rank: settings.rank, settings: settings, problem: options.problem, purpose: .ring)
    } catch {
      throw Failure(reason: "\(error)")
    }
    guard caller.begin() else { throw Failure(reason: "rank \(peer) at \(address) hung up") }
    var guests: [SocketGuest] = []
    defer { for guest in guests { close(guest.descriptor) } }
    var following: SocketConnection?
    var previous: SocketConnection?
    while following == nil || previous == nil {
      guard cobre_monotonic_nanoseconds() < deadline else {
        throw Failure(reason: previous == nil ? "rank \(previousRank) did not come" : "rank \(peer) gave no answer")
      }
      wait(next: following == nil ? next : nil, guests)
      if following == nil {
        switch caller.hear() {
        case .incomplete: break
        case .accepted(let pid, let keys):
          following = SocketConnection(
            descriptor: next, peer: peer, peerName: "rank \(peer) (pid \(pid) at \(address))", keys: keys)
          isHandedOver = true
        default: throw Failure(reason: "rank \(peer) at \(address) gave no answer")
        }
      }
      if previous == nil { previous = try hear(&guests) }
    }
    guard let following, let previous else { throw Failure(reason: "a neighbour is missing") }
    return Neighbours(next: following, previous: previous)
  }

  private var previousRank: Int { (settings.rank + settings.size - 1) % settings.size }

  private func wait(next: Int32?, _ guests: [SocketGuest]) {
    var polls = [pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)]
    if let next { polls.append(pollfd(fd: next, events: Int16(POLLIN), revents: 0)) }
    polls += guests.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    _ = poll(&polls, nfds_t(polls.count), 50)
  }

  // The previous rank, once it has proved its identity. Any other peer is turned away without an answer.
  private func hear(_ guests: inout [SocketGuest]) throws -> SocketConnection? {
    while guests.count < Self.mostGuests, let descriptor = listener.accept() {
      guests.append(
        SocketGuest(
          descriptor, address: SocketAddress(of: descriptor, peer: true)?.description ?? "unknown address",
          until: cobre_monotonic_nanoseconds() + Self.greetingNanoseconds, purpose: .ring, secret: settings.secret))
    }
    var found: SocketConnection?
    var waiting: [SocketGuest] = []
    for var guest in guests {
      let heard = found == nil ? (try? guest.hear()) ?? .garbage : .garbage
      switch heard {
      case .incomplete where cobre_monotonic_nanoseconds() < guest.until: waiting.append(guest)
      case .proven(let hello, let keys)
      where hello.rank == UInt32(previousRank) && hello.size == UInt32(settings.size)
        && hello.problem == options.problem && hello.provesMessages == settings.provesMessages
        && guest.answer(isAccepted: true):
        SocketOptions.prepare(guest.descriptor, silence: options.silenceLimit)
        found = SocketConnection(
          descriptor: guest.descriptor, peer: previousRank,
          peerName: "rank \(previousRank) (pid \(hello.pid) at \(guest.address))", keys: keys)
      default: close(guest.descriptor)
      }
    }
    guests = waiting
    return found
  }

  private static let mostGuests = 64
  private static let greetingNanoseconds: Int64 = 2_000_000_000

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
}
