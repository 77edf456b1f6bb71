import CobreBase
import CobreCase
import CobreEngine
import CobreMCP
import Foundation
import Testing

/// Mutated calls of the real tools, as bytes through the pipes of a whole server.
@Suite struct ServerFuzzTests {
  /// Tools that would make something get what cannot be: this is about messages, and a million runs would fill a disk.
  private static let calls: [(String, String)] = [
    ("status", #"{"wait_seconds":0}"#), ("list_runs", #"{"limit":5}"#), ("convergence", #"{"points":20}"#),
    ("describe_results", "{}"), ("query_results", #"{"sql":"SELECT iteration, gap FROM convergence LIMIT 3"}"#),
    ("compare_runs", #"{"run_ids":["run_aaaaaaaaaaaaaaaaaaaaaaaaaa","run_b"]}"#),
    ("inspect_policy", #"{"stage":1,"share":0.5,"state":{"0":50}}"#),
    ("plot", #"{"kind":"convergence","of":"plants"}"#),
    ("train", #"{"case_dir":"allowed/missing","iterations":3,"num_workers":2,"backend":"shm","hosts":["a"]}"#),
    ("resume", #"{"run_id":"run_aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#), ("cancel", #"{"run_id":"run_a"}"#),
    ("delete_run", #"{"run_id":"run_aaaaaaaaaaaaaaaaaaaaaaaaaa"}"#),
    ("simulate", #"{"run_id":"run_aaaaaaaaaaaaaaaaaaaaaaaaaa","scenarios":10,"scheme":"in_sample","seed":3}"#),
    ("save_plot", #"{"kind":"convergence","file":"/etc/plot.png"}"#), ("export_results", #"{"directory":"../x"}"#),
    ("validate_case", #"{"case_dir":"CASE"}"#), ("describe_case", #"{"case_dir":"CASE"}"#),
    ("describe_stochastic", #"{"case_dir":"CASE"}"#), ("create_case", #"{"directory":"/etc","template":"x"}"#),
    ("get_schema", #"{"file":"stages.json"}"#), ("select_backend", #"{"backend":"other"}"#),
  ]

  private static func seeds(case directory: String) -> [String] {
    calls.map { name, arguments in
      let arguments = arguments.replacing("CASE", with: directory)
      return #"{"jsonrpc":"2.0","id":@,"method":"tools/call","params":{"name":"\#(name)","arguments":\#(arguments)}}"#
    } + [
      #"{"jsonrpc":"2.0","id":@,"method":"resources/list"}"#, #"{"jsonrpc":"2.0","id":@,"method":"prompts/list"}"#,
      #"{"jsonrpc":"2.0","id":@,"method":"resources/read","params":{"uri":"cobre://documentation/case-format"}}"#,
      #"{"jsonrpc":"2.0","id":@,"method":"prompts/get","params":{"name":"explain_run","arguments":{"run_id":"run_a"}}}"#,
      #"{"jsonrpc":"2.0","id":@,"method":"ping","params":{"_meta":{"progressToken":1}}}"#,
      #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":@}}"#,
      "{\"jsonrpc\":\"2.0\",\n\"id\":@,\"method\":\"ping\"}\r",
    ]
  }

  @Test(.timeLimit(.minutes(60))) func mutatedCallsOfRealToolsAreAnsweredOnce() throws {
    // A call of a tool takes a hundred times as long as a message, so that there are fewer of them.
    let count = (FuzzTests.asked ?? 10_000) / 10
    let server = try ServerFixture()
    let directory = server.allowed + "/valley"
    _ = try StoredRun(in: server.runsDirectory, template: .singleHydro, caseDirectory: directory, scenarios: 3)
    var mutator = MessageMutator(Self.seeds(case: directory), seed: 815)
    var ledger = AnswerLedger()
    // A mutated handshake may have allowed batches, which is not followed here.
    ledger.allowsBatches = nil
    var before = 0
    for number in 1...count {
      let bytes = mutator.next()
      for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) { ledger.expect(Array(line)) }
      server.send(bytes)
      guard number % 100 == 0 || number == count else { continue }
      while !ledger.isSettled {
        let message = server.receive()
        try #require(message != .null, "an answer is missing: \(ledger.close(isFinal: true))")
        ledger.take(message)
      }
      #expect(ledger.close(isFinal: false) == [])
      if number <= count / 4 { before = FuzzTests.residentBytes() }
    }
    // Nothing more comes: the next message is the answer to this one.
    let last = server.request("ping")
    #expect(last["result"] == [:])
    if FuzzTests.asked != nil { #expect(FuzzTests.residentBytes() - before < 32 << 20) }
  }
}
