internal import CobreCommunication
internal import CobreEngine
internal import CobrePlatformShim
internal import Glibc

/// An anonymous file in memory, which two processes share.
///
/// Not private: other modules destroy values that contain one, and need its metadata for that.
package struct MemoryFile: ~Copyable {
  let descriptor: Int32

  init(_ name: String) throws {
    let made = cobre_memory_file(name)
    guard made >= 0 else { throw RunError(.launch, "There is no memory for the call: \(SystemError.text(-made)).") }
    descriptor = made
  }

  init(inherited descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  /// Takes the lock by which two processes agree; false where the other one has it.
  func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }

  /// Takes that lock at the other end, for as long as this process lives.
  ///
  /// An inherited descriptor shares its locks with the one it was made of, so the file is opened once more.
  func lockForChange() -> Bool {
    let own = open("/proc/self/fd/\(descriptor)", O_RDWR | O_CLOEXEC)
    return own >= 0 && flock(own, LOCK_EX | LOCK_NB) == 0
  }

  /// A path by which it can be opened.
  var path: String { "/proc/\(getpid())/fd/\(descriptor)" }

  /// Its content, up to a limit.
  func contents(limit: Int) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return [] }
    let size = min(Int(status.st_size), limit)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
        if got < 0 && errno == EINTR { continue }
        guard got > 0 else { return }
        count += got
      }
    }
  }

  func replace(by bytes: [UInt8]) throws {
    var done = 0
    var isWritten = ftruncate(descriptor, 0) == 0
    while isWritten, done < bytes.count {
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(done))
      }
      if count < 0 && errno == EINTR { continue }
      isWritten = count > 0
      done += max(count, 0)
    }
    guard isWritten else { throw RunError(.launch, "There is no memory for the call: \(SystemError.text(errno)).") }
  }
}
