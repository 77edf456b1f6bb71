import CobreBase
import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Shell scripts take the part of the process that answers.
@Suite("Requests to a process")
struct WorkerExchangeTests {
  /// Asks a script, and returns the error's sentence and the seconds that it took.
  private func ask(
    _ script: String, seconds: Double = 0.1, clean: (WorkerExchange.Leftover) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) -> (message: String?, took: Double) {
    let start = ContinuousClock.now
    var message: String?
    do {
      _ = try WorkerExchange(command: "-c", subject: "call", worker: "/bin/sh", options: [script]).ask(
        [:], seconds: seconds, maximumAnswer: 1 << 20, late: "It took too long.", remedy: "", clean: clean,
        isCancelled: isCancelled)
    } catch {
      message = (error as? RunError)?.message ?? "\(error)"
    }
    return (message, start.duration(to: .now) / .seconds(1))
  }

  /// Whether a process is there that is no zombie: where nothing reaps orphans it stays one.
  private func isRunning(_ pid: pid_t) -> Bool {
    guard let line = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return false }
    return line.split(separator: ")").last?.split(separator: " ").first != "Z"
  }

  @Test("what has begun to change something is not killed, and its caller learns it")
  func changing() throws {
    let directory = try TemporaryDirectory()
    let done = directory.path + "/done"
    let (message, took) = ask("flock -n /proc/self/fd/3 sh -c 'sleep 1; : > \(done)'")
    #expect(message?.contains("had begun to change files") == true)
    #expect(took < 0.1 + 0.5)
    for _ in 0..<100 where !FileManager.default.fileExists(atPath: done) { usleep(20_000) }
    #expect(FileManager.default.fileExists(atPath: done))
  }

  @Test("a change that ends soon is answered, although the limit has passed")
  func quickChange() {
    let answer = "printf %s \"{\\\"a\\\": 1}\" > /proc/self/fd/3"
    #expect(ask("flock -n /proc/self/fd/3 sh -c 'sleep 0.15; \(answer)'").message == nil)
  }

  @Test("what a killed process has left is taken away, and so is the program that it has started")
  func leftovers() throws {
    let directory = try TemporaryDirectory()
    let hidden = directory.path + "/.half.part"
    try FileManager.default.createDirectory(atPath: hidden + "/folder", withIntermediateDirectories: true)
    try Data("x".utf8).write(to: URL(filePath: hidden + "/folder/file"))
    let script = """
      setsid sleep 60 & p=$!; s=$(cut -d' ' -f22 /proc/$p/stat); echo $p > \(directory.path)/pid
      printf '{"leftover": {"directory": "%s", "pid": %d, "start": "%s"}}' \(hidden) $p $s > /proc/self/fd/3; sleep 60
      """
    var found: WorkerExchange.Leftover?
    let (message, _) = ask(script, seconds: 0.5) { found = $0 }
    #expect(message == "It took too long.")
    let text = try String(contentsOfFile: directory.path + "/pid", encoding: .utf8)
    let pid = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(found?.directory == hidden && found?.program?.pid == Int(pid))
    // Neither a directory of another name nor one elsewhere is touched.
    WorkerExchange.Leftover(directory: hidden + "/folder").remove(under: [directory.path])
    WorkerExchange.Leftover(directory: hidden).remove(under: ["/nowhere"])
    #expect(FileManager.default.fileExists(atPath: hidden + "/folder/file"))
    found?.remove(under: [directory.path])
    #expect(!FileManager.default.fileExists(atPath: hidden))
    for _ in 0..<100 where isRunning(pid) { usleep(10_000) }
    #expect(!isRunning(pid))
  }
}
