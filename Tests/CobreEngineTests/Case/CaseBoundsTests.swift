import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine

/// Links inside a case lead no further than paths would.
@Suite struct CaseBoundsTests {
  /// A case under `inside`, and whatever a test puts next to it.
  private final class Tree {
    let root: String
    var inside: String { root + "/inside" }
    var bounds: CaseBounds { CaseBounds(under: [inside]) }

    init() throws {
      let base = FileManager.default.temporaryDirectory.appending(path: "cobre-bounds-\(UUID().uuidString)")
      for folder in ["inside", "outside"] {
        try FileManager.default.createDirectory(at: base.appending(path: folder), withIntermediateDirectories: true)
        _ = try CaseTemplate.twoAreas.write(to: base.appending(path: "\(folder)/case").path)
      }
      root = base.resolvingSymlinksInPath().path
    }

    func link(_ path: String, to target: String) throws {
      try? FileManager.default.removeItem(atPath: root + "/" + path)
      try FileManager.default.createSymbolicLink(atPath: root + "/" + path, withDestinationPath: target)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
  }

  @Test func linksWithinTheBoundsAreFollowed() throws {
    let tree = try Tree()
    try FileManager.default.moveItem(
      atPath: tree.inside + "/case/system/buses.json", toPath: tree.inside + "/shared-buses.json")
    try tree.link("inside/case/system/buses.json", to: "../../shared-buses.json")
    #expect(CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds).failures.isEmpty)
    #expect(CaseReader.read(directory: tree.inside + "/case", bounds: tree.bounds).study != nil)
  }

  @Test(arguments: ["system/buses.json", "config.json"])
  func filesThatLeadOutAreNotRead(path: String) throws {
    let tree = try Tree()
    try tree.link("inside/case/\(path)", to: tree.root + "/outside/case/\(path)")
    let files = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
    #expect(files.contents[path] == nil)
    #expect(files.failures[path]?.contains("leads outside") == true)
    #expect(CaseReader.read(files).study == nil)
    // Who has no bounds may read what the user may read.
    #expect(CaseReader.read(directory: tree.inside + "/case").study != nil)
  }

  @Test func foldersAndDirectoriesThatLeadOutAreNotRead() throws {
    let tree = try Tree()
    try tree.link("inside/case/scenarios", to: tree.root + "/outside/case/scenarios")
    let files = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
    #expect(files.failures["scenarios/"]?.contains("leads outside") == true)
    #expect(!files.contents.keys.contains { $0.hasPrefix("scenarios/") })

    // As if it had been replaced by a link after it had been checked.
    try tree.link("inside/case", to: tree.root + "/outside/case")
    let swapped = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
    #expect(swapped.contents.isEmpty && swapped.others.isEmpty)
    #expect(swapped.failures[""]?.contains("outside") == true)
  }

  /// Another thread keeps replacing a file by a link to another one.
  ///
  /// That other file is never read.
  @Test func swappingWhileReadingGainsNothing() throws {
    let tree = try Tree()
    let path = tree.inside + "/case/config.json"
    let good = try Data(contentsOf: URL(filePath: path))
    let secret = tree.root + "/outside/case/config.json"
    try Data("{\"secret\": 1}".utf8).write(to: URL(filePath: secret))
    let stop = DispatchSemaphore(value: 0)
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      var turn = 0
      while stop.wait(timeout: .now()) != .success {
        let next = path + ".next"
        unlink(next)
        if turn % 2 == 0 { symlink(secret, next) } else { try? good.write(to: URL(filePath: next)) }
        rename(next, path)
        turn += 1
      }
      stopped.signal()
    }
    var refusals = 0
    for _ in 0..<400 {
      let files = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
      if let bytes = files.contents["config.json"] { #expect(Data(bytes) == good) }
      if files.failures["config.json"] != nil { refusals += 1 }
    }
    stop.signal()
    stopped.wait()
    #expect(refusals > 0, "the swapping never showed, so nothing was tested")
  }

  @Test func namedPipesAndDevicesDoNotHoldTheReader() throws {
    let tree = try Tree()
    let path = tree.inside + "/case/penalties.json"
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    let files = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
    #expect(files.failures["penalties.json"] == "It is not a regular file.")
  }

  @Test func filesWithSeveralNamesAreNamed() throws {
    let tree = try Tree()
    let path = tree.inside + "/case/system/buses.json"
    #expect(!CaseReader.read(directory: tree.inside + "/case").findings.contains { $0.code == 114 })
    try FileManager.default.linkItem(atPath: path, toPath: tree.root + "/outside/other-name.json")
    let report = CaseReader.read(directory: tree.inside + "/case", bounds: tree.bounds)
    let finding = try #require(report.findings.first { $0.code == 114 })
    #expect(finding.file == "system/buses.json" && finding.severity == .warning)
    #expect(report.study != nil)
  }

  /// A file of nothing but a hole takes no room on the disk, and would take all its size in memory.
  @Test func filesThatWereNeverWrittenAreNotRead() throws {
    let tree = try Tree()
    let path = tree.inside + "/case/scenarios/load_seasonal_stats.csv"
    let text = try Data(contentsOf: URL(fileURLWithPath: path))
    try #require(truncate(path, 900 << 20) == 0)
    let start = ContinuousClock.now
    let files = CaseFiles(directory: tree.inside + "/case", bounds: tree.bounds)
    #expect(start.duration(to: .now) < .seconds(2))
    #expect(files.failures["scenarios/load_seasonal_stats.csv"]?.contains("never written") == true)
    // What is written is read, however large.
    try (text + Data(repeating: UInt8(ascii: "x"), count: 9 << 20)).write(to: URL(fileURLWithPath: path))
    let read = CaseFiles(directory: tree.inside + "/case").contents["scenarios/load_seasonal_stats.csv"]
    #expect(read?.count == text.count + (9 << 20))
  }

  /// A file that replaces one of the case may belong to another user, so it is not quoted at length.
  @Test func filesThatAreNoneOfACaseAreHardlyQuoted() throws {
    let secret = "root:$6$abcdefghijklmnopqrstuvwxyz0123456789:19000,daemon:*:18000,bin,sys,nobody:secret"
    for path in ["scenarios/load_seasonal_stats.csv", "system/buses.json", "config.json"] {
      let tree = try Tree()
      try Data((secret + "\n" + secret + "\n").utf8).write(to: URL(fileURLWithPath: tree.inside + "/case/" + path))
      let report = CaseReader.read(directory: tree.inside + "/case")
      let words = report.findings.filter { $0.file == path }.map { "\($0.description) \($0.value ?? "")" }.joined()
      #expect(report.study == nil && !words.isEmpty)
      let parts = (0...(secret.count - 41)).map { secret.dropFirst($0).prefix(41) }
      #expect(!parts.contains { words.contains($0) }, "\(words)")
      #expect(!words.contains("daemon") && !words.contains("nobody"), "\(words)")
    }
  }
}
