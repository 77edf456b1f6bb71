import CobreBase
import CobreCase
import CobreEngine

extension BrokenCase {
  /// Rules 223, 311, 407, 408, 565 and 566.
  static let prices: [BrokenCase] = [
    BrokenCase("a price that is not there", 311, F.contracts, "contracts[0].price_process_id", base: .valley) {
      $0.set(F.contracts, "contracts[0].price_process_id", 4)
    },
    BrokenCase("an opening without a price", 407, "scenarios/price_openings.csv", base: .valley) {
      $0.price()
      $0.write("scenarios/price_openings.csv", "stage_id,opening_index,price_process_id,value\n0,0,4,1\n")
    },
    BrokenCase("prices for too few openings", 408, "scenarios/price_openings.csv", base: .valley) {
      $0.price()
      $0.write("scenarios/price_openings.csv", "stage_id,opening_index,price_process_id,value\n0,0,4,1\n1,0,4,1\n")
    },
    BrokenCase("prices with a cut for each opening", 565, F.config, "training.cut_formulation", base: .valley) {
      $0.price()
      $0.set(F.config, "training.cut_formulation", "multi")
    },
    BrokenCase("prices with an upper bound", 565, F.config, "upper_bound_evaluation.enabled", base: .valley) {
      $0.price()
      $0.set(F.config, "upper_bound_evaluation", ["enabled": true])
    },
    BrokenCase("prices with an inner policy", 565, F.config, "simulation.policy_type", base: .valley) {
      $0.price()
      $0.set(F.config, "simulation", ["enabled": true, "num_scenarios": 5, "policy_type": "inner"])
    },
    BrokenCase("a trial region beside prices", 223, F.config, "training.trial_region", base: .valley) {
      $0.price()
      $0.set(F.config, "training.trial_region", 0.1)
    },
    BrokenCase("a price without a contract", 566, "system/price_processes.json", "price_processes[0]") {
      $0.set("system/price_processes.json", "price_processes", [CaseDraft.process])
    },
  ]
}

extension CaseDraft {
  fileprivate static let process: JSONValue = [
    "id": 4, "name": "P", "initial_price": 50.0, "mean_price": 60.0, "coefficient": 0.5, "deviation": 5.0,
  ]

  fileprivate mutating func price() {
    set("system/price_processes.json", "price_processes", [Self.process])
    set(F.contracts, "contracts[0].price_process_id", 4)
  }
}
