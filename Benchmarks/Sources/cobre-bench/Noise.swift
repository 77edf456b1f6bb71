import ArgumentParser
import CobreCase
import CobreEngine
import Foundation

/// Draws the opening tree and forward noise of a large made-up system.
///
/// Prints one line of JSON.
struct Noise: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Draw correlated noise of a system without solving anything.")

  @Option(help: "Hydros, all of them correlated.") var hydros = 160
  @Option(help: "Stages.") var stages = 60
  @Option(help: "Openings of a stage.") var openings = 20
  @Option(help: "Trajectories of an iteration.") var trajectories = 20
  @Option(help: "Rounds, of which the median counts.") var rounds = 5

  func run() throws {
    var figures: [String: Double] = [:]
    for method in ["saa", "lhs", "qmc_sobol", "qmc_halton"] {
      let report = CaseReader.read(CaseFiles(contents: files(method: method)))
      guard let study = report.study else {
        throw RefusedCase(description: report.errors.map(\.description).joined(separator: "\n"))
      }
      let layout = NoiseLayout(study: study)
      let root = median { _ = NoiseCorrelation(study: study, layout: layout) }
      let noise = median { _ = OpeningNoise(study: study, seed: 1) }
      let tree = OpeningTree(study: study, seed: 1)
      figures["root_ms"] = 1e3 * root
      figures["tree_noise_ms_\(method)"] = 1e3 * (noise - root)
      var source = ScenarioSource.inSample
      source.seed = 2
      source.inflow = .outOfSample
      var sampler = try ForwardSampler(
        study: study, tree: tree, source: source, treeSeed: 1, use: .training, count: trajectories,
        kept: 0..<trajectories)
      var sample = NoiseSample(study: study)
      var iteration = 0
      let forward = median {
        iteration += 1
        sampler.prepare(iteration: iteration)
        for trajectory in 0..<trajectories {
          for stage in 0..<stages { sampler.realise(stage: stage, step: stage, trajectory: trajectory, into: &sample) }
        }
      }
      figures["forward_million_values_per_s_\(method)"] = 1e-6 * Double(trajectories * stages * hydros) / forward
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(figures), as: UTF8.self))
  }

  /// Processor time of the middle round, in s, which a busy machine changes less than the time of day.
  private func median(_ body: () throws -> Void) rethrows -> Double {
    var seconds: [Double] = []
    for _ in 0..<max(1, rounds) {
      let begin = processorSeconds()
      try body()
      seconds.append(processorSeconds() - begin)
    }
    return seconds.sorted()[seconds.count / 2]
  }

  private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)
  }

  /// A case in which nothing matters but the noise: neighbours are correlated by 0.9^distance.
  private func files(method: String) -> [String: [UInt8]] {
    func list(_ count: Int, _ element: (Int) -> String) -> String {
      "[" + (0..<count).map(element).joined(separator: ",") + "]"
    }
    func month(_ index: Int) -> String {
      "\(2024 + index / 12)-\(index % 12 < 9 ? "0" : "")\(index % 12 + 1)-01"
    }
    let costs = [
      "spillage_cost", "fpha_turbined_cost", "diversion_cost", "storage_violation_below_cost",
      "filling_target_violation_cost", "turbined_violation_below_cost", "outflow_violation_below_cost",
      "outflow_violation_above_cost", "generation_violation_below_cost", "evaporation_violation_cost",
      "water_withdrawal_violation_cost",
    ].map { "\"\($0)\": 1" }.joined(separator: ",")
    let matrix = list(hydros) { i in list(hydros) { j in i == j ? "1" : "\(pow(0.9, Double(abs(i - j))))" } }
    let members = list(hydros) { #"{"type": "inflow", "id": \#($0)}"# }
    let volumes = list(hydros) { #"{"hydro_id": \#($0), "value_hm3": 0}"# }
    let plants = list(hydros) {
      #"{"id": \#($0), "name": "H", "bus_id": 0, "downstream_id": null, "reservoir": {"min_storage_hm3": 0, "#
        + #""max_storage_hm3": 9}, "outflow": {"min_outflow_m3s": 0, "max_outflow_m3s": null}, "generation": "#
        + #"{"model": "constant_productivity", "productivity_mw_per_m3s": 1, "min_turbined_m3s": 0, "#
        + #""max_turbined_m3s": 9, "min_generation_mw": 0, "max_generation_mw": 9}}"#
    }
    let months = list(stages) {
      #"{"id": \#($0), "start_date": "\#(month($0))", "end_date": "\#(month($0 + 1))", "season_id": \#($0 % 12), "#
        + #""num_scenarios": \#(openings), "sampling_method": "\#(method)", "#
        + #""blocks": [{"id": 0, "name": "ALL", "hours": 730}]}"#
    }
    let statistics = (0..<hydros).flatMap { hydro in (0..<stages).map { "\(hydro),\($0),100,30" } }
    let texts: [String: String] = [
      "config.json":
        #"{"training": {"forward_passes": 1, "stopping_rules": [{"type": "iteration_limit", "limit": 1}]}}"#,
      "penalties.json":
        #"{"bus": {"deficit_segments": [{"depth_mw": null, "cost": 9}], "excess_cost": 1}, "line": {"exchange_cost": 1}, "#
        + #""hydro": {\#(costs)}, "non_controllable_source": {"curtailment_cost": 1}}"#,
      "stages.json":
        #"{"policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0}, "stages": \#(months)}"#,
      "initial_conditions.json": #"{"storage": \#(volumes), "filling_storage": []}"#,
      "system/buses.json": #"{"buses": [{"id": 0, "name": "B"}]}"#,
      "system/lines.json": #"{"lines": []}"#,
      "system/thermals.json": #"{"thermals": []}"#,
      "system/hydros.json": #"{"hydros": \#(plants)}"#,
      "scenarios/correlation.json":
        #"{"method": "spectral", "profiles": {"default": {"correlation_groups": [{"name": "G", "#
        + #""entities": \#(members), "matrix": \#(matrix)}]}}}"#,
      "scenarios/inflow_seasonal_stats.csv":
        (["hydro_id,stage_id,mean_m3s,std_m3s"] + statistics).joined(separator: "\n"),
    ]
    return texts.mapValues { Array($0.utf8) }
  }
}
