import Foundation
import Testing

@testable import CobreBase
@testable import CobreCase
@testable import CobreEngine

@Suite struct StagedDirectoryTests {
  private let directory: TemporaryDirectory
  private let root: String
  private let manager = FileManager.default

  init() throws {
    directory = try TemporaryDirectory()
    root = try #require(FilePath.resolve(directory.path))
  }

  private func entries() throws -> [String] { try manager.contentsOfDirectory(atPath: root).sorted() }

  @Test func filesAppearTogetherUnderTheName() throws {
    var staged = try StagedDirectory(root + "/a/../b/c", under: [root])
    try staged.write("x.txt") { try $0(Array("one".utf8)) }
    #expect(!manager.fileExists(atPath: root + "/b/c"))
    #expect(try staged.publish() == root + "/b/c")
    #expect(try String(contentsOfFile: root + "/b/c/x.txt", encoding: .utf8) == "one")
    #expect(try manager.contentsOfDirectory(atPath: root + "/b") == ["c"])
  }

  @Test func nothingRemainsWhereNothingIsPublished() throws {
    do {
      let staged = try StagedDirectory(root + "/new", under: [root])
      try staged.write("x.txt") { try $0([1, 2, 3]) }
      #expect(try entries().count == 1)
    }
    #expect(try entries() == [])
  }

  @Test func anEmptyDirectoryIsFilledAndAnythingElseIsLeftAlone() throws {
    try manager.createDirectory(atPath: root + "/empty", withIntermediateDirectories: false)
    var staged = try StagedDirectory(root + "/empty", under: [root])
    try staged.write("x") { try $0([1]) }
    _ = try staged.publish()
    #expect(try manager.contentsOfDirectory(atPath: root + "/empty") == ["x"])

    try Data("y".utf8).write(to: URL(filePath: root + "/file"))
    try manager.createSymbolicLink(atPath: root + "/link", withDestinationPath: "/tmp")
    for name in ["empty", "file", "link", "."] {
      #expect(throws: OutputDirectory.Failure.self, "\(name)") {
        let staged = try StagedDirectory(root + "/" + name, under: [root + "/empty", root])
        try staged.write("z") { try $0([1]) }
      }
    }
    #expect(try entries() == ["empty", "file", "link"])
  }

  @Test func whatComesInBetweenIsNotReplaced() throws {
    var staged = try StagedDirectory(root + "/late", under: [root])
    try manager.createDirectory(atPath: root + "/late/full", withIntermediateDirectories: true)
    #expect(throws: OutputDirectory.Failure.self) { _ = try staged.publish() }
    #expect(try manager.contentsOfDirectory(atPath: root + "/late") == ["full"])
  }

  @Test func placesOutsideAreRefused() throws {
    try manager.createDirectory(atPath: root + "/in", withIntermediateDirectories: false)
    try manager.createDirectory(atPath: root + "/out", withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: root + "/in/link", withDestinationPath: "../out")
    for path in ["/out/x", "/in/../out/x", "/in/link/x", "/in/link"] {
      #expect(throws: OutputDirectory.Failure.self, "\(path)") {
        let staged = try StagedDirectory(root + path, under: [root + "/in"])
        try staged.write("z") { try $0([1]) }
      }
    }
    #expect(try manager.contentsOfDirectory(atPath: root + "/out") == [])
  }

  /// Another thread keeps replacing a directory by a link to another one.
  ///
  /// Nothing is ever written there.
  @Test func swappingWhileWritingGainsNothing() throws {
    for folder in ["in", "out", "kept"] {
      try manager.createDirectory(atPath: root + "/" + folder, withIntermediateDirectories: false)
    }
    let (place, link, kept) = (root + "/in/place", root + "/link", root + "/kept/place")
    try manager.createDirectory(atPath: place, withIntermediateDirectories: false)
    try manager.createSymbolicLink(atPath: link, withDestinationPath: root + "/out")
    let stop = DispatchSemaphore(value: 0)
    let stopped = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      while stop.wait(timeout: .now()) != .success {
        rename(place, kept)
        rename(link, place)
        usleep(50)
        rename(place, link)
        rename(kept, place)
        usleep(50)
      }
      stopped.signal()
    }
    var written = 0
    var refused = 0
    for number in 0..<400 {
      do {
        let held = try OutputDirectory(place, under: [root + "/in"])
        try held.write("file\(number)") { try $0([1]) }
        try held.write("folder\(number)/file") { try $0([1]) }
        written += 1
      } catch {
        refused += 1
      }
    }
    stop.signal()
    stopped.wait()
    #expect(try manager.contentsOfDirectory(atPath: root + "/out") == [])
    #expect(written > 0 && refused > 0, "the swapping never showed, so nothing was tested")
  }
}
