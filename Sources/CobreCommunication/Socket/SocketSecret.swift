internal import CobrePlatformShim

/// What the ranks of a group know and strangers do not, and how it is proved without being sent.
///
/// Every proof covers one connection: both sides' nonces, version, rank, size, problem. So an observed proof is useless
/// on another connection, and the two sides' proofs are never the same.
struct SocketSecret {
  let token: String

  /// The two kinds of connection.
  enum Purpose: UInt8 {
    case star = 1
    case ring = 2
  }

  /// What a value derived from the secret is for.
  private enum Label: UInt8 {
    case hostProof = 1
    case guestProof = 2
    case hostKey = 3
    case guestKey = 4
  }

  /// One connection, as both sides know it.
  struct Meeting {
    var purpose: Purpose
    var hello: SocketGreeting.Hello
    /// Nonce of the side that was connected to.
    var nonce: [UInt8]
  }

  /// Proof of the side that was connected to.
  func hostProof(_ meeting: Meeting) -> [UInt8] { derive(.hostProof, meeting) }

  /// Proof of the side that has connected.
  func guestProof(_ meeting: Meeting) -> [UInt8] { derive(.guestProof, meeting) }

  /// The keys of the messages that follow, or nil if these carry no proofs.
  func keys(_ meeting: Meeting, isHost: Bool) -> SocketKeys? {
    guard meeting.hello.provesMessages else { return nil }
    let host = KeyedHash(key: derive(.hostKey, meeting))
    let guest = KeyedHash(key: derive(.guestKey, meeting))
    return SocketKeys(sending: isHost ? host : guest, receiving: isHost ? guest : host)
  }

  private func derive(_ label: Label, _ meeting: Meeting) -> [UInt8] {
    let hello = meeting.hello
    var bytes = Array("cobre tcp".utf8)
    bytes += [label.rawValue, meeting.purpose.rawValue]
    SocketGreeting.append(SocketGreeting.version, to: &bytes)
    SocketGreeting.append(hello.rank, to: &bytes)
    SocketGreeting.append(hello.size, to: &bytes)
    SocketGreeting.append(hello.problem, to: &bytes)
    SocketGreeting.append(hello.pid, to: &bytes)
    SocketGreeting.append(UInt32(hello.provesMessages ? 1 : 0), to: &bytes)
    bytes += hello.nonce
    bytes += meeting.nonce
    return KeyedHash(key: Array(token.utf8)).proof(of: bytes)
  }

  /// Bytes that were never used before.
  static func nonce() throws -> [UInt8] {
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: SocketGreeting.nonceBytes) { buffer, count in
      code = cobre_random_bytes(buffer.baseAddress, buffer.count)
      count = SocketGreeting.nonceBytes
    }
    guard code == 0 else {
      throw CommunicationError(.system, .connect, "The system gives no random bytes: \(SystemError.text(code)).")
    }
    return bytes
  }
}

/// Keys by which the messages of one connection are proved, one for each direction.
struct SocketKeys {
  let sending: KeyedHash
  let receiving: KeyedHash
}
