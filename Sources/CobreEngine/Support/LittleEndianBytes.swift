/// Numbers as bytes of files and databases: little-endian, without gaps.
package enum LittleEndianBytes {
  /// Appends integers to bytes.
  package static func append(_ values: [some FixedWidthInteger], to bytes: inout [UInt8]) {
    #if _endian(little)
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    #endif
  }

  /// Appends numbers to bytes, bit for bit.
  package static func append(_ values: some Collection<Double>, to bytes: inout [UInt8]) {
    #if _endian(little)
    let isDone: Bool? = values.withContiguousStorageIfAvailable {
      bytes.append(contentsOf: UnsafeRawBufferPointer($0))
      return true
    }
    if isDone != nil { return }
    #endif
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
  }
}
