internal import CobreCommunication
internal import CobreEngine

/// The hosts that an MPI launcher is to start ranks on.
///
/// Names end up in a file that the launcher reads and on the command line of its remote shell: they are letters,
/// digits, dots and hyphens, and begin with none of the latter two.
package enum HostList {
  /// Hosts at most.
  package static let limit = 256

  /// Whether a text is a host name or an IPv4 address.
  package static func isName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
      guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
        return false
      }
      return label.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
    }
  }

  /// Ranks that are started if no number is given: one on each host.
  static func defaultWorkers(_ hosts: [String]) -> Int { max(2, hosts.count) }

  /// How a launcher wants its file of hosts.
  enum Flavour: Equatable {
    case openMPI
    /// The launcher of MPICH, Intel MPI and others derived from it.
    case hydra

    /// From what the launcher says to `--version`.
    init(version: String) {
      let words = version.lowercased()
      self = ["hydra", "mpich", "intel(r) mpi"].contains { words.contains($0) } ? .hydra : .openMPI
    }
  }

  /// The file for the launcher: a line for every host, with as many slots as it gets ranks.
  ///
  /// For Open MPI a host without a number has as many slots as cores, so it would put all ranks on the first host.
  static func file(_ hosts: [String], workers: Int, for flavour: Flavour) -> String {
    hosts.enumerated().map { index, host in
      let places = WorkPartition(units: workers, rank: index, size: hosts.count).count
      switch flavour {
      case .openMPI: return "\(host) slots=\(places)\n"
      case .hydra: return "\(host):\(places)\n"
      }
    }.joined()
  }

  /// Why a request's hosts are not valid, as a sentence, or nil if they are or there are none.
  static func problem(_ request: RunRequest) -> String? {
    guard let hosts = request.hosts else { return nil }
    guard (1...limit).contains(hosts.count) else {
      return "`hosts` must name 1 to \(limit) hosts; \(hosts.count) were given. Leave it out to compute on this host."
    }
    if let bad = hosts.first(where: { !isName($0) }) {
      return "`hosts` must be host names or IPv4 addresses of letters, digits, '.' and '-'; "
        + "\"\(LogTail.sanitized(bad.utf8.prefix(80)))\" was given."
    }
    guard request.backend == .mpi else {
      return
        "`hosts` needs the `backend` mpi, whose launcher starts processes on other hosts; \(request.backend.rawValue) "
        + "was given. Ranks over tcp are started on other hosts by hand (Documentation/Communication.md)."
    }
    if let workers = request.workers, workers < 2 || workers < hosts.count {
      return
        "`num_workers` must be at least 2 and at least the number of `hosts` (\(hosts.count)); \(workers) was given."
    }
    return nil
  }
}
