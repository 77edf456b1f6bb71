import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

/// Conversions by a stand-in for the bridge program.
@Suite struct DeckConversionTests {
  private let root: TemporaryDirectory

  init() throws { root = try TemporaryDirectory() }

  /// A program that does what the lines of a shell script say.
  private func conversion(_ script: String) throws -> DeckConversion {
    let path = root.path + "/novomodelo-bridge"
    try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return try DeckConversion(environment: ["PATH": "/nowhere:relative:\(root.path)"])
  }

  private func convert(
    _ script: String, model: DeckConversion.Model = .newave, seconds: Double = 20, isCancelled: () -> Bool = { false }
  ) throws -> DeckConversion.Outcome {
    try conversion(script).convert("/deck", model, into: "/case", seconds: seconds, isCancelled: isCancelled)
  }

  @Test func whatTheProgramSaysIsPassedOn() throws {
    let outcome = try convert(
      """
      echo "loading $2 $3 $4 $5 $6 $7" >&2
      cat <<END
      {
        "schema_version": 1, "command": "convert newave", "status": "ok",
        "summary": {"hydros": 3, "stages": 12, "note": "no number"},
        "diagnostics": [
          {"code": "a", "severity": "warning", "title": "T", "summary": "One.", "table": null, "notes": ["file: x"],
           "remediation": "Do it."},
          {"code": "b", "severity": "info", "title": "Two", "summary": null, "notes": [], "remediation": null}
        ]
      }
      END
      echo done >&2
      """)
    #expect(outcome.isConverted)
    #expect(outcome.counts.map(\.kind) == ["hydros", "stages"] && outcome.counts.map(\.number) == [3, 12])
    #expect(
      outcome.messages == [
        .init(severity: "warning", code: "a", sentence: "One.", notes: ["file: x"], remedy: "Do it."),
        .init(severity: "info", code: "b", sentence: "Two", notes: [], remedy: nil),
      ])
  }

  @Test func argumentsAreThoseOfTheProgram() throws {
    func arguments(_ model: DeckConversion.Model) throws -> String? {
      try convert(
        "printf '{\\n\"status\": \"ok\", \"diagnostics\": [{\"summary\": \"%s\"}]\\n}\\n' \"$*\"", model: model
      )
      .messages.first?.sentence
    }
    #expect(try arguments(.newave) == "convert newave --json -- /deck /case")
    #expect(try arguments(.decomp) == "convert decomp --json --no-fcf -- /deck /case")
  }

  @Test func aDeckThatCannotBeConvertedIsAnAnswer() throws {
    let said = try convert(
      """
      cat <<END
      {
        "status": "error", "diagnostics": [{"code": "source-file-missing", "severity": "error", "summary": "No caso.dat."}]
      }
      END
      exit 1
      """)
    #expect(!said.isConverted && said.messages.map(\.code) == ["source-file-missing"])
    // It ended badly although it found nothing wrong.
    let silent = try convert("printf '{\\n\"status\": \"ok\"\\n}\\n'; exit 3")
    #expect(!silent.isConverted && silent.messages.first?.sentence.contains("exit code 3") == true)
  }

  @Test func noAnswerIsAFailure() throws {
    func failure(_ script: String, seconds: Double = 20, stop: Bool = false) -> DeckConversion.Failure? {
      #expect(throws: DeckConversion.Failure.self) {
        try convert(script, seconds: seconds, isCancelled: { stop })
      }
    }
    let broken = failure("echo 'Traceback: it broke'; exit 2")
    #expect(broken?.kind == .broken && broken?.sentence.contains("it broke") == true)
    #expect(failure("echo '{'; echo '}'")?.kind == .broken)
    #expect(failure("exit 0")?.kind == .broken)
    let began = ContinuousClock.now
    #expect(failure("sleep 60 & sleep 60", seconds: 0.3)?.kind == .late)
    #expect(failure("sleep 60", stop: true)?.kind == .cancelled)
    #expect(ContinuousClock.now - began < .seconds(30))
    #expect(failure("yes | head -c 60000000; sleep 60")?.kind == .broken)
  }

  /// A descriptor of the program that is open for writing: the kernel refuses to start it (ETXTBSY, execve(2)).
  @Test func aProgramThatIsBeingWrittenIsWaitedFor() throws {
    let found = try conversion("printf '{\\n\"status\": \"ok\"\\n}\\n'")
    let writer = try FileHandle(forWritingTo: URL(filePath: found.program))
    let failure = #expect(throws: DeckConversion.Failure.self) {
      try found.convert("/deck", .newave, into: "/case", seconds: 20)
    }
    #expect(failure?.kind == .broken && failure?.sentence.contains("open for writing") == true)
    Thread.detachNewThread {
      usleep(300_000)
      try? writer.close()
    }
    #expect(try found.convert("/deck", .newave, into: "/case", seconds: 20).isConverted)
  }

  @Test func withoutTheProgramTheWayToGetItIsSaid() throws {
    for environment in [[:], ["PATH": "/nowhere"], ["COBRE_BRIDGE": "/nowhere/bridge"], ["COBRE_BRIDGE": "bridge"]] {
      let failure = #expect(throws: DeckConversion.Failure.self) { try DeckConversion(environment: environment) }
      #expect(failure?.kind == .notInstalled)
      #expect(failure?.sentence.contains("pip install novomodelo-bridge==0.19.1") == true)
    }
    let found = try conversion("exit 0")
    #expect(found.program == root.path + "/novomodelo-bridge")
    #expect(try DeckConversion(environment: ["COBRE_BRIDGE": found.program]).program == found.program)
  }
}
