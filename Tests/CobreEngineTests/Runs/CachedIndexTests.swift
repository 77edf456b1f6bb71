import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

struct CachedIndexTests {
  @Test func `an index is opened once, and anew where another file has taken its place`() throws {
    let directory = try TemporaryDirectory()
    let path = RunsIndex.path(in: directory.path)
    let kept = CachedIndex(path: path, idleSeconds: 60)
    var opened = 0
    let open = {
      opened += 1
      return try RunsIndex(runsDirectory: directory.path)
    }
    try kept.index(open).setSetting("default_backend", to: "tcp")
    #expect(try kept.index(open).setting("default_backend") == "tcp")
    #expect(opened == 1)
    // What another connection writes is seen.
    try RunsIndex(runsDirectory: directory.path).setSetting("default_backend", to: "shm")
    #expect(try kept.index(open).setting("default_backend") == "shm")

    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    #expect(try kept.index(open).setting("default_backend") == nil)
    #expect(opened == 2)
  }

  @Test(.timeLimit(.minutes(1)))
  func `an index at which nobody looks is let go`() throws {
    let directory = try TemporaryDirectory()
    let kept = CachedIndex(path: RunsIndex.path(in: directory.path), idleSeconds: 0.05)
    for _ in 0..<2 {
      _ = try kept.index { try RunsIndex(runsDirectory: directory.path) }
      #expect(kept.isOpen)
      while kept.isOpen { usleep(5000) }
    }
  }

  @Test func `waiting callers share a watch that ends when the last of them has gone`() throws {
    let directory = try TemporaryDirectory()
    let run = RunDirectory(path: directory.path)
    _ = try RunStore.open(run.databasePath)
    let watches = RunWatches()
    var first: RunWatch? = try watches.watch(over: run)
    let second = try watches.watch(over: run)
    #expect(first === second)
    weak let watched = first
    first = nil
    #expect(watched != nil)
    _ = consume second
    #expect(watched == nil)
    _ = try watches.watch(over: run)
    weak let kept = try watches.keptWatch(over: run)
    #expect(kept != nil)
    watches.release(run)
    #expect(kept == nil)
  }
}
