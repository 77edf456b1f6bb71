/// What a budget of time and memory has made of a training.
package struct BudgetDecision: Codable, Sendable, Equatable {
  package var workers: Int
  package var threadsPerWorker: Int
  package var iterations: Int
  package var forwardPasses: Int
  /// Seconds after which training stops; nil for no budget of time.
  package var timeLimitSeconds: Double?
  /// A JSON list of edits of the case; nil for none.
  package var edits: String?
  /// What was traded, as sentences.
  package var notes: [String]

  package init(
    workers: Int, threadsPerWorker: Int, iterations: Int, forwardPasses: Int, timeLimitSeconds: Double?,
    edits: String? = nil, notes: [String] = []
  ) {
    self.workers = workers
    self.threadsPerWorker = threadsPerWorker
    self.iterations = iterations
    self.forwardPasses = forwardPasses
    self.timeLimitSeconds = timeLimitSeconds
    self.edits = edits
    self.notes = notes
  }

  /// A request as the decision changes it.
  package func applied(to request: RunRequest) -> RunRequest {
    var request = request
    request.workers = workers
    request.threadsPerWorker = threadsPerWorker
    request.iterations = iterations
    request.forwardPasses = forwardPasses
    request.timeLimitSeconds = [request.timeLimitSeconds, timeLimitSeconds].compactMap { $0 }.min()
    return request
  }
}
