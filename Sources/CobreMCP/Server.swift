internal import CobreBase
internal import CobreEngine
internal import CobreRuns
internal import Foundation
package import Logging

/// The Model Context Protocol server over two file descriptors.
package final class Server: Sendable {
  /// Longest line that is read.
  ///
  /// Longer ones are refused without being stored.
  package static let maximumLineBytes = 8 << 20
  /// Calls that may wait at once.
  ///
  /// The pool has more threads, so that others are always served.
  private static let maximumWaiting = 64
  /// Time that calls in flight get to reply after the client has closed its end.
  ///
  /// Waits end at once then, so that this is for calls that are being computed.
  private static let drainSeconds = 10.0

  private let tools: ToolBox
  private let tasks: JoinedTasks
  private let resources: ServerResources
  private let prompts: PromptStore
  private let completions: CompletionStore
  private let instructions: String
  private let logger: Logger

  private let outside: OutsideCalls?

  /// - Parameters:
  ///   - options: with which it starts.
  ///   - outside: answers calls in processes of their own; nil for all in this one.
  ///   - logger: takes what it has to say.
  package init(options: ServerOptions, outside: OutsideCalls? = nil, logger: Logger) {
    self.logger = logger
    self.outside = outside
    let runs = options.runService
    let wait = options.maximumWaitSeconds
    self.tasks = JoinedTasks([
      RunTasks(runs: runs, maximumWait: wait),
      CallTasks(runsDirectory: options.runsDirectory, isReadOnly: options.isReadOnly),
    ])
    self.resources = ServerResources(runs: runs)
    self.prompts = PromptStore([BuildCasePrompt(), ExplainRunPrompt(runs: runs), WaterValuePrompt(), PricePrompt()])
    self.completions = CompletionStore(runs: runs, paths: options.paths)
    self.tools = ToolBox.ofServer(
      runs: runs, paths: options.paths, maximumWait: wait, readOnly: options.isReadOnly,
      shelf: ToolShelf(options.listedTools))
    self.instructions = ServerIdentity.instructions(
      paths: options.paths, isReadOnly: options.isReadOnly, tools: Set(tools.tools.map(\.name)))
  }

  /// Serves one client until it closes its end or is gone.
  ///
  /// Blocks the calling thread, which is the reader.
  ///
  /// Active runs continue, since they do not belong to a server.
  package func serve(input: Int32, output: Int32) {
    // A client that reads no more leaves nothing to finish.
    let writer = MessageWriter(
      descriptor: output, hasHungUp: { Self.isHungUp(input) }, onClientGone: { _exit(0) })
    let calls = CallTable()
    let dispatcher = Dispatcher(
      tools: tools, tasks: tasks, resources: resources, prompts: prompts, calls: calls, pools: CallPools(),
      waitSlots: WaitSlots(count: Self.maximumWaiting), logger: logger,
      outlet: Outlet(send: { writer.send($0.serialized()) }, offer: { writer.offer($0.serialized()) }),
      instructions: instructions, completions: completions, outside: outside)
    var splitter = LineSplitter(limit: Self.maximumLineBytes)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { buffer.deallocate() }
    while writer.waitForRoom(until: .distantFuture), Self.awaitInput(input, output) {
      let count = read(input, buffer.baseAddress, buffer.count)
      if count > 0 {
        splitter.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) { dispatcher.receive($0) }
      } else if count < 0 && (errno == EINTR || errno == EAGAIN) {
        // The other end may have made the shared pipe non-blocking.
        continue
      } else {
        break
      }
    }
    if writer.waitForRoom(until: .now) { splitter.finish { dispatcher.receive($0) } }
    logger.info("the client closed the connection")
    let deadline = Date(timeIntervalSinceNow: Self.drainSeconds)
    calls.drain(until: deadline)
    writer.flush(until: Date(timeIntervalSinceNow: 0.2))
  }

  /// Waits until there is something to read, also the end.
  ///
  /// Returns false if there is not and the client has closed the end at which it reads: no reply could reach it.
  private static func awaitInput(_ input: Int32, _ output: Int32) -> Bool {
    var pollers = [pollfd(fd: input, events: Int16(POLLIN), revents: 0), pollfd(fd: output, events: 0, revents: 0)]
    while true {
      guard poll(&pollers, 2, -1) >= 0 || errno == EINTR else { return true }
      if pollers[0].revents != 0 { return true }
      if Int32(pollers[1].revents) & (POLLERR | POLLHUP | POLLNVAL) != 0 { return false }
    }
  }

  /// Whether the client has closed the end at which it writes.
  private static func isHungUp(_ input: Int32) -> Bool {
    var poller = pollfd(fd: input, events: 0, revents: 0)
    return poll(&poller, 1, 0) > 0 && Int32(poller.revents) & (POLLHUP | POLLERR) != 0
  }
}
