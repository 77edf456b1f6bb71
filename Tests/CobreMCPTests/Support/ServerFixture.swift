import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Logging

/// A whole server in this process, spoken to through pipes, with directories of its own.
final class ServerFixture: @unchecked Sendable {
  let root: String
  var allowed: String { root + "/allowed" }
  var runsDirectory: String { root + "/runs" }
  private let input: Int32
  private let output: Int32
  private let done = DispatchSemaphore(value: 0)
  private var pending: [UInt8] = []
  private var nextID = 0

  /// Starts a server.
  ///
  /// `prepare` is called before with the directory of the fixture, in which `allowed` is there.
  init(
    readOnly: Bool = false, worker: String = "/nonexistent/cobre-worker", toolsets: String = "all",
    prepare: (String) throws -> Void = { _ in }
  ) throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "cobre-server-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: base.appending(path: "allowed"), withIntermediateDirectories: true)
    root = base.resolvingSymlinksInPath().path
    try prepare(root)
    var toServer: [Int32] = [0, 0]
    var fromServer: [Int32] = [0, 0]
    guard pipe(&toServer) == 0, pipe(&fromServer) == 0 else { throw POSIXError(.EMFILE) }
    input = toServer[1]
    output = fromServer[0]
    var options = ServerOptions(
      runsDirectory: root + "/runs", allowedDirectories: [root + "/allowed"], maximumWaitSeconds: 5,
      worker: worker, isReadOnly: readOnly)
    options.listedTools = try Toolset.selection(toolsets)
    let server = Server(options: options, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let (source, sink, done) = (toServer[0], fromServer[1], done)
    Thread.detachNewThread {
      server.serve(input: source, output: sink)
      close(source)
      done.signal()
    }
  }

  deinit {
    // The output stays open: a server whose client is gone ends its process, which here is the test's.
    close(input)
    _ = done.wait(timeout: .now() + 5)
    try? FileManager.default.removeItem(atPath: root)
  }

  /// The worker that was built with the tests.
  static let builtWorker: String = {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    if FileManager.default.isExecutableFile(atPath: own + "/cobre-worker") { return own + "/cobre-worker" }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    return root + "/.build/debug/cobre-worker"
  }()

  func send(_ message: JSONValue) { send(message.serialized()) }

  /// Sends the bytes and a line break.
  func send(_ bytes: [UInt8]) {
    _ = (bytes + [0x0A]).withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
  }

  /// The next message of the server, or null if none comes in time.
  func receive(seconds: Double = 20) -> JSONValue {
    let deadline = Date(timeIntervalSinceNow: seconds)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let newline = pending.firstIndex(of: 0x0A) {
        let line = Array(pending[..<newline])
        pending.removeSubrange(...newline)
        return (try? JSONParser.parse(line)) ?? .null
      }
      let left = deadline.timeIntervalSinceNow
      guard left > 0 else { return .null }
      var poller = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, Int32(left * 1000) + 1) > 0 else { continue }
      let count = read(output, &buffer, buffer.count)
      guard count > 0 else { return .null }
      pending.append(contentsOf: buffer[..<count])
    }
  }

  /// The reply to a request.
  func request(_ method: String, _ params: JSONObject = [:]) -> JSONValue {
    nextID += 1
    send(["jsonrpc": "2.0", "id": .int(Int64(nextID)), "method": .string(method), "params": .object(params)])
    return receive()
  }

  /// The result of a tool call.
  func call(_ tool: String, _ arguments: JSONObject = [:]) -> JSONValue {
    request("tools/call", ["name": .string(tool), "arguments": .object(arguments)])["result"] ?? .null
  }

  /// The structured result of a tool call that must succeed, or null otherwise.
  func structured(_ tool: String, _ arguments: JSONObject = [:]) -> JSONValue {
    let result = call(tool, arguments)
    return result["isError"] == false ? result["structuredContent"] ?? .null : .null
  }

  /// The text of a tool call that must fail, empty otherwise.
  func errorText(_ tool: String, _ arguments: JSONObject = [:]) -> String {
    let result = call(tool, arguments)
    return result["isError"] == true ? result["content"]?.array?.first?["text"]?.string ?? "" : ""
  }
}
