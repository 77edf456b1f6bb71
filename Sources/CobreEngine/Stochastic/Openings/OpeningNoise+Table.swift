extension OpeningNoise {
  /// The noise in the form of `scenarios/noise_openings.csv`, so that a case may hold it as given.
  ///
  /// Numbers are written with as many digits as they need to be read back as the same ones.
  package func writeTable(_ write: (String) -> Void) {
    write("stage_id,opening_index,entity_index,value\n")
    for (stage, noise) in values.enumerated() {
      var lines = ""
      for (index, value) in noise.enumerated() {
        let (opening, component) = index.quotientAndRemainder(dividingBy: layout.dimension)
        lines += "\(stage),\(opening),\(component),\(value)\n"
      }
      write(lines)
    }
  }
}
