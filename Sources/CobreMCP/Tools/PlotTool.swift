package import CobreBase
internal import CobreCase
internal import CobreEngine
internal import CobrePlot
package import CobreRuns
internal import Foundation

/// `plot`: a picture of a run, as an image only, since hosts drop images next to structured results.
package struct PlotTool: CallableTool {
  let runs: RunService

  package let name = "plot"
  package let title = "Plot a run"

  package var description: String {
    """
    Draw a chart of a run as a PNG image of \(ChartImage.width)x\(ChartImage.height), with a text: \
    \(RunChart.Kind.allCases.map { "\($0.rawValue) (\($0.meaning))" }.joined(separator: ", ")). Most come from \
    the simulation, with bands of 5-95 % and 25-75 %. Call save_plot for a file.
    """
  }

  package let annotations = ToolAnnotations.reading
  package func effort(_ arguments: Arguments) -> CallEffort { .computing }

  package var parameters: [Parameter] { RunChart.parameters }

  package var resultSchema: JSONObject? { nil }

  package func answer(_ arguments: Arguments, _ context: CallContext) throws -> ToolAnswer {
    let drawn = try RunChart.make(arguments, runs).drawn
    guard let image = ChartImage.png(drawn.chart) else {
      throw ToolError("The chart could not be drawn: there is no memory for it. Try again.")
    }
    return ToolAnswer(content: [
      ["type": "text", "text": .string(drawn.sentence)],
      ["type": "image", "data": .string(Data(image).base64EncodedString()), "mimeType": "image/png"],
    ])
  }
}

extension RunChart {
  /// The arguments that say what to draw.
  package static var parameters: [Parameter] {
    [
      Parameter("kind", .choice(Kind.allCases.map(\.rawValue)), required: true, "What to draw."),
      RunArgument.parameter,
      Parameter(
        "id", .integer(-2_147_483_648...2_147_483_647),
        "Id of the element. Default: the one with the largest mean, for generation the whole system."),
      Parameter(
        "of", .choice(["hydro", "thermal", "source"]), default: "hydro",
        "Kind of element that id names, for generation."),
      Parameter("stage", .integer(0...100_000), default: 0, "Stage of value_function, from 0."),
      Parameter("overlay", .names(1...4), "Other runs to draw, in colours of their own."),
    ]
  }

  /// The chart that a call asks for.
  package static func make(_ arguments: Arguments, _ runs: RunService) throws -> (drawn: Drawn, run: RunSnapshot) {
    guard let kind = arguments.text("kind").flatMap({ Kind(rawValue: $0) }) else {
      throw ToolError("`kind` is required.")
    }
    let run = try RunArgument.run(arguments, runs)
    let request = Request(
      kind: kind, element: arguments.text("of") ?? "hydro", id: arguments.integer("id"),
      stage: arguments.integer("stage") ?? 0)
    let others = try arguments.names("overlay").map { try runs.evidence(runID: runs.identify($0)) }
    let drawn = try make(request, try runs.evidence(runID: run.runID), overlay: others)
    return (drawn, run)
  }
}
