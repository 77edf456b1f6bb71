internal import Glibc

/// Whole files as bytes, from disk and to it.
enum FileBytes {
  fileprivate static func fault(_ path: String, _ what: String) -> ParquetError {
    ParquetError(.fileSystem, "\(path): \(what).")
  }

  /// The content of an ordinary file.
  ///
  /// It is copied, not mapped: if a mapped file shrank meanwhile, the process would end.
  static func read(_ path: String, limit: Int) throws(ParquetError) -> [UInt8] {
    // O_NONBLOCK keeps a pipe of that name from blocking. It has no meaning for ordinary files.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw fault(path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw fault(path, String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw fault(path, "this is no ordinary file") }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw ParquetError(.limit, "\(path) has \(size) bytes; \(limit) are allowed.")
    }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let part = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if part < 0 && errno == EINTR { continue }
        if part < 0 { code = errno }
        if part <= 0 { return }
        count += part
      }
    }
    guard code == 0 else { throw fault(path, String(cString: strerror(code))) }
    return bytes
  }
}

extension FileBytes {
  /// Writes a temporary file and renames it to its path when all of it is on disk.
  static func write(_ bytes: [UInt8], to path: String) throws(ParquetError) {
    let draft = "\(path).\(getpid()).\(UInt32.random(in: .min ... .max)).part"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw fault(path, String(cString: strerror(errno))) }
    var code = bytes.withUnsafeBytes { buffer -> Int32 in
      var done = 0
      while done < buffer.count {
        let part = Glibc.write(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        if part < 0 && errno == EINTR { continue }
        if part <= 0 { return part < 0 ? errno : EIO }
        done += part
      }
      return fsync(descriptor) == 0 ? 0 : errno
    }
    if close(descriptor) != 0 && code == 0 { code = errno }
    if code == 0 && rename(draft, path) != 0 { code = errno }
    guard code == 0 else {
      unlink(draft)
      throw fault(path, String(cString: strerror(code)))
    }
  }
}
