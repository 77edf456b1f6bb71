internal import Foundation

/// The bytes of a case directory, read once.
package struct CaseFiles: Sendable {
  /// Largest sizes that are read; larger files are reported, not read.
  package struct Limits: Sendable {
    /// Bytes of one JSON file.
    package var json = 64 << 20
    /// Bytes of one table.
    package var table = 1 << 30
    /// Directory entries looked at per folder.
    package var entries = 10_000

    package init() {}
  }

  /// Bytes of the known files that exist, by relative path.
  package private(set) var contents: [String: [UInt8]]
  /// Relative paths of the other entries of the known folders.
  package private(set) var others: [String]
  /// Why a known file could not be read, by relative path; the key "" is the directory itself.
  package private(set) var failures: [String: String]

  /// A case held in memory, as tests and templates use it; unknown paths become `others`.
  package init(contents: [String: [UInt8]]) {
    self.contents = contents.filter { CaseFileName(rawValue: $0.key) != nil }
    self.others = contents.keys.filter { CaseFileName(rawValue: $0) == nil }.sorted()
    self.failures = [:]
  }

  /// Reads the known files of a directory and lists the others.
  ///
  /// Never throws: what cannot be read is kept in `failures`, for the report.
  package init(directory: String, limits: Limits = Limits()) {
    self.contents = [:]
    self.others = []
    self.failures = [:]
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: directory, isDirectory: &isDirectory) else {
      failures[""] = "The case directory does not exist."
      return
    }
    guard isDirectory.boolValue else {
      failures[""] = "The case path is a file, not a directory."
      return
    }
    for folder in ["", "system/", "scenarios/", "constraints/"] {
      read(folder: folder, of: directory, limits: limits)
    }
  }

  /// Bytes of a file, if it exists and could be read.
  package func bytes(_ name: CaseFileName) -> [UInt8]? { contents[name.path] }

  private mutating func read(folder: String, of directory: String, limits: Limits) {
    let base = directory.hasSuffix("/") ? directory : directory + "/"
    guard FileManager.default.fileExists(atPath: base + folder) else { return }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: base + folder)
    } catch {
      failures[folder] = "The folder cannot be listed."
      return
    }
    for entry in entries.sorted().prefix(limits.entries) {
      let path = folder + entry
      guard let name = CaseFileName(rawValue: path) else {
        // The root may hold anything (results, notes); only its Parquet tables and our folders matter.
        if !folder.isEmpty { others.append(path) }
        continue
      }
      switch FileBytes.read(path: base + path, limit: name.isTable ? limits.table : limits.json) {
      case .success(let bytes): contents[path] = bytes
      case .failure(let failure): failures[path] = failure.sentence
      }
    }
  }
}

/// Reads one regular file with a size limit.
enum FileBytes {
  struct Failure: Error {
    var sentence: String
  }

  static func read(path: String, limit: Int) -> Result<[UInt8], Failure> {
    // Non-blocking, so that a named pipe in the directory cannot hang the reader.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      return .failure(Failure(sentence: "The file cannot be opened: \(String(cString: strerror(errno)))."))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return .failure(Failure(sentence: "It is not a regular file."))
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      return .failure(Failure(sentence: "The file has \(size) bytes; the limit is \(limit) bytes."))
    }
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Foundation.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if got > 0 {
          count += got
        } else if got == 0 {
          break
        } else if errno != EINTR {
          failed = true
          break
        }
      }
    }
    return failed ? .failure(Failure(sentence: "Reading the file failed.")) : .success(bytes)
  }
}
