internal import CobreCommunication

/// What every rank sends to all others at the beginning of a collective: what it calls, and its contribution if that is
/// short.
///
/// No other code knows the bytes.
///
/// In the byte order of the hosts, which MPI groups share here.
struct MPIRecord {
  static let byteCount = 128
  /// Contributions of at most so many bytes need no second call.
  static let inlineBytes = byteCount - inlineOffset
  private static let inlineOffset = 40

  enum Mark: UInt8 {
    case call = 1
    /// The rank failed.
    ///
    /// A text follows in a second exchange.
    case failure = 2
    /// The rank leaves the group.
    case leave = 3
  }

  var mark: Mark
  var statement: CallStatement

  func encode(into bytes: UnsafeMutableRawPointer, payload: UnsafeRawBufferPointer) {
    bytes.storeBytes(of: mark.rawValue, toByteOffset: 0, as: UInt8.self)
    bytes.storeBytes(of: statement.operation, toByteOffset: 2, as: UInt16.self)
    bytes.storeBytes(of: statement.elementWidth, toByteOffset: 4, as: UInt16.self)
    bytes.storeBytes(of: statement.fingerprint, toByteOffset: 8, as: UInt64.self)
    bytes.storeBytes(of: statement.bytes, toByteOffset: 16, as: UInt64.self)
    bytes.storeBytes(of: statement.call, toByteOffset: 24, as: UInt64.self)
    if payload.count > 0, payload.count <= Self.inlineBytes, let source = payload.baseAddress {
      (bytes + Self.inlineOffset).copyMemory(from: source, byteCount: payload.count)
    }
  }

  init(mark: Mark, statement: CallStatement) {
    self.mark = mark
    self.statement = statement
  }

  init?(decoding bytes: UnsafeRawPointer) {
    guard let mark = Mark(rawValue: bytes.load(as: UInt8.self)) else { return nil }
    self.mark = mark
    statement = CallStatement(
      operation: bytes.load(fromByteOffset: 2, as: UInt16.self),
      elementWidth: bytes.load(fromByteOffset: 4, as: UInt16.self),
      fingerprint: bytes.load(fromByteOffset: 8, as: UInt64.self),
      bytes: bytes.load(fromByteOffset: 16, as: UInt64.self), call: bytes.load(fromByteOffset: 24, as: UInt64.self))
  }

  static func payload(of bytes: UnsafeRawPointer) -> UnsafeRawPointer { bytes + inlineOffset }
}
