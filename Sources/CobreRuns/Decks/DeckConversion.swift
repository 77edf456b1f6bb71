internal import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobrePlatformShim
internal import Glibc

/// Turns decks of NEWAVE and DECOMP into cases of Novomodelo, by `novomodelo-bridge` in its own process.
///
/// The program is not part of Cobre and never linked. It gets arguments, an environment of few variables and a time
/// limit.
package struct DeckConversion: Sendable {
  /// The program that a deck was written for.
  package enum Model: String, Sendable, CaseIterable {
    case newave
    case decomp
  }

  /// What the program said about a deck.
  package struct Message: Sendable, Equatable {
    /// `error`, `warning` or `info`.
    package var severity: String
    /// Name of what happened, such as `source-file-missing`.
    package var code: String
    package var sentence: String
    /// Details such as file and field, each as `key: value`.
    package var notes: [String]
    /// What to do, or nil if the program does not say.
    package var remedy: String?
  }

  /// The result of a conversion.
  package struct Outcome: Sendable, Equatable {
    /// Whether the directory holds a case.
    package var isConverted: Bool
    /// Numbers of elements by kind, as the program counts them.
    package var counts: [(kind: String, number: Int)]
    package var messages: [Message]

    package static func == (left: Outcome, right: Outcome) -> Bool {
      left.isConverted == right.isConverted && left.messages == right.messages
        && left.counts.elementsEqual(right.counts) { $0 == $1 }
    }
  }

  /// Why the program gave no answer.
  package struct Failure: Error, Sendable, Equatable {
    package enum Kind: Sendable {
      case notInstalled
      case cancelled
      case late
      /// The program could not be started, or ended without a result.
      case broken
    }

    package var kind: Kind
    package var sentence: String
  }

  /// Environment variable that names the program.
  package static let variable = "COBRE_BRIDGE"
  /// How to get the program.
  package static let installation =
    "Install it with Python 3.12 or newer, in an environment of its own: python3.12 -m venv bridge && "
    + "bridge/bin/pip install novomodelo-bridge==0.19.1; then put it on PATH, or name bridge/bin/novomodelo-bridge in "
    + variable + "."
  private static let name = "novomodelo-bridge"
  /// Bytes of output after which the program is ended.
  private static let outputLimit = 32 << 20

  /// Path of the program.
  package let program: String

  /// Finds the program: what `COBRE_BRIDGE` names, else the first of its name on `PATH`.
  ///
  /// - Throws: `Failure` that says how to install it.
  package init(environment: [String: String]? = nil) throws(Failure) {
    let environment = environment ?? ChildProcess.currentEnvironment()
    if let given = environment[Self.variable], !given.isEmpty {
      guard given.hasPrefix("/"), access(given, X_OK) == 0 else {
        throw Failure(
          kind: .notInstalled,
          sentence: "\(Self.variable) names \(given), which is no absolute path of a program. \(Self.installation)")
      }
      program = given
      return
    }
    let candidates = (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map {
      "\($0)/\(Self.name)"
    }
    guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw Failure(
        kind: .notInstalled,
        sentence: "Decks are converted by the program \(Self.name), which is not installed here. \(Self.installation)")
    }
    program = found
  }

  /// Converts a deck into an empty directory.
  ///
  /// Cut files of a DECOMP deck are left out: they would become a policy that only Novomodelo reads.
  ///
  /// - Parameters:
  ///   - deck: directory of the deck, absolute.
  ///   - model: the model that the deck was written for.
  ///   - directory: where the case goes, absolute and empty.
  ///   - seconds: time after which the program is ended.
  ///   - started: called with the process of the program.
  ///   - isCancelled: asked now and then.
  /// - Returns: the program's answer.
  /// - Throws: `Failure` if there was none.
  package func convert(
    _ deck: String, _ model: Model, into directory: String, seconds: Double, started: (Int) -> Void = { _ in },
    isCancelled: () -> Bool = { false }
  ) throws(Failure) -> Outcome {
    // Options first and "--" before the paths, which may begin with a hyphen.
    let arguments =
      ["convert", model.rawValue, "--json"] + (model == .decomp ? ["--no-fcf"] : []) + ["--", deck, directory]
    let (end, output) = try run(arguments, seconds: seconds, started, isCancelled)
    guard let verdict = Self.verdict(in: output) else {
      let text = String(decoding: output.suffix(400), as: UTF8.self).printable(limit: 400)
      throw Failure(
        kind: .broken,
        sentence: "\(program) \(end.sentence) and did not say what came of the deck. Its last words: \"\(text)\"")
    }
    var outcome = Outcome(
      isConverted: end == .exited(0) && verdict["status"]?.string != "error", counts: Self.counts(verdict["summary"]),
      messages: (verdict["diagnostics"]?.array ?? []).compactMap(Self.message))
    if !outcome.isConverted, !outcome.messages.contains(where: { $0.severity == "error" }) {
      outcome.messages.insert(
        Message(
          severity: "error", code: "conversion-failed", sentence: "\(Self.name) \(end.sentence).", notes: [],
          remedy: nil),
        at: 0)
    }
    return outcome
  }

  private func run(
    _ arguments: [String], seconds: Double, _ started: (Int) -> Void, _ asksToStop: () -> Bool
  ) throws(Failure) -> (ChildProcess.End, [UInt8]) {
    // A file in memory: nothing to clean up, and no pipe that can fill.
    let descriptor = cobre_memory_file("cobre-bridge")
    guard descriptor >= 0 else {
      throw Failure(kind: .broken, sentence: "There is no room for its output: \(SystemError.text(-descriptor)).")
    }
    defer { close(descriptor) }
    let pid: pid_t
    do {
      pid = try ChildProcess.spawn(
        program, arguments,
        environment: ChildProcess.environment(adding: ["NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"]),
        log: "/proc/\(getpid())/fd/\(descriptor)", detached: true)
    } catch {
      throw Failure(kind: .broken, sentence: (error as? RunError)?.message ?? "\(error)")
    }
    started(Int(pid))
    let deadline = cobre_monotonic_nanoseconds() + Int64(min(seconds, 1e6) * 1e9)
    var status: Int32 = 0
    var information = stat()
    while true {
      let reaped = waitpid(pid, &status, WNOHANG)
      if reaped == pid { break }
      let isBroken = reaped != 0 && errno != EINTR
      let isLate = cobre_monotonic_nanoseconds() >= deadline
      let isCancelled = asksToStop()
      let isLoud = fstat(descriptor, &information) == 0 && information.st_size > Self.outputLimit
      guard isBroken || isLate || isCancelled || isLoud else {
        usleep(10_000)
        continue
      }
      // It has its own session, so its children are killed too.
      kill(-pid, SIGKILL)
      waitpid(pid, &status, 0)
      if isCancelled { throw Failure(kind: .cancelled, sentence: "The conversion was cancelled.") }
      if isLate {
        throw Failure(
          kind: .late, sentence: "\(Self.name) was ended after \(seconds) s without an answer. Allow it more time.")
      }
      throw Failure(kind: .broken, sentence: "\(program) wrote more than \(Self.outputLimit >> 20) MB, or was lost.")
    }
    return (ChildProcess.End(status: status), Self.contents(descriptor))
  }

  private static func contents(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < outputLimit {
      let count = pread(descriptor, &part, part.count, off_t(bytes.count))
      guard count > 0 else { break }
      bytes += part.prefix(count)
    }
    return bytes
  }

  /// The document that the program writes at its end, between whatever else it writes.
  static func verdict(in output: [UInt8]) -> JSONValue? {
    let lines = output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let last = lines.lastIndex(where: { $0.elementsEqual([UInt8(ascii: "}")]) }) else { return nil }
    for first in lines[...last].indices where lines[first].elementsEqual([UInt8(ascii: "{")]) {
      let text = Array(lines[first...last].joined(separator: [UInt8(ascii: "\n")]))
      if let value = try? JSONParser.parse(text), value["status"]?.string != nil { return value }
    }
    return nil
  }

  private static func message(_ value: JSONValue) -> Message? {
    guard let sentence = value["summary"]?.string ?? value["title"]?.string else { return nil }
    func short(_ text: String) -> String { text.printable(limit: 1000) }
    return Message(
      severity: short(value["severity"]?.string ?? "info"), code: short(value["code"]?.string ?? ""),
      sentence: short(sentence),
      notes: (value["notes"]?.array ?? []).prefix(20).compactMap { $0.string.map(short) },
      remedy: value["remediation"]?.string.map(short))
  }

  private static func counts(_ summary: JSONValue?) -> [(kind: String, number: Int)] {
    guard let object = summary?.object else { return [] }
    return object.members.compactMap { member in
      member.value.int.map { (member.key.printable(limit: 100), $0) }
    }
  }
}
