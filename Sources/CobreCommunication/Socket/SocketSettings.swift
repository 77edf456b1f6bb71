internal import Glibc

/// Where a rank finds its group and how it proves that it belongs there.
package struct SocketSettings: Sendable, Equatable {
  package var rank: Int
  package var size: Int
  package var host: String
  package var port: Int
  package var bindAddress: String?
  package var token: String
  /// Listening socket that rank 0 inherited.
  package var listenDescriptor: Int32?
  package var ring = Ring.betweenHosts
  /// Every message proves that it comes from a rank of the group.
  ///
  /// This needs a token.
  package var provesMessages: Bool

  var secret: SocketSecret { SocketSecret(token: token) }

  /// When ranks connect to their neighbours for large payloads.
  ///
  /// One rank's `never` is enough.
  package enum Ring: Int, Sendable {
    case never = 0
    case betweenHosts = 1
    case always = 2
  }

  package static let defaultPort = 29_500
  static let mostRanks = 4096

  package init(
    rank: Int, size: Int, host: String, port: Int = defaultPort, bindAddress: String? = nil, token: String = "",
    listenDescriptor: Int32? = nil, provesMessages: Bool? = nil
  ) {
    self.rank = rank
    self.size = size
    self.host = host
    self.port = port
    self.bindAddress = bindAddress
    self.token = token
    self.provesMessages = provesMessages ?? !token.isEmpty
    self.listenDescriptor = listenDescriptor
  }

  /// Reads the `COBRE_TCP_*` variables.
  package init(environment: EnvironmentReader) throws {
    size = try environment.requiredInteger(CommunicationVariable.size, in: 1...Self.mostRanks)
    rank = try environment.requiredInteger(CommunicationVariable.rank, in: 0...(size - 1))
    host = try environment.required(CommunicationVariable.coordinator)
    port = try environment.integer(CommunicationVariable.port, in: 1...65_535) ?? Self.defaultPort
    bindAddress = environment.text(CommunicationVariable.bindAddress)
    listenDescriptor = try environment.integer(CommunicationVariable.listenDescriptor, in: 0...1_000_000)
      .map { Int32($0) }
    ring = try environment.integer(CommunicationVariable.ring, in: 0...2).flatMap(Ring.init) ?? .betweenHosts
    token = try Self.token(environment)
    provesMessages = try environment.integer(CommunicationVariable.prove, in: 0...1) != 0 && !token.isEmpty
    guard token.utf8.count <= SocketGreeting.mostToken else {
      throw CommunicationError(
        .configuration, .connect, rank: rank,
        "The token has \(token.utf8.count) bytes; at most \(SocketGreeting.mostToken) are allowed.")
    }
  }

  private static func token(_ environment: EnvironmentReader) throws -> String {
    if let token = environment.text(CommunicationVariable.token) { return token }
    guard let path = environment.text(CommunicationVariable.tokenFile) else { return "" }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    let code = errno
    guard descriptor >= 0 else {
      throw CommunicationError(
        .configuration, .connect,
        "The token file \(path) of \(CommunicationVariable.tokenFile) cannot be read: \(SystemError.text(code)).")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
      throw CommunicationError(
        .configuration, .connect, "The token file \(path) is open to other users; give it mode 0600.")
    }
    let bytes = [UInt8](unsafeUninitializedCapacity: SocketGreeting.mostToken + 2) { buffer, count in
      count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
    }
    let token = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    guard !token.isEmpty else {
      throw CommunicationError(.configuration, .connect, "The token file \(path) is empty; write a secret into it.")
    }
    return String(decoding: token, as: UTF8.self)
  }
}
