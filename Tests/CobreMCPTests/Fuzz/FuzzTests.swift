import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Logging
import Synchronization
import Testing

/// Mutated messages: nothing may trap, no memory may pile up, and every request is answered once, by its id.
///
/// `COBRE_FUZZ_MESSAGES` sets how many. `make fuzz` sends a million.
@Suite struct FuzzTests {
  private static let meta =
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#

  private static let seeds: [String] = [
    #"{"jsonrpc":"2.0","id":@,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{}}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"tools/list","params":{"cursor":null}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"server/discover","params":{\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"echo","arguments":{"value":3,"word":"green"}}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"echo","arguments":{"value":"7"},\#(meta)}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":@}}"#,
    #"[{"jsonrpc":"2.0","id":@,"method":"ping"},{"jsonrpc":"2.0","id":@,"method":"ping"}]"#,
    #"[{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"echo","arguments":{"value":3}}},"#
      + #"{"jsonrpc":"2.0","method":"notifications/initialized"}]"#,
    #"{"jsonrpc":"2.0","id":@,"method":"resources/read","params":{"uri":"test://static-text"}}"#,
    #"{"jsonrpc":"2.0","id":@,"method":"prompts/get","params":{"name":"echo","arguments":{"word":"w"},\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":-9223372036854775808,"method":"ping","params":{"_meta":{"progressToken":"\u00e9"}}}"#,
  ]

  static let asked = ProcessInfo.processInfo.environment["COBRE_FUZZ_MESSAGES"].flatMap { Int($0) }

  static func residentBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (fields?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }

  @Test func mutatedMessagesAreAnsweredOnce() {
    let count = Self.asked ?? 10_000
    let ledger = Mutex(AnswerLedger())
    let calls = CallTable()
    let dispatcher = Dispatcher(
      tools: ToolBox([EchoTool()]), tasks: FixedTasks(), resources: FixedResources(),
      prompts: PromptStore([EchoPrompt()]), calls: calls, pools: CallPools(waiting: CallPool(maximumQueued: .max)),
      waitSlots: WaitSlots(count: 4), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      outlet: Outlet { message in
        // What is sent must be JSON, and fits on a line.
        let bytes = message.serialized()
        let value = bytes.contains(0x0A) ? nil : try? JSONParser.parse(bytes)
        ledger.withLock {
          $0.take(value ?? "broken")
          if let version = (value?.array ?? [value ?? .null]).compactMap({ $0["result"]?["protocolVersion"] }).last {
            $0.allowsBatches = version == "2025-03-26"
          }
        }
      })
    var mutator = MessageMutator(Self.seeds, seed: 4711)
    var before = 0
    var owed = 0
    for number in 1...count {
      // A line break would make two lines of one.
      let line = mutator.next().filter { $0 != 0x0A }
      ledger.withLock { $0.expect(line) }
      dispatcher.receive(.bytes(line))
      // A handshake within a batch is answered with the rest of it, and decides about the next line.
      if number % 1000 == 0 || number == count || line.first == 0x5B {
        calls.drain(until: Date(timeIntervalSinceNow: 20))
      }
      if number % 1000 == 0 || number == count {
        let faults = ledger.withLock { $0.close(isFinal: true) }
        #expect(faults == [])
        owed = ledger.withLock { $0.owed }
        if !faults.isEmpty { return }
      }
      if number == max(1, count / 4) { before = Self.residentBytes() }
    }
    #expect(owed > count / 2, "the mutations leave too little that must be answered")
    // Other tests of the same process allocate too, so memory is judged only where this one runs alone.
    if Self.asked != nil { #expect(Self.residentBytes() - before < 32 << 20) }
  }

  @Test func theLedgerSeesWhatIsMissingOrDouble() {
    func faults(_ lines: [String], _ answers: [JSONValue], batches: Bool? = false) -> [String] {
      var ledger = AnswerLedger()
      ledger.allowsBatches = batches
      for line in lines { ledger.expect(Array(line.utf8)) }
      for answer in answers { ledger.take(answer) }
      return ledger.close(isFinal: true)
    }
    func answer(_ id: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": [:]] }
    let ping = #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#
    #expect(faults([ping], [answer(1)]) == [])
    #expect(faults([ping], []).count == 1)
    #expect(faults([ping], [answer("1")]).count == 2)
    #expect(faults([ping], [answer(1), answer(1)]).count == 1)
    #expect(faults([ping, ping], [answer(1), answer(1)]) == [])
    #expect(faults(["{"], []).count == 1)
    #expect(faults(["{"], [["jsonrpc": "2.0", "id": .null, "error": [:]]]) == [])
    #expect(faults([" "], []) == [])
    #expect(faults(["[\(ping),\(ping)]"], [.array([answer(1), answer(1)])], batches: true) == [])
    #expect(faults(["[\(ping),\(ping)]"], [.array([answer(1)])], batches: true).count == 1)
    let cancel = #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#
    #expect(faults([ping, cancel], []) == [])
    #expect(faults([cancel, ping], []).count == 1)
  }
}
