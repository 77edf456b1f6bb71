package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation
internal import Glibc

/// Answers a question in its own process, which ends in bounded time whatever its LPs do.
package enum AnswerProcess {
  /// Name of the worker's command that serves one question.
  package static let command = "answer"

  /// Largest answer that is read, in bytes: that of a report with its charts.
  private static let maximumAnswer = 32 << 20

  /// What the process is sent.
  private struct Order: Codable {
    var question: Question
    /// Directories of the runs.
    var runs: [String]
    var isReadOnly: Bool
    /// Where cases may be; nil for anywhere.
    var roots: [String]?
  }

  /// What it sends back in place of an answer.
  private struct Refusal: Codable {
    var code: String?
    var message: String?
    var caseDirectory: String?
    var findings: [Finding]?
  }

  /// Has a question answered.
  ///
  /// - Parameters:
  ///   - question: what is asked.
  ///   - runs: of the runs.
  ///   - bounds: where cases may be.
  ///   - worker: path of `cobre-worker`.
  ///   - isCancelled: asked every few milliseconds; ends the process.
  /// - Returns: the members of the answer.
  /// - Throws: `RunError`, `InvalidCaseError`.
  static func run(
    _ question: Question, _ runs: [RunDirectory], bounds: CaseBounds, worker: String, isCancelled: () -> Bool
  ) throws -> JSONObject {
    let order = Order(
      question: question, runs: runs.map(\.path), isReadOnly: runs.contains(where: \.isReadOnly), roots: bounds.roots)
    let answer = try WorkerExchange(command: command, subject: "question", worker: worker).ask(
      JSONParser.parse(Array(JSONEncoder().encode(order))), seconds: question.seconds, maximumAnswer: maximumAnswer,
      late:
        "The answer took longer than \(Figures.duration(question.seconds)). Ask for fewer scenarios or an earlier stage.",
      remedy: "The server goes on; ask for fewer scenarios or another stage.", isCancelled: isCancelled)
    if let members = answer["answer"]?.object { return members }
    let refusal = try? JSONDecoder().decode(Refusal.self, from: Data((answer["refusal"] ?? .null).serialized()))
    if let findings = refusal?.findings, let directory = refusal?.caseDirectory {
      throw InvalidCaseError(caseDirectory: directory, findings: findings)
    }
    throw RunError(
      RunError.Code(rawValue: refusal?.code ?? ""),
      refusal?.message ?? "The process of the question gave no answer that can be read.")
  }

  /// Serves the question that the server has left.
  ///
  /// - Returns: the exit code.
  package static func serve() -> Int32 {
    guard let exchange = WorkerExchange.Served(maximum: maximumAnswer),
      let order = try? JSONDecoder().decode(Order.self, from: Data(exchange.request.serialized()))
    else { return 64 }
    exchange.restrict(seconds: order.question.seconds, data: nil)
    var reply: JSONValue
    do {
      let runs = try order.runs.map { path in
        var directory = RunDirectory(path: path)
        directory.isReadOnly = order.isReadOnly
        return try RunEvidence(directory, bounds: order.roots.map { CaseBounds(under: $0) } ?? .anywhere)
      }
      let bounds = order.roots.map { CaseBounds(under: $0) } ?? .anywhere
      reply = ["answer": .object(try order.question.answer(runs, bounds: bounds))]
    } catch {
      reply = ["refusal": refusal(error)]
    }
    return exchange.reply(reply)
  }

  private static func refusal(_ error: any Error) -> JSONValue {
    let refusal =
      switch error {
      case let error as RunError: Refusal(code: error.code.rawValue, message: error.message)
      case let error as InvalidCaseError: Refusal(caseDirectory: error.caseDirectory, findings: error.findings)
      default: Refusal(code: RunError.Code.limit.rawValue, message: "The question cannot be answered: \(error)")
      }
    guard let bytes = try? JSONEncoder().encode(refusal), let value = try? JSONParser.parse(Array(bytes)) else {
      return ["message": .string("\(error)")]
    }
    return value
  }
}

extension RunService {
  /// Has a question answered by a process of its own.
  ///
  /// - Parameters:
  ///   - question: what is asked.
  ///   - runIDs: ids or names of the runs.
  ///   - isCancelled: ends the process.
  /// - Returns: the members of the answer.
  /// - Throws: `RunError`, `InvalidCaseError`.
  package func answer(
    _ question: Question, runIDs: [String], isCancelled: () -> Bool = { false }
  ) throws -> JSONObject {
    let runs = try runIDs.map { try required(identify($0)) }
    return try AnswerProcess.run(
      question, runs, bounds: caseBounds, worker: workerExecutable, isCancelled: isCancelled)
  }
}
