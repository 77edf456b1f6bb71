import CobreBase
import CobreCase
import CobreEngine
import CobreMCP

/// Which answers a client is owed for the lines that it sent, by id.
///
/// Those without a readable id are owed to null.
struct AnswerLedger {
  private struct Debt {
    /// Answers that must come.
    var least = 0
    /// Answers that may come: more than must where a request was cancelled, which may have been answered before.
    var most = 0
    var came = 0
  }

  private var debts: [RequestID?: Debt] = [:]
  /// Messages that are not answers, or not well formed.
  private(set) var oddities: [String] = []
  private(set) var owed = 0
  /// Whether the server takes several messages in one line, or nil if it is not known.
  var allowsBatches: Bool? = false

  /// Enters what is owed for one line.
  mutating func expect(_ line: [UInt8]) {
    guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) else { return }
    guard let value = try? JSONParser.parse(line) else { return owe(nil) }
    guard let batch = value.array else { return expect(value) }
    switch allowsBatches {
    case true? where (1...1000).contains(batch.count):
      for message in batch { expect(message) }
    case nil:
      // Either one refusal of the whole, or an answer to each.
      owe(nil, atLeast: 0)
      for message in batch { expect(message, isSure: false) }
    default: owe(nil)
    }
  }

  private mutating func expect(_ value: JSONValue, isSure: Bool = true) {
    guard let message = value.object else { return owe(nil, atLeast: isSure ? 1 : 0) }
    let id = message["id"].flatMap { RequestID($0) }
    if message["jsonrpc"] == "2.0" {
      if message["method"] == nil && id != nil && (message["result"] != nil || message["error"] != nil) { return }
      if message["id"] == nil, let method = message["method"]?.string {
        guard method == "notifications/cancelled" else { return }
        if let other = message["params"]?["requestId"].flatMap({ RequestID($0) }) { debts[other]?.least = 0 }
        return
      }
    }
    owe(id, atLeast: isSure ? 1 : 0)
  }

  private mutating func owe(_ id: RequestID?, atLeast least: Int = 1) {
    debts[id, default: Debt()].least += least
    debts[id, default: Debt()].most += 1
    owed += least
  }

  /// Takes what the server sent.
  mutating func take(_ message: JSONValue) {
    if let batch = message.array {
      if batch.isEmpty { oddities.append("an empty batch") }
      for answer in batch { take(answer) }
      return
    }
    guard message["jsonrpc"] == "2.0", let members = message.object else {
      oddities.append("no message: \(message)")
      return
    }
    if members["method"] != nil && members["id"] == nil { return }
    guard (members["result"] == nil) != (members["error"] == nil) else {
      oddities.append("neither result nor error: \(message)")
      return
    }
    debts[members["id"].flatMap { RequestID($0) }, default: Debt()].came += 1
  }

  /// Whether everything that must come has come.
  var isSettled: Bool { debts.values.allSatisfy { $0.came >= $0.least } }

  /// Says what came too often or, where nothing more will come, not at all.
  ///
  /// Forgets what is settled.
  mutating func close(isFinal: Bool) -> [String] {
    var faults = oddities
    oddities = []
    for (id, debt) in debts where debt.came > debt.most || isFinal && debt.came < debt.least {
      faults.append("\(id.map { "\($0)" } ?? "null"): \(debt.came) answers, owed \(debt.least) to \(debt.most)")
    }
    // An answer that a cancelled request may still get is remembered.
    debts = isFinal ? [:] : debts.filter { $1.came < $1.most }
    return faults
  }
}
