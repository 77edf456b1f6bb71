package import CobreBase
package import CobreCase
internal import CobreCommunication
internal import CobreEngine
internal import Glibc

/// How long a training will take and what it will occupy, found by training a little.
///
/// A few iterations with one trajectory each give the seconds of one unit of work (a trajectory forward and its trial
/// states backward) and how they grow with the number of cuts. Everything else is multiplication, so that the answer is
/// a range: its low end has no growth and a quieter machine, its high end the growth that was seen and a busier one.
package struct RunEstimate: Sendable {
  /// From the least to the most that is to be expected.
  package struct Span: Sendable, Equatable {
    package var low: Double
    package var high: Double

    package init(_ low: Double, _ high: Double) {
      self.low = low
      self.high = high
    }

    package func holds(_ value: Double) -> Bool { low <= value && value <= high }
  }

  /// What the training is like.
  package struct Plan: Sendable, Equatable {
    package var iterations: Int
    package var forwardPasses: Int
    /// Of these, how many walk together in the first iterations; nil for all.
    package var passesTogether: Int?
    /// Processes times threads.
    package var computers: Int
    package var processes: Int
    /// Pools of cuts.
    package var pools: Int
    /// Cuts that one trial state gives.
    package var cutsPerState: Int
    package var stateDimension: Int
    /// Active cuts of a pool at most; nil for all.
    package var cutCap: Double?

    package init(
      iterations: Int, forwardPasses: Int, computers: Int, processes: Int, pools: Int, cutsPerState: Int,
      stateDimension: Int
    ) {
      self.iterations = iterations
      self.forwardPasses = forwardPasses
      self.computers = computers
      self.processes = processes
      self.pools = pools
      self.cutsPerState = cutsPerState
      self.stateDimension = stateDimension
    }
  }

  /// What sampling has found.
  package struct Sample: Sendable, Equatable {
    package var iterations: Int
    package var seconds: Double
    /// How long an iteration with one trajectory takes, and how that grows.
    package var pace: IterationPace
    /// Bytes that the process has grown by.
    package var bytes: Int64
    /// LPs solved.
    package var solves: Int
    /// Wall time over processor time, at least 1 on a machine for itself.
    package var contention: Double
    /// Seconds in which an iteration was written down; nil where that was not tried.
    package var recordSeconds: Double?
    /// When gaps are reached; nil where the sample is too short for that, or under risk aversion.
    package var gap: GapForecast?

    package init(
      iterations: Int, seconds: Double, pace: IterationPace, bytes: Int64, solves: Int, contention: Double = 1,
      recordSeconds: Double? = nil, gap: GapForecast? = nil
    ) {
      self.recordSeconds = recordSeconds
      self.contention = contention
      self.gap = gap
      self.iterations = iterations
      self.seconds = seconds
      self.pace = pace
      self.bytes = bytes
      self.solves = solves
    }
  }

  package internal(set) var plan: Plan
  package let sample: Sample

  package init(plan: Plan, sample: Sample) {
    self.plan = plan
    self.sample = sample
  }

  /// Contention from which on other programs count as using the machine too.
  private static let sharedMachine = 1.2
  /// How much faster than in the sample the machine may be: at least as if no other program used it.
  private var quieter: Double { min(0.5, 0.8 / max(1, sample.contention)) }
  /// How much slower it may be; where others use it too, what they do changes more.
  var busier: Double { sample.contention > Self.sharedMachine ? 3 : 2 }
  /// What iterations grow by at most where the sample is too short to see it: they may get twice as long.
  private static let unseenGrowth = 2.0
  /// Seconds in which an iteration is written down, on fast and on slow or busy disks, where the sample does not know.
  ///
  /// The ends were seen on twelve small cases (`Benchmarks/estimates.py`).
  private static let record = Span(0.0002, 0.05)
  private var record: Span { sample.recordSeconds.map { Span(0.5 * $0, 2 * busier * $0) } ?? Self.record }
  /// Memory of a rank before it has read a case, in bytes.
  private static let emptyRank = 20e6
  /// Bytes of a cut in the database in addition to its numbers.
  private static let rowBytes = 60.0

  /// Units that the busiest thread takes in an iteration whose trajectories walk together.
  private var rounds: Double { (Double(plan.forwardPasses) / Double(max(1, plan.computers))).rounded(.up) }
  /// The same in the first iterations, where sweeps follow each other.
  private var firstRounds: Double {
    let size = min(plan.forwardPasses, plan.passesTogether ?? plan.forwardPasses)
    guard size > 0 else { return rounds }
    let sweeps = (Double(plan.forwardPasses) / Double(size)).rounded(.up)
    return max(rounds, sweeps * (Double(size) / Double(max(1, plan.computers))).rounded(.up))
  }

  /// Seconds of the first iterations.
  package var firstIterations: Span {
    let unit = max(0, sample.pace.level)
    return Span(quieter * firstRounds * unit, busier * firstRounds * unit)
  }

  /// Seconds that each iteration takes longer than the one before.
  package var growth: Span {
    // An iteration of the sample adds a cut to each pool, one of the training as many as it has trajectories.
    let growth = firstRounds * sample.pace.growth * Double(plan.forwardPasses)
    return Span(0, busier * growth)
  }

  /// Seconds of the whole training to its iteration limit.
  package var training: Span {
    let count = Double(plan.iterations)
    let flat = count * rounds * max(0, sample.pace.level)
    // From its cap on the number of cuts grows no more.
    let growing = plan.cutCap.map { min(count, ($0 / Double(max(1, plan.forwardPasses))).rounded(.up)) } ?? count
    let pace = IterationPace(level: firstRounds * max(0, sample.pace.level), growth: growth.high / busier)
    let grown = pace.seconds(after: 0, through: Int(growing)) + (count - growing) * pace.seconds(of: growing)
    // An iteration is written down while the next one is computed, at best at no cost.
    return Span(
      max(quieter * flat, count * record.low),
      busier * max(grown, Self.unseenGrowth * flat * firstRounds / max(1, rounds)) + count * record.high)
  }

  private var cuts: Double {
    Double(plan.iterations) * Double(plan.forwardPasses) * Double(plan.pools) * Double(plan.cutsPerState)
  }
  private var cutBytes: Double { 8 * Double(plan.stateDimension + 1) }

  /// Bytes of each process at the end.
  package var memory: Span {
    let fixed = Self.emptyRank + Double(max(0, sample.bytes))
    // Buffers grow by doubling and are copied when they do.
    return Span(0.5 * fixed + cuts * cutBytes, 2 * fixed + 3 * cuts * cutBytes)
  }

  /// Bytes of the run's directory: cuts in the database and in the policy.
  package var disk: Span {
    let bytes = 2 * cuts * (cutBytes + Self.rowBytes)
    return Span(0.6 * bytes, 1.5 * bytes + 4e6)
  }
}

extension RunEstimate {
  /// Samples a case.
  ///
  /// - Parameters:
  ///   - request: the training that is thought of.
  ///   - seconds: for sampling; one iteration is made in any case.
  ///   - bounds: where the case may lie.
  /// - Throws: `InvalidCaseError` where the case cannot be used, what training throws.
  package init(
    _ request: RunRequest, seconds: Double = 4, bounds: CaseBounds = .anywhere
  ) throws {
    let began = ContinuousClock.now
    let input = try CaseInput(request, bounds: bounds)
    try request.check(against: input.study)
    let settings = RunSettings(request, configuration: input.study.configuration)
    var options = settings.options(for: input.study)
    options.forwardPasses = 1
    options.iterationLimit = Self.sampleIterations
    options.timeLimitSeconds = nil
    options.otherRules = []
    let before = ProcessMemory.current().proportional
    let (start, startCPU) = (ContinuousClock.now, Self.processorSeconds)
    let trainer = try Trainer(study: input.study, options: options, communicator: LocalCommunicator())
    var marks: [IterationPace.Mark] = []
    var solves = 0
    var bounds: [GapForecast.Mark] = []
    let recording = RecordingSample(trainer)
    var recorded = 0.0
    _ = try trainer.train { report in
      marks.append(.init(iteration: report.iteration, elapsedSeconds: report.elapsedSeconds - recorded))
      recorded += recording?.record(report) ?? 0
      solves += report.solves
      bounds.append(.init(lowerBound: report.lowerBound, cost: report.upperBound))
      let elapsed = began.duration(to: .now)
      return elapsed < .seconds(seconds)
        && (report.iteration < Self.enoughIterations || elapsed < .seconds(seconds / 2))
    }
    guard let pace = IterationPace(marks), let last = marks.last else {
      throw RunError(
        .invalidCase, "The case \(request.caseDirectory) has nothing to train, so there is nothing to estimate.")
    }
    let workers = request.workers ?? max(1, min(PhysicalCores.count() / settings.threads, settings.forwardPasses))
    let openings = input.study.stages.map(\.openings).max() ?? 1
    let isMulti = input.study.configuration.training.cutFormulation == .multi
    var plan = Plan(
      iterations: settings.iterations, forwardPasses: settings.forwardPasses, computers: workers * settings.threads,
      processes: workers, pools: trainer.pools.count { $0.count > 0 }, cutsPerState: isMulti ? openings : 1,
      stateDimension: trainer.stateDimension)
    let rule = SweepRule(
      study: input.study, options: options, passes: settings.forwardPasses, components: trainer.stateDimension)
    plan.passesTogether = rule.size(after: [])
    self.init(
      plan: plan,
      sample: Sample(
        iterations: last.iteration, seconds: last.elapsedSeconds + recorded, pace: pace,
        bytes: max(0, ProcessMemory.current().proportional - before), solves: solves,
        contention: max(1, (start.duration(to: .now).seconds - recorded) / max(1e-9, Self.processorSeconds - startCPU)),
        recordSeconds: recording?.seconds,
        gap: input.study.stages.allSatisfy(\.riskMeasure.isNeutral) ? GapForecast(bounds) : nil))
  }

  /// Iterations that say enough, if they took half of the time; and those that end the sample.
  private static let enoughIterations = 40
  private static let sampleIterations = 400

  /// Processor time of this process, in s.
  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  /// The estimate as tools and commands tell it.
  ///
  /// - Parameter run: one that was computed as planned; what came of it is added to the estimate.
  /// - Returns: the members of the answer.
  /// - Throws: `RunError` where the database of the run cannot be read.
  package func json(comparedWith run: RunEvidence? = nil) throws -> JSONObject {
    func span(_ span: Span, _ factor: Double = 1) -> JSONValue {
      [.optional(span.low * factor), .optional(span.high * factor)]
    }
    var result: JSONObject = [
      "training_seconds": span(training), "first_iteration_seconds": span(firstIterations),
      "growth_seconds_per_iteration": span(growth), "memory_mb_per_process": span(memory, 1e-6),
      "disk_mb": span(disk, 1e-6), "seconds_to_gap": gapFigures.table,
      "plan": [
        "iterations": .int(Int64(plan.iterations)), "forward_passes": .int(Int64(plan.forwardPasses)),
        "num_workers": .int(Int64(plan.processes)), "threads": .int(Int64(plan.computers / max(1, plan.processes))),
        "cuts": .double(cuts),
      ],
      "sample": [
        "iterations": .int(Int64(sample.iterations)), "seconds": .seconds(sample.seconds),
        "lps": .int(Int64(sample.solves)), "record_seconds": .optional(sample.recordSeconds),
      ],
    ]
    var sentences = [
      "Training takes \(Figures.duration(training.low)) to \(Figures.duration(training.high)) for \(plan.iterations) iterations "
        + "of \(plan.forwardPasses) forward passes on \(plan.computers) threads; each process takes "
        + "\(Figures.text(memory.low / 1e6)) to \(Figures.text(memory.high / 1e6)) MB, the run "
        + "\(Figures.text(disk.low / 1e6)) to \(Figures.text(disk.high / 1e6)) MB on disk.",
      gapFigures.sentence,
    ]
    if let run {
      let totals = try run.store.totals()
      let taken = run.snapshot.ranks.compactMap(\.memoryBytes).max().map(Double.init)
      result["came"] = [
        "training_seconds": .seconds(totals.elapsedSeconds), "within": .bool(training.holds(totals.elapsedSeconds)),
        "memory_mb_per_process": .optional(taken.map { $0 / 1e6 }),
        "memory_within": taken.map { .bool(memory.holds($0)) } ?? .null,
      ]
      sentences.append(
        "The run took \(Figures.duration(totals.elapsedSeconds)), "
          + (training.holds(totals.elapsedSeconds) ? "within the range" : "outside of the range")
          + (taken.map {
            ", and \(Figures.text($0 / 1e6)) MB a process, \(memory.holds($0) ? "within" : "outside of") the range"
          } ?? "") + ".")
    }
    result["summary"] = .array(sentences.map { .string($0) })
    result["next"] =
      "Call train with the same arguments, or estimate again with other iterations, forward_passes or num_workers."
    return result
  }
}
