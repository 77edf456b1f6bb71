internal import Glibc

/// Where the ranks of one host meet, as the process that starts them sees it: a listening socket on the loopback
/// interface, opened before any rank runs so that no port can be lost, and a secret that only they know.
package final class SocketRendezvous {
  /// Host that ranks connect to.
  package let host: String
  package let port: Int
  package let ranks: Int
  /// Secret of the run.
  ///
  /// It is only passed on by environment or file.
  package let token: String
  private let listener: SocketListener

  /// The listening socket.
  ///
  /// Rank 0 inherits it under the number that ``environment(rank:listenDescriptor:)`` was given.
  package var descriptor: Int32 { listener.descriptor }

  /// Opens the socket.
  ///
  /// - Parameters:
  ///   - ranks: number of ranks that will join.
  ///   - host: address to listen on, one of this host.
  ///   - port: 0 for one that the system chooses.
  /// - Throws: ``CommunicationError``.
  package init(ranks: Int, host: String = "127.0.0.1", port: Int = 0) throws {
    guard ranks >= 1, let number = UInt16(exactly: port) else {
      throw CommunicationError(
        .configuration, .connect, "\(ranks) ranks cannot meet on port \(port); ports go from 0 to 65535.")
    }
    listener = try SocketListener(host: host, port: number, rank: nil)
    self.host = host
    self.port = Int(listener.address.numeric.port) ?? port
    self.ranks = ranks
    token = try RandomName.hexadecimal(bytes: 16)
  }

  /// What a rank needs in its environment.
  ///
  /// - Parameters:
  ///   - rank: the rank.
  ///   - listenDescriptor: the number under which rank 0 inherits ``descriptor``. Ignored for other ranks.
  ///   - tokenFile: a file of mode 0600 that the caller has written ``token`` to, or nil to pass the token itself.
  /// - Returns: variables to add.
  package func environment(rank: Int, listenDescriptor: Int32, tokenFile: String? = nil) -> [String: String] {
    var variables = [
      CommunicationVariable.backend: Backend.tcp.rawValue, CommunicationVariable.coordinator: host,
      CommunicationVariable.port: String(port), CommunicationVariable.rank: String(rank),
      CommunicationVariable.size: String(ranks),
      // Within a host only root could interfere between two processes, and root could read their memory as well.
      CommunicationVariable.prove: "0",
    ]
    variables[tokenFile == nil ? CommunicationVariable.token : CommunicationVariable.tokenFile] = tokenFile ?? token
    if rank == 0 { variables[CommunicationVariable.listenDescriptor] = String(listenDescriptor) }
    return variables
  }

  /// Closes the parent's end.
  ///
  /// Call it once rank 0 has been started: otherwise rank 0 could never notice that its socket is closed.
  package func closeListener() { listener.shut() }
}
