internal import ArgumentParser
internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

extension CobreWorker {
  /// Makes a case with Markov states out of one with a history.
  struct FitMarkov: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "fit-markov",
      abstract:
        "Fits a Markov chain of dry to wet states to the inflow history of a case, and writes it as a new case.",
      discussion: """
        Each stage but the first becomes one stage for each state, with the inflows that were observed in it as openings. The \
        method is in Documentation/Inflows.md. Exit codes: 65 the case has no history or no chain of stages, 74 the new case \
        cannot be written.
        """,
      aliases: ["lattice"])

    @Argument(help: "The case directory.")
    var directory: String

    @Argument(help: "The directory to make; it must be new or empty.")
    var target: String

    @Option(help: "States at each stage, 2 to \(MarkovCase.mostStates).")
    var states = 3

    @Option(help: "Fewest observed years of a state.")
    var leastYears = 3

    func validate() throws {
      guard (2...MarkovCase.mostStates).contains(states) else {
        throw ValidationError("--states must be from 2 to \(MarkovCase.mostStates); you gave \(states).")
      }
      guard (1...1000).contains(leastYears) else {
        throw ValidationError("--least-years must be from 1 to 1000; you gave \(leastYears).")
      }
    }

    func run() throws {
      let source = try CaseCommand.resolved(directory)
      let made: MarkovCase
      do throws(MarkovLattice.Failure) {
        made = try MarkovCase(directory: source, states: states, least: leastYears)
      } catch {
        throw CaseEditFailure(problems: ["No states can be made: \(error.sentence)."])
      }
      let path = try made.write(to: StagedDirectory(URL(filePath: target).path, under: ["/"]))
      for place in made.places { ProgramOutput.print(JSONValue.object(place).text()) }
      ProgramOutput.print("Written to \(path).")
    }
  }
}
