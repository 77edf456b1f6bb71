internal import CobrePlatformShim
internal import Glibc

/// A mapped shared memory segment with typed access to its words.
///
/// Unmapped when released.
///
/// Shared data is only accessed through the atomics here, or between a release store and an acquire load of the round
/// word that guards it.
final class SharedMapping {
  let base: UnsafeMutableRawPointer
  let byteCount: Int

  /// Maps an open file completely.
  init(descriptor: Int32, byteCount: Int) throws {
    let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    let code = errno
    guard let address, address != MAP_FAILED else {
      throw CommunicationError(
        .system, .connect, "\(byteCount) bytes of shared memory cannot be mapped: \(SystemError.text(code)).")
    }
    base = address
    self.byteCount = byteCount
  }

  deinit { munmap(base, byteCount) }

  @inline(__always)
  func acquire(_ offset: Int) -> UInt32 { cobre_load_acquire_u32(base + offset) }

  @inline(__always)
  func load(_ offset: Int) -> UInt32 { cobre_load_u32(base + offset) }

  @inline(__always)
  func release(_ offset: Int, _ value: UInt32) { cobre_store_release_u32(base + offset, value) }

  @inline(__always)
  @discardableResult
  func add(_ offset: Int, _ value: UInt32) -> UInt32 { cobre_fetch_add_u32(base + offset, value) }

  func exchange(_ offset: Int, expected: UInt32, desired: UInt32) -> Bool {
    cobre_exchange_if_u32(base + offset, expected, desired)
  }

  @inline(__always)
  func read<T: BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T { base.load(fromByteOffset: offset, as: type) }

  @inline(__always)
  func write<T: BitwiseCopyable>(_ offset: Int, _ value: T) {
    base.storeBytes(of: value, toByteOffset: offset, as: T.self)
  }

  func wait(_ offset: Int, while expected: UInt32, nanoseconds: Int64) {
    _ = cobre_futex_wait(base + offset, expected, nanoseconds)
  }

  func wakeAll(_ offset: Int) { cobre_futex_wake_all(base + offset) }
}
