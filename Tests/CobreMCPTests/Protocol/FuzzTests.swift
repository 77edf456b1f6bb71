import CobreEngine
import CobreMCP
import Foundation
import Logging
import Synchronization
import Testing

/// Mutated messages: nothing may trap, no memory may pile up, and every request is answered once.
///
/// `COBRE_FUZZ_MESSAGES` sets how many; `make fuzz` sends a million.
@Suite struct FuzzTests {
  /// Deterministic random numbers (SplitMix64; Steele, Lea and Flood, 2014).
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  private static let meta =
    #""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}"#

  private static let seeds: [[UInt8]] = [
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{}}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
    #"{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":null}}"#,
    #"{"jsonrpc":"2.0","id":"a","method":"server/discover","params":{\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","arguments":{"value":3,"word":"green"}}}"#,
    #"{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"echo","arguments":{"value":"7"},\#(meta)}}"#,
    #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"never"}}"#,
    #"[{"jsonrpc":"2.0","id":5,"method":"ping"},{"jsonrpc":"2.0","id":6,"method":"ping"}]"#,
    #"{"jsonrpc":"2.0","id":8,"method":"resources/read","params":{"uri":"test://static-text"}}"#,
    #"{"jsonrpc":"2.0","id":9,"method":"prompts/get","params":{"name":"echo","arguments":{"word":"w"},\#(meta)}}"#,
    #"{"jsonrpc":"2.0","id":-9223372036854775808,"method":"ping","params":{"_meta":{"progressToken":"\u00e9"}}}"#,
  ].map { Array($0.utf8) }

  private static let fragments: [[UInt8]] = [
    "{", "}", "[", "]", "\"", ",", ":", "null", "true", "1e999", "-0", "9223372036854775808", "\\u0000", "\\ud800",
    "\u{7F}",
    "\u{FEFF}", "\"id\":7,", "\"method\":\"ping\",", "\"params\":{}", "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
  ].map { Array($0.utf8) }

  private static func mutated(_ random: inout Random) -> [UInt8] {
    var bytes = seeds.randomElement(using: &random) ?? []
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      let position = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0 where position < bytes.count: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
      case 1 where position < bytes.count: bytes.remove(at: position)
      case 2: bytes.insert(contentsOf: fragments.randomElement(using: &random) ?? [], at: position)
      case 3: bytes.removeSubrange(position..<min(bytes.count, position + Int.random(in: 0...20, using: &random)))
      case 4:
        let other = seeds.randomElement(using: &random) ?? []
        bytes.replaceSubrange(position..., with: other[min(position, other.count)...])
      default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
      }
    }
    // A line break would make two lines of one.
    return bytes.filter { $0 != 0x0A }
  }

  /// Replies that a line must bring: none, one, or where a batch may come, no more than one.
  private static func expectedReplies(_ line: [UInt8]) -> ClosedRange<Int> {
    guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return 0...0 }
    guard let value = try? JSONParser.parse(line) else { return 1...1 }
    guard let message = value.object else { return value.array == nil ? 1...1 : 0...1 }
    let isOurs = message["jsonrpc"] == "2.0"
    switch (message["id"], message["method"]) {
    case (.int?, .string?), (.string?, .string?): return 1...1
    case (nil, .string?) where isOurs: return 0...0
    case (.int?, nil), (.string?, nil):
      return isOurs && (message.contains("result") || message.contains("error")) ? 0...0 : 1...1
    default: return 1...1
    }
  }

  private static func residentBytes() -> Int {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (fields?.dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }

  @Test func mutatedMessagesAreAnsweredOnce() {
    let asked = ProcessInfo.processInfo.environment["COBRE_FUZZ_MESSAGES"].flatMap { Int($0) }
    let count = asked ?? 10_000
    let sent = Mutex(0)
    let calls = CallTable()
    let dispatcher = Dispatcher(
      tools: ToolBox([EchoTool()]), tasks: FixedTasks(), resources: FixedResources(),
      prompts: PromptStore([EchoPrompt()]), calls: calls, pool: CallPool(maximumQueued: .max),
      waitSlots: WaitSlots(count: 4), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) { message in
      // What is sent must be JSON, and fits on a line.
      let bytes = message.serialized()
      sent.withLock { $0 += bytes.contains(0x0A) || (try? JSONParser.parse(bytes)) == nil ? 1_000_000_000 : 1 }
    }
    var random = Random(state: 4711)
    var atLeast = 0
    var atMost = 0
    var before = 0
    for number in 0..<count {
      let line = Self.mutated(&random)
      let expected = Self.expectedReplies(line)
      atLeast += expected.lowerBound
      atMost += expected.upperBound
      dispatcher.receive(.bytes(line))
      if number % 1000 == 0 { calls.drain(until: Date(timeIntervalSinceNow: 20)) }
      if number == count / 4 { before = Self.residentBytes() }
    }
    calls.drain(until: Date(timeIntervalSinceNow: 20))
    let replies = sent.withLock { $0 }
    #expect(replies >= atLeast)
    #expect(replies <= atMost)
    #expect(atLeast > count / 2, "the mutations leave too little that must be answered")
    // Other tests of the same process allocate too, so memory is judged only where this one runs alone.
    if asked != nil { #expect(Self.residentBytes() - before < 32 << 20) }
  }
}
