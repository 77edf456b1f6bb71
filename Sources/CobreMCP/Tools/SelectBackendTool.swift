package import CobreBase
internal import CobreCommunication
internal import CobreEngine
internal import CobreRuns

/// `select_backend`: the default backend of this runs directory, and what speaks for each.
package struct SelectBackendTool: Tool {
  let runs: RunService

  package let name = "select_backend"
  package let title = "Select the backend"

  package var description: String {
    """
    Set how the processes of later runs communicate (shared memory, sockets, MPI), and tell which ways work here \
    and why. Kept for train calls that say auto; auto takes it back. Results do not depend on it. Takes up to a \
    few seconds. Call train next.
    """
  }

  package let annotations = ToolAnnotations(readOnly: false, destructive: false, idempotent: true)

  package var parameters: [Parameter] {
    [
      Parameter(
        "backend", .choice(RequestedBackend.allCases.map(\.rawValue)), required: true,
        "auto: the engine chooses for each run. local: one process. shm: shared memory, one host. tcp: sockets, any hosts. "
          + "mpi: an MPI launcher, any hosts."),
      Parameter(
        "num_workers", .integer(1...1024),
        "Processes to judge the choice for. Default: the physical cores. Not stored: give it to train."),
    ]
  }

  package var outputSchema: JSONObject {
    Schema.object(
      [
        "backend": Schema.text("The default from now on"),
        "previous": Schema.text("The default before"),
        "chosen": Schema.text("Backend that a run would use now"),
        "reason": Schema.text("Why that one"),
        "auto_choice": Schema.text("Backend that auto would choose"),
        "auto_reason": Schema.text("Why auto would choose it"),
        "num_workers": Schema.integer("Processes the choice was judged for"),
        "backends": Schema.list(
          of: ["type": "object"],
          "For each: backend, built_in, usable, chosen, reason, and probe_seconds where it was tried"),
        "next": Schema.text("What to do next"),
      ], required: ["backend", "chosen", "auto_choice", "backends", "next"])
  }

  package func call(_ arguments: Arguments, _ context: CallContext) throws -> JSONObject {
    let backend = arguments.text("backend").flatMap { RequestedBackend(rawValue: $0) } ?? .auto
    let workers = arguments.integer("num_workers")
    let report = try runs.select(backend: backend, workers: workers, ignoringDefault: true)
    if let entry = report.entries.first(where: { $0.backend == backend.rawValue }), !entry.builtIn || !entry.usable {
      let usable = report.entries.filter { $0.builtIn && $0.usable }.map(\.backend).joined(separator: ", ")
      throw ToolError(
        "`backend` \(backend.rawValue) cannot be used here: \(entry.reason) Usable are \(usable). "
          + "The default was not changed.")
    }
    let previous = try runs.defaultBackend()
    try context.change.begin()
    try runs.setDefaultBackend(backend)
    // The probes of the report above have already shown whether the others can be used.
    let automatic =
      backend == .auto
      ? report : try runs.select(backend: .auto, workers: workers, thorough: false, ignoringDefault: true)
    return [
      "backend": .string(backend.rawValue),
      "previous": .string(previous.rawValue),
      "chosen": .string(report.chosen),
      "reason": .string(report.reason),
      "auto_choice": .string(automatic.chosen),
      "auto_reason": .string(automatic.reason),
      "num_workers": .int(Int64(report.workers)),
      "backends": .array(report.entries.map(Self.entry)),
      "next": "Later train calls with backend auto use this default. Call train with a case_dir.",
    ]
  }

  private static func entry(_ entry: BackendReport.Entry) -> JSONValue {
    var members: JSONObject = [
      "backend": .string(entry.backend),
      "built_in": .bool(entry.builtIn),
      "usable": .bool(entry.usable),
      "chosen": .bool(entry.chosen),
      "reason": .string(entry.reason),
    ]
    if let seconds = entry.probeSeconds { members["probe_seconds"] = .seconds(seconds) }
    return .object(members)
  }
}
