extension Communicator {
  /// Gives every rank the elements of all ranks, in rank order.
  ///
  /// Counts are in elements.
  package func allgatherv<T: BitwiseCopyable>(
    _ send: UnsafeBufferPointer<T>, counts: [Int], into receive: UnsafeMutableBufferPointer<T>
  ) throws {
    let width = MemoryLayout<T>.stride
    try allgatherv(
      bytes: UnsafeRawBufferPointer(send), counts: byteCounts(counts, width: width),
      into: UnsafeMutableRawBufferPointer(receive), as: CollectiveCall(.allgatherv, elementWidth: width))
  }

  /// Gives every rank the elements of all ranks, in rank order.
  ///
  /// Counts are in elements and `receive` holds their sum.
  package func allgatherv<T: BitwiseCopyable>(_ send: [T], counts: [Int], into receive: inout [T]) throws {
    try send.withUnsafeBufferPointer { send in
      try receive.withUnsafeMutableBufferPointer { receive in
        try allgatherv(send, counts: counts, into: receive)
      }
    }
  }

  /// Gives every rank the elements of the root.
  ///
  /// The same number of elements on every rank.
  package func broadcast<T: BitwiseCopyable>(_ values: inout [T], root: Int) throws {
    try values.withUnsafeMutableBytes { bytes in
      try broadcast(bytes: bytes, root: root, as: CollectiveCall(.broadcast, elementWidth: MemoryLayout<T>.stride))
    }
  }

  /// Gives every rank the value of the root.
  package func broadcast<T: BitwiseCopyable>(_ value: inout T, root: Int) throws {
    try withUnsafeMutableBytes(of: &value) { bytes in
      try broadcast(bytes: bytes, root: root, as: CollectiveCall(.broadcast, elementWidth: MemoryLayout<T>.stride))
    }
  }

  // A count that overflows becomes negative, and the backend refuses it with a message.
  private func byteCounts(_ counts: [Int], width: Int) -> [Int] {
    guard width > 1 else { return counts }
    return counts.map { count in
      let (bytes, overflow) = count.multipliedReportingOverflow(by: width)
      return overflow ? -1 : bytes
    }
  }
}
