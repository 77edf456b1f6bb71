internal import CobreEngine

extension RunSnapshot {
  /// Where a run has taken more than the budget that it was fitted into, as sentences.
  ///
  /// Memory is the sum of the ranks' largest proportional sets, which is what estimates and budgets count.
  static func exceeded(_ manifest: RunManifest, _ record: RunRecord) -> [String] {
    var sentences: [String] = []
    let bytes = record.ranks.compactMap(\.memoryBytes).reduce(0.0) { $0 + Double($1) }
    if let budget = manifest.request.budgetMemoryMB, bytes > budget * 1e6 {
      sentences.append(
        "The processes took \(Figures.text(bytes / 1e6)) MB together, more than the \(Figures.text(budget)) MB of "
          + "budget_memory_mb. Give more, or fewer num_workers.")
    }
    let clock = (record.last?.elapsedSeconds ?? 0) - (manifest.settings.continuation?.elapsedSeconds ?? 0)
    if let budget = manifest.request.budgetSeconds, clock > budget * 1.01 {
      sentences.append(
        "Training took \(Figures.duration(clock)), more than the \(Figures.duration(budget)) of budget_seconds: it ends with the "
          + "iteration in which they have passed.")
    }
    return sentences
  }
}
