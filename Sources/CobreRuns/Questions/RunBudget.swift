internal import CobreBase
internal import CobreCase
internal import CobreEngine
internal import Foundation

/// Fits a training into a budget of time and memory, by an estimate (`RunEstimate`).
///
/// What costs nothing is used first (all processors), then what costs little: threads in place of processes and one cut
/// per trial state in place of one per opening save memory; fewer trajectories an iteration save time, so that there
/// are enough iterations for the first stages to hear of the last ones; a cap on active cuts saves time where most of
/// it would be their growth. Fewer iterations come last. The time limit keeps what the estimate only expects.
struct RunBudget {
  /// Iterations that a training should have, where the case asks for as many.
  static let enoughIterations = 50
  /// Share of the time that may be due to the growth of cuts before their number is capped.
  private static let tolerableGrowth = 0.5
  private static let leastCap = 50.0

  private let seconds: Double?
  private let bytes: Double?
  private let asked: RunRequest
  private let cores: Int
  private let hasOwnFormat: Bool
  private let cutsPerState: Int
  private(set) var estimate: RunEstimate
  private var patch: JSONObject = [:]
  private var notes: [String] = []

  /// - Parameters:
  ///   - request: a training with a budget.
  ///   - estimate: of the same training without it.
  ///   - hasOwnFormat: whether the case is in the engine's own format, so that its settings can be edited.
  ///   - cores: physical cores.
  init(_ request: RunRequest, _ estimate: RunEstimate, hasOwnFormat: Bool, cores: Int = PhysicalCores.count()) {
    asked = request
    self.estimate = estimate
    self.hasOwnFormat = hasOwnFormat
    self.cores = cores
    cutsPerState = estimate.plan.cutsPerState
    seconds = request.budgetSeconds
    bytes = request.budgetMemoryMB.map { $0 * 1e6 }
  }

  /// The decision.
  mutating func decide() -> BudgetDecision {
    let before = estimate
    if asked.workers == nil, !asksForThreads {
      estimate.plan.processes = max(1, min(cores, estimate.plan.forwardPasses))
      estimate.plan.computers = estimate.plan.processes
    }
    if let bytes { fit(bytes) }
    if let seconds { fit(seconds: seconds, before) }
    let edits: JSONValue? =
      patch.isEmpty ? nil : [["file": "config.json", "merge": .object(["training": .object(patch)])]]
    let plan = estimate.plan
    return BudgetDecision(
      workers: plan.processes, threadsPerWorker: max(1, plan.computers / plan.processes), iterations: plan.iterations,
      forwardPasses: plan.forwardPasses, timeLimitSeconds: seconds, edits: edits?.text(), notes: notes)
  }

  /// Whether more than the one thread was asked for that is the default, which tools fill in.
  private var asksForThreads: Bool { (asked.threadsPerWorker ?? 1) > 1 }

  /// Bytes of all processes, between the ends of the range.
  private var memory: Double { Double(estimate.plan.processes) * estimate.memory.middle }

  private func megabytes(_ bytes: Double) -> String { "\(Figures.text(bytes / 1e6)) MB" }

  private mutating func fit(_ bytes: Double) {
    let first = memory
    guard first > bytes else { return }
    notes.append(
      "budget_memory_mb: \(megabytes(first)) are expected of \(estimate.plan.processes) processes, more than "
        + "\(megabytes(bytes)).")
    if !asksForThreads, estimate.plan.processes > 1 {
      let computers = estimate.plan.computers
      let fewer = (1..<estimate.plan.processes).reversed().filter { computers.isMultiple(of: $0) }
      for processes in fewer where memory > bytes { estimate.plan.processes = processes }
      notes.append(
        "Traded processes for threads, which share their cuts: \(estimate.plan.processes) of "
          + "\(computers / estimate.plan.processes) threads.")
    }
    if memory > bytes, cutsPerState > 1, hasOwnFormat {
      estimate.plan.cutsPerState = 1
      patch["cut_formulation"] = "single"
      notes.append(
        "Traded one cut per opening for one per trial state (cut_formulation single): each iteration says less of the "
          + "future.")
    }
    let most = estimate.plan.iterations
    estimate.plan.iterations = 1
    let least = memory
    estimate.plan.iterations = most
    if least > bytes {
      return notes.append(
        "The case alone is expected to take \(megabytes(least)): the budget of memory will not be kept.")
    }
    while memory > bytes, estimate.plan.iterations > 1 { estimate.plan.iterations = estimate.plan.iterations * 9 / 10 }
    if estimate.plan.iterations < most {
      notes.append("Traded iterations for memory: \(estimate.plan.iterations) in place of \(most).")
    }
  }

  private mutating func fit(seconds: Double, _ before: RunEstimate) {
    guard estimate.training.middle > seconds else {
      return notes.append(
        "budget_seconds: about \(Figures.duration(estimate.training.middle)) of \(Figures.duration(seconds)) are expected, so "
          + "nothing was traded for time.")
    }
    notes.append(
      "budget_seconds: \(Figures.duration(before.training.low)) to \(Figures.duration(before.training.high)) are expected for "
        + "\(before.plan.iterations) iterations of \(before.plan.forwardPasses) forward passes, more than "
        + "\(Figures.duration(seconds)).")
    let wanted = min(estimate.plan.iterations, Self.enoughIterations)
    let passes = estimate.plan.forwardPasses
    if asked.forwardPasses == nil {
      // Whole rounds leave no processor idle.
      while estimate.iterations(within: seconds) < wanted, estimate.plan.forwardPasses > estimate.plan.computers {
        let fewer = estimate.plan.forwardPasses / 2 / estimate.plan.computers * estimate.plan.computers
        estimate.plan.forwardPasses = max(estimate.plan.computers, fewer)
      }
      if estimate.plan.forwardPasses < passes {
        notes.append(
          "Traded forward passes for iterations: \(estimate.plan.forwardPasses) in place of \(passes) an iteration, so that the "
            + "upper bound of each iteration is rougher.")
      }
    }
    let reached = estimate.iterations(within: seconds)
    if reached < wanted, hasOwnFormat, estimate.growthShare(of: reached) > Self.tolerableGrowth,
      let cap = estimate.cutsThatDouble
    {
      let most = Int64(min(max(Self.leastCap, cap.rounded()), 1e9))
      estimate.plan.cutCap = Double(most)
      patch["cut_selection"] = ["max_active_per_stage": .int(most)]
      notes.append("Traded cuts for time: at most \(most) stay active in a stage (cut_selection).")
    }
    let expected = min(estimate.plan.iterations, estimate.iterations(within: seconds))
    notes.append(
      "About \(expected) of \(estimate.plan.iterations) iterations are expected; training stops when the time is over.")
  }
}

extension RunEstimate.Span {
  /// The geometric mean of its ends.
  var middle: Double { (max(0, low) * max(0, high)).squareRoot() }
}

extension RunEstimate {
  /// Seconds that are expected for some iterations, between the ends of the range.
  func expected(iterations: Int) -> Double {
    var plan = plan
    plan.iterations = iterations
    return RunEstimate(plan: plan, sample: sample).training.middle
  }

  /// The most iterations that are expected within some time, up to the limit of the plan; at least 1.
  func iterations(within seconds: Double) -> Int {
    var (low, high) = (1, max(1, plan.iterations))
    while low < high {
      let middle = (low + high + 1) / 2
      if expected(iterations: middle) <= seconds { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Share of the time of some iterations that is due to the growth of cuts.
  func growthShare(of iterations: Int) -> Double {
    let added = growth.high / busier * Double(iterations) / 2
    let first = firstIterations.middle
    return added + first > 0 ? added / (added + first) : 0
  }

  /// Cuts of a pool at which an iteration takes twice as long as the first; nil where no growth was seen.
  var cutsThatDouble: Double? {
    sample.pace.growth > 0 && sample.pace.level > 0 ? sample.pace.level / sample.pace.growth : nil
  }
}

extension RunRequest {
  /// Whether the training is to be fitted into a budget.
  package var hasBudget: Bool { budgetSeconds != nil || budgetMemoryMB != nil }

  /// The request without its budget.
  var withoutBudget: RunRequest {
    var request = self
    (request.budgetSeconds, request.budgetMemoryMB) = (nil, nil)
    return request
  }
}

extension BudgetDecision {
  /// Samples a training and fits it into the budget of its request.
  ///
  /// - Parameters:
  ///   - request: a training with a budget.
  ///   - bounds: where the case may be.
  /// - Throws: `InvalidCaseError`, and what training throws.
  init(fitting request: RunRequest, bounds: CaseBounds) throws {
    let files = request.caseFiles(bounds: bounds)
    var budget = RunBudget(
      request, try RunEstimate(request.withoutBudget, bounds: bounds),
      hasOwnFormat: FormatRecognition(files).format == .cobre)
    self = budget.decide()
  }
}

extension RunService {
  /// Has a training fitted into its budget by a process of its own, which samples it.
  func decide(_ request: RunRequest) throws -> BudgetDecision {
    let answer = try answer(.budget(request), runIDs: [])
    do {
      var decision = try JSONDecoder().decode(
        BudgetDecision.self, from: Data(JSONValue.object(answer).serialized()))
      // The limit of this server binds what was not asked for, too.
      decision.threadsPerWorker = min(decision.threadsPerWorker, limits.workers)
      decision.workers = max(1, min(decision.workers, limits.workers / decision.threadsPerWorker))
      return decision
    } catch {
      throw RunError(.storage, "The process that was to keep the budget gave no answer that can be read.")
    }
  }
}
