internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Makes a case of a model in MSPFormat.
  struct ImportModel: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "import-model",
      abstract: "Makes a case of a hydrothermal model in MSPFormat (MSMLP 1.1), given as problem and lattice.",
      discussion: """
        What maps is in Documentation/Policies.md: storages with water balances, turbined and spilled flows, loads and thermal \
        plants, random right-hand sides, lattices with and without memory. Exit codes: 65 the model is no such system or a file cannot be \
        read, 74 the case cannot be written.
        """)

    @Argument(help: "The file PROBLEM.problem.json.")
    var problem: String

    @Argument(help: "The file PROBLEM.lattice.json.")
    var lattice: String

    @Argument(help: "The directory to make; it must be new or empty.")
    var directory: String

    func run() throws {
      let made: MSPCase
      do throws(MSPCase.Failure) {
        made = try MSPCase(problem: try Self.read(problem), lattice: try Self.read(lattice))
      } catch {
        throw CaseEditFailure(problems: ["The model is no case: \(error.sentence)."])
      }
      let report = made.report
      guard report.errors.isEmpty else {
        throw CaseEditFailure(
          problems: ["The model is no case: what was made of it has errors."]
            + report.errors.prefix(10).map(\.description))
      }
      let path = try made.write(to: StagedDirectory(URL(filePath: directory).path, under: ["/"]))
      for note in made.notes { ProgramOutput.print(note) }
      ProgramOutput.print("Written to \(path).")
    }

    private static func read(_ path: String) throws(MSPCase.Failure) -> JSONValue {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw MSPCase.Failure(sentence: "\(path) cannot be read")
      }
      do {
        return try JSONParser.parse([UInt8](bytes))
      } catch {
        throw MSPCase.Failure(sentence: "\(path) is no JSON: \(error)")
      }
    }
  }
}
