internal import CobreCase
internal import CobreEngine
internal import GRDB
internal import GRDBSQLite
internal import Glibc
internal import Synchronization

/// What one reading of a run's database may cost in a process that others wait for.
///
/// A runs directory may hold what was made elsewhere, and a database can be built so that reading a table never ends: a
/// view in its place, or pages that lead to each other. Processor time is counted, since a busy machine is no fault of
/// the database.
final class ReadingBudget: Sendable {
  private struct Limits {
    /// Seconds of processor time for one transaction; infinite unless a process has set it.
    var seconds = Double.infinity
    /// Whether that holds for transactions that write, too.
    var includesWriting = false
  }

  private static let limits = Mutex(Limits())

  /// Lets every later transaction that reads a run's database end after so many seconds of processor time.
  static func set(seconds: Double, includesWriting: Bool) {
    limits.withLock { $0 = Limits(seconds: seconds, includesWriting: includesWriting) }
  }

  /// Processor seconds of the reading thread at which the present transaction ends.
  private let end = Mutex(Double.infinity)

  /// The budget for a connection, or nil where there is none.
  static func watching(_ configuration: inout GRDB.Configuration, forWriting: Bool = false) -> ReadingBudget? {
    guard limits.withLock({ $0.seconds.isFinite && ($0.includesWriting || !forWriting) }) else { return nil }
    let budget = ReadingBudget()
    configuration.prepareDatabase { database in
      // The store holds the budget for as long as the connection.
      sqlite3_progress_handler(
        database.sqliteConnection, 10_000,
        { context in
          guard let context else { return 0 }
          return Unmanaged<ReadingBudget>.fromOpaque(context).takeUnretainedValue().isSpent ? 1 : 0
        }, Unmanaged.passUnretained(budget).toOpaque())
    }
    return budget
  }

  /// Starts a transaction on the thread that carries it out.
  func begin() { end.withLock { $0 = Self.processorSeconds + Self.limits.withLock { $0.seconds } } }

  private var isSpent: Bool { end.withLock { $0 } < Self.processorSeconds }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension RunStore {
  /// Bounds what reading any run's database costs this process from now on, in seconds of processor time for each
  /// reading.
  ///
  /// - Parameters:
  ///   - seconds: for each transaction.
  ///   - includesWriting: whether transactions that write are bounded, too: what they look up may never end, either.
  package static func boundReading(seconds: Double, includesWriting: Bool = false) {
    ReadingBudget.set(seconds: seconds, includesWriting: includesWriting)
  }
}
