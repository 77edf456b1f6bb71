extension OpeningNoise {
  /// The noise in the form of `scenarios/noise_openings.csv`, so that a case may contain it as input.
  ///
  /// Numbers are written with as many digits as needed to read back the same numbers.
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
