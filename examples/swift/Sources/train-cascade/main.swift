// Trains a policy for a case, says what water is worth at the start, and simulates: swift run train-cascade CASE
import CobreEngine

let study = try Study(directory: CommandLine.arguments.dropFirst().first ?? "../cascade")
let policy = try study.train(iterations: 20) { iteration in
  if iteration.iteration % 5 == 0 { print("iteration \(iteration.iteration): lower bound \(iteration.lowerBound) $") }
  return true
}
if let future = policy.futureCost(afterStage: 0) {
  for (hydro, value) in zip(study.hydros, future.waterValues) { print("\(hydro.name): \(value) $/hm³") }
}
let costs = try policy.simulate(scenarios: 200)
print("simulated cost: \(costs.mean) ± \(costs.halfWidth) $")
