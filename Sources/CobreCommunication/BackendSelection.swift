/// Which backend a run uses and why, with the case for and against each of them.
///
/// A pure function of what was built, asked, set in the environment and found by probes. It reads nothing itself.
package struct BackendSelection: Sendable, Equatable {
  /// What a trial of a backend has shown.
  package struct Probe: Sendable, Equatable {
    package var isUsable: Bool
    /// A sentence that says why, or why not.
    package var reason: String
    /// How long the trial took.
    package var seconds: Double

    package init(isUsable: Bool, reason: String, seconds: Double = 0) {
      self.isUsable = isUsable
      self.reason = reason
      self.seconds = seconds
    }
  }

  /// Everything that the choice depends on.
  package struct Inputs: Sendable, Equatable {
    package var builtIn: Set<Backend>
    package var environment: [String: String]
    /// Backend named by the caller.
    ///
    /// `auto` counts as not named.
    package var argument: RequestedBackend
    /// Default set earlier.
    ///
    /// `auto` counts as not set.
    package var standing: RequestedBackend
    package var workers: Int
    /// Probes by backend.
    ///
    /// A backend without one counts as usable where it is built in.
    package var probes: [Backend: Probe]

    package init(
      builtIn: Set<Backend>, environment: [String: String] = [:], argument: RequestedBackend = .auto,
      standing: RequestedBackend = .auto, workers: Int, probes: [Backend: Probe] = [:]
    ) {
      self.builtIn = builtIn
      self.environment = environment
      self.argument = argument
      self.standing = standing
      self.workers = workers
      self.probes = probes
    }
  }

  /// One backend with the reasons for and against it.
  package struct Entry: Sendable, Equatable {
    package var backend: Backend
    package var isBuiltIn: Bool
    package var isUsable: Bool
    package var isChosen: Bool
    package var reason: String
    /// How long its probe took, in seconds.
    package var probeSeconds: Double?
  }

  package let choice: Backend
  package let reason: String
  /// Why a run with this choice cannot start, and what to do, or nil if it can.
  package let refusal: String?
  /// All backends, in the order of ``Backend``.
  package let entries: [Entry]

  package init(_ inputs: Inputs) {
    let decision = Self.decide(inputs)
    choice = decision.backend
    reason = decision.reason
    refusal = decision.refusal ?? Self.obstacle(to: decision.backend, inputs)
    entries = Backend.allCases.map { Self.entry(for: $0, decision: decision, inputs) }
  }

  private struct Decision {
    var backend: Backend
    var reason: String
    var refusal: String?
  }

  private static func decide(_ inputs: Inputs) -> Decision {
    let named = nameInEnvironment(inputs)
    if case .failure(let refusal) = named, inputs.argument == .auto, inputs.standing == .auto {
      var decision = automatic(inputs)
      decision.refusal = refusal.sentence
      return decision
    }
    let candidates: [(RequestedBackend, String)] = [
      (inputs.argument, "it was asked for"), (inputs.standing, "it is the default that was set"),
      ((try? named.get()) ?? .auto, "\(CommunicationVariable.backend) names it"),
    ]
    guard let (request, why) = candidates.first(where: { $0.0 != .auto }), let backend = request.backend else {
      return automatic(inputs)
    }
    if backend == .local {
      let note = inputs.workers > 1 ? " It computes in one process, whatever number of workers was asked for." : ""
      return Decision(backend: .local, reason: "`local`, since \(why).\(note)")
    }
    if inputs.workers <= 1 {
      return Decision(
        backend: .local,
        reason:
          "`local`, since one worker needs no communication: `\(backend.rawValue)` is passed over, although \(why).")
    }
    return Decision(backend: backend, reason: "`\(backend.rawValue)`, since \(why).")
  }

  private struct Refusal: Error { var sentence: String }

  private static func nameInEnvironment(_ inputs: Inputs) -> Result<RequestedBackend, Refusal> {
    guard let name = inputs.environment[CommunicationVariable.backend], !name.isEmpty else { return .success(.auto) }
    guard let request = RequestedBackend(rawValue: name) else {
      return .failure(
        Refusal(
          sentence:
            "\(CommunicationVariable.backend) is \"\(name.prefix(40))\"; set it to auto, local, shm, tcp or mpi, or "
            + "unset it."))
    }
    return .success(request)
  }

  // One worker, coordinator, shared memory, loopback. If this program itself runs in a launcher's step, that says
  // nothing about the ranks that it will start, since it is not one of them.
  private static func automatic(_ inputs: Inputs) -> Decision {
    var note = ""
    if let launcher = MPILauncher(inputs.environment) {
      note =
        " (\(launcher.variable)=\(launcher.value.prefix(20)) belongs to the launcher's step that this program runs in; its "
        + "ranks are started apart from that. Ask for `mpi` to start them through mpiexec.)"
    }
    if inputs.workers <= 1 {
      return Decision(backend: .local, reason: "`local`, since one worker needs no communication.\(note)")
    }
    if let host = inputs.environment[CommunicationVariable.coordinator], !host.isEmpty {
      return Decision(
        backend: .tcp, reason: "`tcp`, since \(CommunicationVariable.coordinator) is set to \(host.prefix(80)).\(note)")
    }
    if let problem = obstacle(to: .shm, inputs) {
      return Decision(
        backend: .tcp, reason: "`tcp` on the loopback interface, since `shm` cannot be used: \(problem)\(note)")
    }
    return Decision(
      backend: .shm, reason: "`shm`, since \(inputs.workers) workers on one host share memory fastest.\(note)")
  }

  // Why a backend cannot be used, nil if it can.
  private static func obstacle(to backend: Backend, _ inputs: Inputs) -> String? {
    guard inputs.builtIn.contains(backend) else {
      return inputs.probes[backend]?.reason ?? "`\(backend.rawValue)` cannot be used here. Choose `shm` or `tcp`."
    }
    guard let probe = inputs.probes[backend], !probe.isUsable else { return nil }
    return probe.reason
  }

  private static func entry(for backend: Backend, decision: Decision, _ inputs: Inputs) -> Entry {
    let isBuiltIn = inputs.builtIn.contains(backend)
    let obstacle = obstacle(to: backend, inputs)
    let isChosen = backend == decision.backend
    let probe = inputs.probes[backend]
    let reason: String
    if isChosen {
      reason = decision.reason + (obstacle.map { " It cannot be used: \($0)" } ?? "")
    } else if let obstacle {
      reason = obstacle
    } else {
      let found = probe.map { "\($0.reason) " } ?? ""
      reason = "\(found)Passed over: \(passedOver(backend, inputs))"
    }
    return Entry(
      backend: backend, isBuiltIn: isBuiltIn, isUsable: obstacle == nil, isChosen: isChosen, reason: reason,
      probeSeconds: probe?.seconds)
  }

  private static func passedOver(_ backend: Backend, _ inputs: Inputs) -> String {
    switch backend {
    case .local: "it computes in one process, and \(inputs.workers) are wanted."
    case .shm: inputs.workers > 1 ? "another backend comes first." : "one worker needs no communication."
    case .tcp:
      inputs.workers > 1 ? "on one host shared memory is faster." : "one worker needs no communication."
    case .mpi: "it is taken where it is asked for; a launcher is started then."
    }
  }
}
