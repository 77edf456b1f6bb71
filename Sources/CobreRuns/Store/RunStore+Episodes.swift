internal import CobreEngine
internal import GRDB

/// One stretch in the life of a run: from its request, or from being resumed, to its end.
package struct RunEpisode: Sendable, Equatable {
  /// Seconds since 1970.
  package var beganAt: Double
  /// How it ended; nil where it goes on, or where its end was never written down.
  package var endState: RunState?
  /// Seconds since 1970; of an end that was never written down, the beginning of the next stretch.
  package var endedAt: Double?
}

extension RunStore {
  /// The stretches of the run, the first one first; each resume begins another.
  package func episodes() throws -> [RunEpisode] {
    let rows = try read { database in
      try Row.fetchAll(database, sql: "SELECT at, state FROM transition ORDER BY id").map { row in
        try (at: row.value("at") as Double, state: RunState(rawValue: row.value("state")))
      }
    }
    var episodes: [RunEpisode] = []
    for row in rows {
      guard var last = episodes.popLast() else {
        episodes.append(RunEpisode(beganAt: row.at))
        continue
      }
      if row.state == .queued {
        if last.endState == nil { (last.endState, last.endedAt) = (.interrupted, row.at) }
        episodes += [last, RunEpisode(beganAt: row.at)]
      } else {
        if let state = row.state, state.isFinal { (last.endState, last.endedAt) = (state, row.at) }
        episodes.append(last)
      }
    }
    return episodes
  }
}
