package import CobreParquet

extension ParquetColumn {
  /// The value of a row as text that reads back to the same bits; nil for none.
  package func text(_ row: Int) -> String? {
    if isNull(row) { return nil }
    switch values {
    case .bool(let values): return values[row] ? "true" : "false"
    case .int32(let values):
      return field.logicalType == .date ? CalendarDate(dayNumber: Int(values[row])).description : "\(values[row])"
    case .int64(let values): return "\(values[row])"
    case .uint32(let values): return "\(values[row])"
    case .uint64(let values): return "\(values[row])"
    case .float(let values): return "\(values[row])"
    case .double(let values): return "\(values[row])"
    case .text(let values): return values[row]
    }
  }
}
