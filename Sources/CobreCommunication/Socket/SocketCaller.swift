internal import CobrePlatformShim
internal import Glibc

/// A rank that has connected to another one and greets it.
struct SocketCaller {
  let descriptor: Int32
  private let secret: SocketSecret
  private let purpose: SocketSecret.Purpose
  private let hello: SocketGreeting.Hello
  private var bytes: [UInt8] = []
  private var keys: SocketKeys?
  /// The other side has proved that it knows the secret.
  private var isProven = false

  enum Heard {
    case incomplete
    /// The other side closed the connection.
    case closed
    /// The other side is not this engine.
    case garbage
    /// The other side does not know the secret.
    ///
    /// It has not been sent anything derived from it.
    case unproven
    case refused(String)
    case accepted(pid: UInt32, SocketKeys?)
  }

  init(
    _ descriptor: Int32, rank: Int, settings: SocketSettings, problem: UInt64, purpose: SocketSecret.Purpose
  ) throws {
    self.descriptor = descriptor
    self.purpose = purpose
    secret = settings.secret
    hello = SocketGreeting.Hello(
      rank: UInt32(rank), size: UInt32(settings.size), problem: problem, pid: UInt32(bitPattern: getpid()),
      provesMessages: settings.provesMessages, nonce: try SocketSecret.nonce())
  }

  /// Begins the greeting, and returns false if it did not go.
  func begin() -> Bool { SocketDial.send(SocketGreeting.encode(hello), to: descriptor) }

  /// Takes what has arrived.
  ///
  /// Proves itself once the other side has proved itself.
  mutating func hear() -> Heard {
    while true {
      let wanted = SocketGreeting.replyBytes(bytes) ?? 8
      var buffer = [UInt8](repeating: 0, count: wanted - bytes.count)
      let got = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
      let code = errno
      if got < 0 && code == EINTR { continue }
      if got < 0 && code == EAGAIN { return .incomplete }
      guard got > 0 else { return .closed }
      bytes.append(contentsOf: buffer[..<got])
      guard bytes.count >= 8 else { continue }
      guard let length = SocketGreeting.replyBytes(bytes) else { return .garbage }
      guard bytes.count == length else { continue }
      if let heard = take(bytes) { return heard }
      bytes = []
    }
  }

  // Takes a complete message. Returns nil if another one follows.
  private mutating func take(_ message: [UInt8]) -> Heard? {
    if let answer = SocketGreeting.decodeAnswer(message) {
      guard answer.isAccepted else { return .refused(answer.text) }
      return isProven ? .accepted(pid: answer.pid, keys) : .unproven
    }
    guard !isProven, let challenge = SocketGreeting.decodeChallenge(message) else { return .garbage }
    let meeting = SocketSecret.Meeting(purpose: purpose, hello: hello, nonce: challenge.nonce)
    guard KeyedHash.areEqual(challenge.proof, secret.hostProof(meeting)) else {
      // Sent so that a rank 0 of the same group with another secret can report it in its log.
      let nothing = [UInt8](repeating: 0, count: SocketGreeting.proofBytes)
      _ = SocketDial.send(SocketGreeting.encode(proof: nothing), to: descriptor)
      return .unproven
    }
    isProven = true
    keys = secret.keys(meeting, isHost: false)
    guard SocketDial.send(SocketGreeting.encode(proof: secret.guestProof(meeting)), to: descriptor) else {
      return .closed
    }
    return nil
  }
}
