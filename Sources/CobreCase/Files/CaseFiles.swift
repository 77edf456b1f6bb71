internal import CobreBase
internal import Foundation

/// The bytes of a case directory, read once.
package struct CaseFiles: Sendable {
  /// Largest sizes that are read.
  ///
  /// Larger files are reported, not read.
  package struct Limits: Sendable {
    /// Bytes of one JSON file.
    package var json = 64 << 20
    /// Bytes of one table.
    package var table = 1 << 30
    /// Directory entries read per folder.
    package var entries = 10_000

    package init() {}
  }

  /// Bytes of the known files that exist, by relative path.
  package private(set) var contents: [String: [UInt8]]
  /// Relative paths of the other entries of the known folders.
  package private(set) var others: [String]
  /// Why a known file could not be read, by relative path.
  ///
  /// The key "" is the directory itself.
  package private(set) var failures: [String: String]
  /// Files with more than one hard link, by relative path.
  ///
  /// Their content may come from elsewhere.
  package private(set) var linked: [String] = []
  /// Files of other users, by relative path.
  ///
  /// Files of root count as everyone's, and root may read all files.
  package private(set) var borrowed: [String] = []

  /// Folders of the directory that hold a case, if the directory itself holds none.
  package private(set) var innerCases: [String] = []

  /// A case held in memory, as tests and templates use it.
  ///
  /// Unknown paths become `others`.
  package init(contents: [String: [UInt8]]) {
    self.contents = contents.filter { CaseFiles.isTable($0.key) != nil }
    self.others = contents.keys.filter { CaseFiles.isTable($0) == nil }.sorted()
    self.failures = [:]
  }

  /// Reads the known files of a directory and lists the others.
  ///
  /// Never throws: what cannot be read is kept in `failures`, for the report. What is outside the bounds is not read
  /// either, whether because of a link or because a directory was replaced by one.
  package init(directory: String, limits: Limits = Limits(), bounds: CaseBounds = .anywhere) {
    self.contents = [:]
    self.others = []
    self.failures = [:]
    do throws(FileFailure) {
      let root = try HeldPath(directory)
      guard bounds.contain(root) else {
        failures[""] = "The case directory lies outside the directories that may be read."
        return
      }
      guard root.isDirectory else {
        failures[""] = "The case path is a file, not a directory."
        return
      }
      read(folder: "", root, limits: limits, bounds: bounds)
      if contents[CaseFileName.config.path] == nil, contents[CaseFileName.stages.path] == nil {
        innerCases = Self.innerCases(of: root, bounds: bounds)
      }
      for folder in ["system/", "scenarios/", "constraints/"] {
        do throws(FileFailure) {
          let place = try HeldPath(String(folder.dropLast()), in: root)
          read(folder: folder, place, limits: limits, bounds: bounds)
        } catch {
          if !error.isAbsence { failures[folder] = "The folder cannot be opened: \(error.reason)." }
        }
      }
    } catch {
      failures[""] =
        error.isAbsence
        ? "The case directory does not exist." + Self.neighbours(of: directory, bounds)
        : "The case directory cannot be opened: \(error.reason)."
    }
  }

  /// What is there in the place of a directory that is not, as sentences that continue others.
  private static func neighbours(of directory: String, _ bounds: CaseBounds) -> String {
    let plain = directory.last == "/" ? String(directory.dropLast()) : directory
    let parent = FilePath.parent(of: plain).isEmpty ? "." : FilePath.parent(of: plain)
    guard let held = try? HeldPath(parent), held.isDirectory, bounds.contain(held) else { return "" }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []).filter { name in
      var isDirectory = ObjCBool(false)
      return !name.hasPrefix(".")
        && FileManager.default.fileExists(atPath: parent + "/" + name, isDirectory: &isDirectory)
        && isDirectory.boolValue
    }.sorted()
    guard !names.isEmpty else { return "" }
    let meant = NearestName.nearest(to: String(plain.split(separator: "/").last ?? ""), among: names)
    let shown = names.prefix(10).map { $0.printable(limit: 60) }.joined(separator: ", ")
    return " In \(parent) there are \(shown)\(names.count > 10 ? " and \(names.count - 10) more" : "")."
      + (meant.map { " Did you mean \($0.printable(limit: 60))?" } ?? "")
  }

  /// Whether a file of either format is a table, or nil for files that neither knows.
  private static func isTable(_ path: String) -> Bool? {
    CaseFileName(rawValue: path)?.isTable ?? NovomodeloFile(rawValue: path)?.isTable
  }

  /// Bytes of a file, if it exists and could be read.
  package func bytes(_ name: CaseFileName) -> [UInt8]? { contents[name.path] }

  /// The same directory as one that cannot be read.
  package func unreadable(_ reason: String) -> CaseFiles {
    var files = self
    files.contents = [:]
    files.failures[""] = reason
    return files
  }

  /// Puts other bytes in the place of a file of the case, in memory; nil takes it away.
  mutating func set(_ path: String, to bytes: [UInt8]?) {
    contents[path] = bytes
    failures[path] = nil
  }

  private mutating func read(folder: String, _ place: borrowing HeldPath, limits: Limits, bounds: CaseBounds) {
    guard bounds.contain(place) else {
      failures[folder] = "The folder leads outside the directories that may be read."
      return
    }
    let entries: [String]
    do {
      entries = try FileManager.default.contentsOfDirectory(atPath: place.handle)
    } catch {
      failures[folder] = "The folder cannot be listed."
      return
    }
    for entry in entries.sorted().prefix(limits.entries) {
      let path = folder + entry
      guard let isTable = CaseFiles.isTable(path) else {
        // The root may hold anything (results, notes). Only its Parquet tables and our folders matter.
        if !folder.isEmpty { others.append(path) }
        continue
      }
      do throws(Unreadable) {
        let (bytes, status) = try CaseFiles.bytes(
          entry, in: place, limit: isTable ? limits.table : limits.json, bounds: bounds)
        contents[path] = bytes
        if status.st_nlink > 1 { linked.append(path) }
        if geteuid() != 0, status.st_uid != 0, status.st_uid != geteuid() { borrowed.append(path) }
      } catch {
        failures[path] = error.sentence
      }
    }
  }

  /// The folders with a `config.json` among the first entries of a directory.
  private static func innerCases(of root: borrowing HeldPath, bounds: CaseBounds) -> [String] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: root.handle)) ?? []
    return entries.sorted().prefix(200).filter { entry in
      guard let folder = try? HeldPath(entry, in: root), folder.isDirectory, bounds.contain(folder),
        let file = try? HeldPath(CaseFileName.config.path, in: folder)
      else { return false }
      return file.isRegularFile
    }
  }

  /// Why a file was not read.
  private struct Unreadable: Error {
    var sentence: String
  }

  /// Reads one regular file up to a size limit.
  private static func bytes(
    _ entry: String, in folder: borrowing HeldPath, limit: Int, bounds: CaseBounds
  ) throws(Unreadable) -> (bytes: [UInt8], status: stat) {
    let descriptor = try open(entry, in: folder, bounds: bounds)
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Unreadable(sentence: "Reading the file failed.") }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw Unreadable(sentence: "The file has \(size) bytes; the limit is \(limit) bytes.")
    }
    guard size <= maximumHole || stored(descriptor, size) >= size / 2 else {
      throw Unreadable(sentence: "The file has \(size) bytes, most of which were never written.")
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
    if failed { throw Unreadable(sentence: "Reading the file failed.") }
    return (bytes, status)
  }

  /// Files below this size may have any holes.
  private static let maximumHole = 8 << 20
  /// SEEK_DATA and SEEK_HOLE of lseek(2), which are only defined under _GNU_SOURCE.
  private static let seekData: Int32 = 3
  private static let seekHole: Int32 = 4
  /// Pieces of a file that are examined.
  private static let maximumPieces = 1000

  /// Bytes of a file that are stored, without its holes, which take no room on the disk but all of it in memory.
  private static func stored(_ descriptor: Int32, _ size: Int) -> Int {
    defer { lseek(descriptor, 0, SEEK_SET) }
    var count = 0
    var position = 0
    for _ in 0..<maximumPieces {
      let start = lseek(descriptor, off_t(position), seekData)
      // Only a hole is left. If the file system does not support holes, everything is data.
      guard start >= 0 else { return errno == ENXIO ? count : size }
      let end = lseek(descriptor, start, seekHole)
      guard end > start else { return size }
      count += Int(end - start)
      position = Int(end)
      if position >= size { return count }
    }
    return size
  }

  private static func open(
    _ entry: String, in folder: borrowing HeldPath, bounds: CaseBounds
  ) throws(Unreadable) -> Int32 {
    var refusal = "It is not a regular file."
    do throws(FileFailure) {
      let file = try HeldPath(entry, in: folder)
      let isInside = bounds.contain(file)
      if isInside && file.isRegularFile { return try file.openForReading() }
      if !isInside { refusal = "The file is a link that leads outside the directories that may be read." }
    } catch {
      refusal = "The file cannot be opened: \(error.reason)."
    }
    throw Unreadable(sentence: refusal)
  }
}
