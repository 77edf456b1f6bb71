package import GRDB

extension Row {
  /// A value of the row.
  ///
  /// A database may come from elsewhere and hold anything; the subscript of a row ends the process then.
  ///
  /// - Throws: `RowDecodingError` where the column holds something else.
  package func value<Value: DatabaseValueConvertible>(_ index: Int) throws -> Value { try decode(atIndex: index) }

  package func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    try decode(forColumn: column)
  }
}
