package import Foundation

/// Doubles as stored in the database: little-endian, 8 bytes each.
package enum DoubleBlob {
  package static func encode(_ values: some Collection<Double>) -> Data {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * values.count)
    LittleEndianBytes.append(values, to: &bytes)
    return Data(bytes)
  }

  package static func decode(_ data: Data) -> [Double] {
    data.withUnsafeBytes { buffer in
      (0..<(buffer.count / 8)).map { index in
        Double(bitPattern: UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)))
      }
    }
  }
}
