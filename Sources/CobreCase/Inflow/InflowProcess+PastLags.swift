extension InflowProcess {
  /// Which lags before the study the inflows of the study follow from, by plant, from lag 1.
  ///
  /// Lags that are kept for longer periods need not be read: those periods may lie within the study.
  func lagsRead(hydros: Int) -> [[Bool]] {
    (0..<hydros).map { hydro in
      let count = layout.lagCounts[hydro]
      // What is read from the start of a place on, beginning with the last; the running sum is the last component.
      var later = [Bool](repeating: false, count: count + 1)
      var stage = calendar.steps.count - 1
      while stage >= 0 {
        let next = calendar.following(stage)
        var read = [Bool](repeating: false, count: count + 1)
        repeat {
          let index = stage * hydros + hydro
          for (lag, factor) in lagCoefficients[index].enumerated() where factor != 0 && lag < count { read[lag] = true }
          for (row, isRead) in zip(memoryTransitions[index], later) where isRead {
            for term in row.memory where term.factor != 0 && term.component < read.count { read[term.component] = true }
          }
          stage -= 1
        } while stage >= 0 && calendar.following(stage) == next
        later = read
      }
      return Array(later.prefix(count))
    }
  }
}
