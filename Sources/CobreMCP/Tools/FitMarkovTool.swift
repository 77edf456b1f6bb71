package import CobreBase
internal import CobreCase
internal import CobreEngine

/// `fit_markov`: a case with Markov states out of one with a history.
package struct FitMarkovTool: Tool {
  let paths: PathPolicy

  package let name = "fit_markov"
  package let title = "Fit Markov states"

  package var description: String {
    """
    Fit a Markov chain of dry to wet states to the inflow history of a case, as a new case with a stage for each state.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: false)
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] {
    [
      Parameter("case_dir", .text(maximumLength: 4096), required: true, "A case with scenarios/inflow_history.csv."),
      Parameter("directory", .text(maximumLength: 4096), required: true, "New or empty directory."),
      Parameter("states", .integer(2...Int64(MarkovCase.mostStates)), default: 3, "States by stage."),
      Parameter("least_years", .integer(1...1000), default: 3, "Fewest years of a state."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "case_dir": Schema.text("Directory of the new case"),
        "stages": Schema.integer("Stages of the new case"),
        "places": Schema.list(
          of: ["type": "object"],
          "By time, from dry to wet: start_date, stage_ids, observations, wetness (MW of the mean inflow), transitions "
            + "(a row for each state, to the states after it), unreached_states that were left out"),
        "omitted": Schema.integer("Places after the last one listed"),
        "next": Schema.text("What to do next"),
      ], required: ["case_dir", "stages", "places", "next"])
  }

  /// Places that are listed.
  private static let maximumPlaces = 24

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let source = try paths.directory(arguments.text("case_dir") ?? "", argument: "case_dir")
    let path = arguments.text("directory") ?? ""
    let made: MarkovCase
    do throws(MarkovLattice.Failure) {
      made = try MarkovCase(
        directory: source, bounds: paths.caseBounds, states: arguments.integer("states") ?? 3,
        least: arguments.integer("least_years") ?? 3)
    } catch {
      throw ToolError("`case_dir`: no states can be made: \(error.sentence).")
    }
    let staged = try paths.stagedDirectory(path, argument: "directory")
    let directory: String
    do {
      directory = try made.write(to: staged)
    } catch let failure as OutputDirectory.Failure {
      throw paths.refusal(failure, path, argument: "directory")
    }
    let places = made.places
    var result: JSONObject = [
      "case_dir": .string(directory), "stages": .int(Int64(made.stageIDs(places.count - 1).upperBound)),
      "places": .array(places.prefix(Self.maximumPlaces).map { .object($0) }),
    ]
    if places.count > Self.maximumPlaces { result["omitted"] = .int(Int64(places.count - Self.maximumPlaces)) }
    result["next"] = "Call train with case_dir, and compare_runs with a run of the case that it came from."
    return result
  }
}
