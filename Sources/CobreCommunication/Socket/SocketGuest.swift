internal import CobrePlatformShim
internal import Glibc

/// Who has connected to this process and not finished the greeting.
struct SocketGuest {
  let descriptor: Int32
  let address: String
  /// When its time is over, in monotonic nanoseconds.
  let until: Int64
  private let purpose: SocketSecret.Purpose
  private let secret: SocketSecret
  private var bytes: [UInt8] = []
  private var meeting: SocketSecret.Meeting?

  /// What is known of the peer after reading what it has sent.
  enum Heard {
    case incomplete
    case garbage
    case otherVersion(UInt32)
    /// It does not know the secret.
    case unproven
    /// The peer knows the secret.
    ///
    /// Its claims about itself may still be wrong.
    case proven(SocketGreeting.Hello, SocketKeys?)
  }

  init(_ descriptor: Int32, address: String, until: Int64, purpose: SocketSecret.Purpose, secret: SocketSecret) {
    self.descriptor = descriptor
    self.address = address
    self.until = until
    self.purpose = purpose
    self.secret = secret
  }

  /// Takes what has arrived.
  ///
  /// After a hello, sends a challenge.
  mutating func hear() throws -> Heard {
    while true {
      let wanted = meeting == nil ? SocketGreeting.helloBytes + 1 : SocketGreeting.proofMessageBytes
      var buffer = [UInt8](repeating: 0, count: wanted - bytes.count)
      let got = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
      let code = errno
      if got < 0 && code == EINTR { continue }
      if got == 0 || (got < 0 && code != EAGAIN) { return .garbage }
      if got > 0 { bytes.append(contentsOf: buffer[..<got]) }
      if let meeting {
        guard bytes.count == wanted else { return .incomplete }
        guard let proof = SocketGreeting.decodeProof(bytes) else { return .garbage }
        guard KeyedHash.areEqual(proof, secret.guestProof(meeting)) else { return .unproven }
        return .proven(meeting.hello, secret.keys(meeting, isHost: true))
      }
      switch SocketGreeting.decode(bytes) {
      case .incomplete: return .incomplete
      case .garbage: return .garbage
      case .otherVersion(let version): return .otherVersion(version)
      case .hello(let hello):
        let made = SocketSecret.Meeting(purpose: purpose, hello: hello, nonce: try SocketSecret.nonce())
        meeting = made
        bytes = []
        let challenge = SocketGreeting.Challenge(
          pid: UInt32(bitPattern: getpid()), nonce: made.nonce, proof: secret.hostProof(made))
        guard reply(SocketGreeting.encode(challenge)) else { return .garbage }
      }
    }
  }

  /// Sends an answer, and returns false if it could not be sent.
  func answer(isAccepted: Bool, _ text: String = "") -> Bool {
    reply(
      SocketGreeting.encode(
        SocketGreeting.Answer(isAccepted: isAccepted, pid: UInt32(bitPattern: getpid()), text: text)))
  }

  private func reply(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes {
      send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT)) == $0.count
    }
  }
}
