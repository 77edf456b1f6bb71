import Foundation
import Testing

@testable import CobreCase
@testable import CobreEngine
@testable import CobreRuns

@Suite struct RunStoreTests {
  private let directory: TemporaryDirectory
  private var path: String { directory.path + "/run.sqlite" }

  init() throws { directory = try TemporaryDirectory() }

  private func report(_ iteration: Int, lower: Double = 10, upper: Double = 12) -> IterationReport {
    IterationReport(
      iteration: iteration, lowerBound: lower, upperBound: upper, upperBoundHalfWidth: 1, gap: 0.25,
      elapsedSeconds: Double(iteration) * 2, forwardSeconds: 0.5, backwardSeconds: 1, communicationSeconds: 0.25,
      ranks: [
        RankWork(solves: 30, threads: 2, communicationSeconds: 0.25, waitSeconds: 0.125, memoryBytes: 1000),
        RankWork(solves: 20, threads: 2, communicationSeconds: 0.5, memoryBytes: Int64(iteration), peakMemoryBytes: 7),
      ], cutsPerStage: [iteration, 0])
  }

  @Test func `states follow each other and a forbidden move is refused`() throws {
    let store = try RunStore.open(path)
    #expect(try store.transition(to: .queued, at: 1))
    #expect(try store.transition(to: .starting, at: 2))
    #expect(try store.transition(to: .running, from: [.starting], at: 3))
    #expect(try !store.transition(to: .running, from: [.starting], at: 4))
    #expect(try !store.transition(to: .cancelling, from: [.starting], at: 5))
    #expect(try store.record().state == .running)
  }

  @Test func `an iteration comes back as it was written`() throws {
    let store = try RunStore.open(path)
    let batch = CutBatch(stage: 0, firstPosition: 0, intercepts: [1.5, -0.0], slopes: [1, 2, 0.1, -.pi])
    try store.recordIteration(report(1), cuts: [batch], stateDimension: 2, checkpoint: nil, at: 100)
    let next = CutBatch(stage: 0, firstPosition: 2, intercepts: [7], slopes: [5, 6])
    try store.recordIteration(report(2, lower: 11), cuts: [next], stateDimension: 2, checkpoint: nil, at: 101)

    let reader = try RunStore.openForReading(path)
    let cuts = try #require(try reader.cuts().first)
    #expect(cuts.intercepts.map(\.bitPattern) == [1.5, -0.0, 7].map(\.bitPattern))
    #expect(cuts.slopes.map(\.bitPattern) == [1, 2, 0.1, -.pi, 5, 6].map(\.bitPattern))
    let rows = try reader.convergence(since: 1)
    #expect(rows.map(\.iteration) == [2])
    #expect(rows.first?.lowerBound == 11)
    #expect(rows.first?.solves == 50)
  }

  @Test func `a long history is thinned evenly with both of its ends`() throws {
    let store = try RunStore.open(path)
    #expect(try store.convergence(since: 0, points: 3).isEmpty)
    for iteration in 5...25 {
      try store.recordIteration(report(iteration), cuts: [], stateDimension: 0, checkpoint: nil, at: 1)
    }
    #expect(try store.convergence(since: 0, points: 5).map(\.iteration) == [5, 10, 15, 20, 25])
    #expect(try store.convergence(since: 21, points: 2).map(\.iteration) == [22, 25])
    #expect(try store.convergence(since: 21, points: 4).map(\.iteration) == [22, 23, 24, 25])
    #expect(try store.convergence(since: 25, points: 4).isEmpty)
    #expect(try store.convergence(at: 7)?.elapsedSeconds == 14)
    #expect(try store.convergence(at: 4) == nil)
  }

  @Test func `the log is emptied at the end while somebody looks on`() throws {
    let store = try RunStore.open(path)
    let reader = try RunStore.openForReading(path)
    try store.recordIteration(report(1), cuts: [], stateDimension: 0, checkpoint: nil, at: 1)
    func size() throws -> Int {
      try FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int ?? -1
    }
    #expect(try size() > 0)
    try store.emptyLog()
    #expect(try size() == 0)
    #expect(try reader.convergence(since: 0).map(\.iteration) == [1])
  }

  @Test func `figures that are not finite are stored as nothing`() throws {
    let store = try RunStore.open(path)
    try store.recordIteration(
      report(1, lower: .nan, upper: .infinity), cuts: [], stateDimension: 0, checkpoint: nil, at: 1)
    let row = try #require(try store.convergence(since: 0).first)
    #expect(row.lowerBound == nil)
    #expect(row.upperBound == nil)
    #expect(row.gap == 0.25)
  }

  @Test func `solves of a rank add up over the iterations`() throws {
    let store = try RunStore.open(path)
    for rank in 0..<2 {
      let row = RankRow(rank: rank, pid: 40 + rank, host: "here", state: "starting", solves: 0, message: nil)
      try store.recordRank(row, start: 7, at: 1)
    }
    for iteration in 1...3 {
      try store.recordIteration(report(iteration), cuts: [], stateDimension: 0, checkpoint: nil, at: 2)
    }
    let ranks = try store.record().ranks
    #expect(ranks.map(\.solves) == [90, 60])
    #expect(ranks.map(\.threads) == [2, 2])
    #expect(ranks.map(\.communicationSeconds) == [0.75, 1.5])
    #expect(ranks.map(\.waitSeconds) == [0.375, 0])
    #expect(ranks.map(\.memoryBytes) == [1000, 3])
    #expect(ranks.map(\.peakMemoryBytes) == [0, 7])
    #expect(try store.convergence(since: 2).map(\.waitSeconds) == [0.125])
    #expect(ranks.map(\.state) == ["running", "running"])
    #expect(ranks.map(\.pid) == [40, 41])
  }

  @Test func `the end is written with its reason and duration`() throws {
    let store = try RunStore.open(path)
    let supervisor = ProcessIdentity(pid: 5, start: .max, bootID: "b", host: "h")
    try store.beginAttempt(supervisor: supervisor, at: 10, uptime: 1)
    try store.finish(.failed, error: "Rank 1 died.", elapsed: 4, at: 14)
    let record = try store.record()
    #expect(record.state == .failed)
    #expect(record.error == "Rank 1 died.")
    #expect(record.elapsed == 4)
    #expect(record.supervisor == supervisor)

    // A second attempt adds to the time of the first.
    try store.beginAttempt(supervisor: supervisor, at: 20, uptime: 11)
    try store.finish(.succeeded, elapsed: 3, at: 23)
    #expect(try store.record().elapsed == 7)
    #expect(try store.record().error == nil)
  }

  @Test func `a damaged database is named as such`() throws {
    try Data(repeating: 0x41, count: 8192).write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: RunError.self) { try RunStore.openForReading(self.path) }
    #expect(error?.code == .storage)
    #expect(error?.message.contains("damaged") == true)
  }

  /// Writes iterations of one cut and one trial state each, and the database without a log file.
  private func recorded(_ iterations: Int) throws {
    let store = try RunStore.open(path)
    for iteration in 1...iterations {
      let value = 1000 + Double(iteration) / 3
      try store.recordIteration(
        report(iteration),
        cuts: [CutBatch(stage: 0, firstPosition: iteration - 1, intercepts: [value], slopes: [-value])],
        stateDimension: 1, states: [[2 * value]], checkpoint: [UInt8](repeating: UInt8(iteration), count: 50), at: 1)
    }
  }

  /// Flips the lowest bit of a number at its first occurrence in the database.
  private func damage(_ value: Double, isBigEndian: Bool = false) throws {
    var bytes = try #require(FileManager.default.contents(atPath: path))
    var pattern: [UInt8] = []
    LittleEndianBytes.append([value], to: &pattern)
    if isBigEndian { pattern.reverse() }
    let found = try #require(bytes.range(of: Data(pattern)), "\(value) is not there")
    bytes[found.lowerBound] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test func `cuts and states that were changed are noticed, and the checkpoint before them serves`() throws {
    let values = [1, 2, 3].map { 1000 + Double($0) / 3 }
    for factor in [-1.0, 2.0] {
      for name in ["", "-wal", "-shm"] { unlink(path + name) }
      try recorded(3)
      #expect(try RunStore.openForReading(path).latestCheckpoint()?.iteration == 3)
      // The last iteration is spoilt, the one before is not.
      try damage(factor * values[2])
      let earlier = try #require(try RunStore.openForReading(path).latestCheckpoint())
      #expect(earlier.iteration == 2 && earlier.contents == [UInt8](repeating: 2, count: 50))
      #expect(earlier.cuts.map(\.intercepts) == [Array(values.prefix(2))])
      #expect(earlier.states == [0: values.prefix(2).map { 2 * $0 }])
      // Nothing can be gone on from when what both rest on is spoilt.
      try damage(factor * values[0])
      let error = #expect(throws: RunError.self) { try RunStore.openForReading(self.path).latestCheckpoint() }
      #expect(error?.message.contains("damaged: the cuts of iteration 1 ") == true)
    }
  }

  @Test func `the cuts that training begins with are checked, in whatever pieces they came`() throws {
    func begin() throws {
      for name in ["", "-wal", "-shm"] { unlink(path + name) }
      let store = try RunStore.open(path)
      try store.record([CutBatch(stage: 4, firstPosition: 0, intercepts: [11 / 3], slopes: [1])], stateDimension: 1)
      try store.record([CutBatch(stage: 0, firstPosition: 0, intercepts: [13 / 3], slopes: [2])], stateDimension: 1)
    }
    for value in [11.0 / 3, 13.0 / 3] {
      try begin()
      #expect(try RunStore.openForReading(path).cuts(upTo: 0).map(\.intercepts) == [[13 / 3], [11 / 3]])
      try damage(value)
      let error = #expect(throws: RunError.self) { try RunStore.openForReading(self.path).cuts(upTo: 0) }
      #expect(error?.message.contains("damaged: the cuts that it began with ") == true)
      #expect(throws: RunError.self) { try RunStore.openForReading(self.path).visitCuts { _ in true } }
      #expect(try RunStore.openForReading(path).convergence(since: 0).isEmpty)
    }
  }

  @Test func `bounds that were changed are not shown`() throws {
    for value in [1.0 / 3, 2.0 / 3, 5.0 / 3, 7.0 / 3] {
      for name in ["", "-wal", "-shm"] { unlink(path + name) }
      do {
        let store = try RunStore.open(path)
        var bounds = report(1, lower: 1 / 3, upper: 2 / 3)
        bounds.deterministicUpperBound = 5 / 3
        bounds.elapsedSeconds = 7 / 3
        try store.recordIteration(bounds, cuts: [], stateDimension: 0, checkpoint: nil, at: 1)
      }
      #expect(try RunStore.openForReading(path).record().last?.lowerBound == 1 / 3)
      // SQLite stores numbers most significant byte first.
      try damage(value, isBigEndian: true)
      for read in [
        { try RunStore.openForReading(self.path).record().last },
        { try RunStore.openForReading(self.path).convergence(at: 1) },
        { try RunStore.openForReading(self.path).convergence(since: 0, points: 2).first },
      ] as [() throws -> ConvergenceRow?] {
        let error = #expect(throws: RunError.self) { try read() }
        #expect(error?.message.contains("damaged: the bounds of iteration 1 ") == true)
      }
    }
  }

  @Test func `databases of an older engine get the table of fingerprints`() throws {
    let other = directory.path + "/old.sqlite"
    _ = try RunStore.open(other, upTo: 4)
    #expect(try RunStore.open(other).latestCheckpoint() == nil)
    #expect(try RunStore.open(other).tableColumns()["iteration_checksum"] == ["iteration", "checksum", "figures"])
  }

  @Test func `a newer schema is refused`() throws {
    _ = try RunStore.open(path)
    // The schema's number is in the header of the file, big-endian, at byte 60 (sqlite.org/fileformat2.html).
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    try file.seek(toOffset: 60)
    try file.write(contentsOf: [0, 0, 0, 99])
    try file.close()
    let error = #expect(throws: RunError.self) { try RunStore.openForReading(self.path) }
    #expect(error?.message.contains("schema 99") == true)
  }

  @Test func `a run of an older engine can be read`() throws {
    _ = try RunStore.open(path, upTo: 1)
    let reader = try RunStore.openForReading(path)
    #expect(try reader.record().retries == 0)
    #expect(try reader.convergence(since: 0).isEmpty)
  }

  @Test func `a reader notices what another connection writes`() throws {
    let store = try RunStore.open(path)
    let reader = try RunStore.openForReading(path)
    let before = try reader.dataVersion()
    #expect(try reader.dataVersion() == before)
    try store.transition(to: .queued, at: 1)
    #expect(try reader.dataVersion() != before)
  }

  @Test func `a simulation replaces the one before`() throws {
    let store = try RunStore.open(path)
    for costs in [[1.0, 2, 3], [4.0, .nan]] {
      let summary = SimulationSummary(scenarios: costs.count, meanCost: 2, standardDeviation: 1, halfWidth: 0.5)
      let simulation = StoredSimulation(
        summary: summary, costs: costs, stageMeans: [(quantity: "cost ($)", values: [1, 1])])
      try store.recordSimulation(simulation, at: 1)
    }
    #expect(try store.simulatedCosts() == [4, nil])
    #expect(try store.record().simulation?.scenarios == 2)
  }
}
