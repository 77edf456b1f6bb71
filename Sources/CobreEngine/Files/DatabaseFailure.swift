internal import GRDB

/// What SQLite could not do, as a sentence.
package enum DatabaseFailure {
  /// How long a transaction waits for another process to end its own.
  package static let busyTimeoutSeconds = 30.0

  /// Turns what the database library throws into a sentence.
  package static func translating<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as DatabaseError {
      throw RunError(.storage, sentence(for: error, path: path))
    } catch is RowDecodingError {
      throw RunError(.storage, "\(path) holds a value of another kind than its column has: no engine has written it.")
    }
  }

  private static func sentence(for error: DatabaseError, path: String) -> String {
    let detail = error.message ?? "no further detail"
    let hardships: [ResultCode] = [.SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_FULL]
    if hardships.contains(error.resultCode.primaryResultCode), let end = path.lastIndex(of: "/"),
      let diskProblem = Disk.problem(of: String(path[..<end]))
    {
      return
        "\(path) cannot be written (\(detail)): \(diskProblem). Once it can be written, resume the run or start it again."
    }
    return switch error.resultCode.primaryResultCode {
    case .SQLITE_FULL:
      "The disk is full: \(path) cannot grow. Free some space, then resume the run."
    case .SQLITE_READONLY:
      "\(path) cannot be written: the file or its directory is read-only."
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      "\(path) is damaged (\(detail)). Restore it from a copy, or delete the run and start it again."
    case .SQLITE_CANTOPEN:
      "\(path) cannot be opened (\(detail)). Check that its directory exists and may be read and written."
    case .SQLITE_IOERR:
      "\(path) cannot be read or written (\(detail)). Check the disk and the quota, then resume the run."
    case .SQLITE_INTERRUPT:
      "\(path) takes longer to read than any database of a run, so it was left alone. Delete the run if it is not yours."
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      "\(path) was kept locked by another process for \(Int(busyTimeoutSeconds)) seconds. Try again."
    default:
      "\(path): \(detail) (SQLite code \(error.resultCode.rawValue))."
    }
  }
}
