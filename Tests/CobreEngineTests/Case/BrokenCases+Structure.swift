import CobreCase
import CobreEngine

extension BrokenCase {
  static let structure: [BrokenCase] = [
    BrokenCase("no config", 101, F.config) { $0.files[F.config] = nil },
    BrokenCase("no hydros file", 101, F.hydros) { $0.files[F.hydros] = nil },
    BrokenCase("CSV and Parquet", 102, "scenarios/load_seasonal_stats.parquet") {
      $0.write("scenarios/load_seasonal_stats.parquet", "PAR1")
    },
    BrokenCase("Parquet alone", 103, "constraints/line_bounds.parquet") {
      $0.write("constraints/line_bounds.parquet", "PAR1")
    },
    BrokenCase("unknown file", 104, "scenarios/inflow_opening.csv") { $0.write("scenarios/inflow_opening.csv", "a\n") },
    BrokenCase("file name with control characters", 104, "system/a\\u{a}b.json") { $0.write("system/a\nb.json", "{}") },
    BrokenCase("UTF-16 JSON", 105, F.buses, "line 1, column 1") { $0.files[F.buses] = [0xFF, 0xFE, 0x7B, 0, 0x7D, 0] },
    BrokenCase("invalid UTF-8 in JSON", 105, F.buses, "line 1, column 33") {
      $0.files[F.buses] = Array(#"{"buses":[{"id": 1, "name":    ""#.utf8) + [0xC3, 0x28] + Array(#""}]}"#.utf8)
    },
    BrokenCase("UTF-16 CSV", 105, F.loadStats) { $0.files[F.loadStats] = [0xFE, 0xFF, 0, 0x62] },
    BrokenCase("invalid UTF-8 in CSV", 105, F.loadStats) { $0.files[F.loadStats]?.append(0xFF) },
    BrokenCase("empty JSON", 106, F.config, "line 1, column 1") { $0.write(F.config, "") },
    BrokenCase("truncated JSON", 106, F.config, "line 1, column 27") {
      $0.write(F.config, #"{ "training": { "enabled":"#)
    },
    BrokenCase("duplicate key", 106, F.buses, "line 2, column 1") {
      $0.write(F.buses, "{\"buses\": [],\n\"buses\": []}")
    },
    BrokenCase("NaN in JSON", 106, F.thermals) { $0.replace(F.thermals, "75.0", "NaN") },
    BrokenCase("infinity in JSON", 106, F.thermals) { $0.replace(F.thermals, "75.0", "-Infinity") },
    BrokenCase("top level array", 106, F.buses, "line 1, column 1") { $0.write(F.buses, "[]") },
    BrokenCase("comment in JSON", 106, F.buses, "line 1, column 3") { $0.write(F.buses, #"{ // list"#) },
    BrokenCase("trailing comma", 106, F.lines, "line 1, column 14") { $0.write(F.lines, #"{"lines": [],}"#) },
    BrokenCase("deep nesting", 106, F.buses) { $0.write(F.buses, String(repeating: "[", count: 100_000)) },
    BrokenCase("leading zero", 106, F.thermals) { $0.replace(F.thermals, "75.0", "075.0") },
    BrokenCase("empty CSV", 107, F.loadStats, "row 1") { $0.write(F.loadStats, "") },
    BrokenCase("open quote", 107, F.loadStats, "row 3") { $0.replace(F.loadStats, "1,1,58.0", "\"1,1,58.0") },
    BrokenCase("text after a closing quote", 107, F.loadStats, "row 3") {
      $0.replace(F.loadStats, "1,1,58", "\"1\"x,1,58")
    },
    BrokenCase("short row", 107, F.loadStats, "row 2") { $0.replace(F.loadStats, "1,0,62.0,0.0", "1,0,62.0") },
    BrokenCase("long row", 107, F.loadStats, "row 2") { $0.replace(F.loadStats, "1,0,62.0,0.0", "1,0,62.0,0.0,") },
    BrokenCase("empty line", 107, F.loadStats, "row 3") { $0.replace(F.loadStats, "1,1,58", "\n1,1,58") },
    BrokenCase("column twice", 107, F.loadStats, "row 1, column mean_mw") {
      $0.replace(F.loadStats, "std_mw", "mean_mw")
    },
    BrokenCase("empty column name", 107, F.loadStats, "row 1") { $0.replace(F.loadStats, "std_mw", "") },
    BrokenCase("openings beside statistics", 108, F.inflowStats) {
      $0.write(F.inflowStats, "hydro_id,stage_id,mean_m3s,std_m3s\n7,0,1,1\n7,1,1,1\n")
    },
    BrokenCase("load openings beside statistics", 109, F.loadStats) {
      $0.write(F.loadOpenings, "stage_id,opening_index,bus_id,value_mw\n0,0,1,62\n1,0,1,58\n1,1,1,58\n")
    },
    BrokenCase("coefficients without moments", 110, F.coefficients) {
      $0.files[F.inflowOpenings] = nil
      $0.write(F.coefficients, "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n7,0,1,0.5,0.9\n")
    },
    BrokenCase("annual component of an estimated model", 111, F.annual) {
      $0.files[F.inflowOpenings] = nil
      $0.write(F.history, "hydro_id,date,value_m3s\n7,2020-01-01,5\n")
      $0.write(F.annual, "hydro_id,stage_id,annual_coefficient,annual_mean_m3s,annual_std_m3s\n7,0,0.5,5,1\n")
    },
  ]
}
