extension Communicator {
  /// Combines the vectors of all ranks element by element, in rank order 0, 1, …, so that bits depend on nothing else.
  ///
  /// The same number of elements on every rank; every rank gets the same bits.
  package func allreduce(_ values: inout [Double], _ reduction: Reduction) throws {
    let operation: CollectiveCall.Operation =
      switch reduction {
      case .sum: .sumOfDoubles
      case .minimum: .minimumOfDoubles
      case .maximum: .maximumOfDoubles
      }
    let gathered = try gather(values, as: operation)
    guard size > 1 else { return }
    let count = values.count
    let ranks = size
    gathered.withUnsafeBufferPointer { gathered in
      values.withUnsafeMutableBufferPointer { values in
        for element in 0..<count { values[element] = gathered[element] }
        for peer in 1..<ranks {
          for element in 0..<count {
            values[element] = reduction.combine(values[element], gathered[peer &* count &+ element])
          }
        }
      }
    }
  }

  /// Combines the vectors of all ranks element by element; a sum that leaves 64 bits is an error on every rank.
  package func allreduce(_ values: inout [Int64], _ reduction: Reduction) throws {
    let operation: CollectiveCall.Operation =
      switch reduction {
      case .sum: .sumOfIntegers
      case .minimum: .minimumOfIntegers
      case .maximum: .maximumOfIntegers
      }
    let gathered = try gather(values, as: operation)
    guard size > 1 else { return }
    let count = values.count
    var combined = [Int64](gathered[0..<count])
    for peer in 1..<size {
      for element in 0..<count {
        let other = gathered[peer * count + element]
        guard let result = reduction.combine(combined[element], other) else {
          throw CommunicationError(
            .overflow, operation, rank: rank, "The sum of element \(element) over the ranks does not fit 64 bits.")
        }
        combined[element] = result
      }
    }
    values = combined
  }

  /// Combines one value of every rank.
  package func allreduce(_ value: inout Double, _ reduction: Reduction) throws {
    var values = [value]
    try allreduce(&values, reduction)
    value = values[0]
  }

  /// Combines one value of every rank.
  package func allreduce(_ value: inout Int64, _ reduction: Reduction) throws {
    var values = [value]
    try allreduce(&values, reduction)
    value = values[0]
  }

  // The vectors of all ranks one behind the other.
  private func gather<T: BitwiseCopyable>(_ values: [T], as operation: CollectiveCall.Operation) throws -> [T] {
    let width = MemoryLayout<T>.stride
    let counts = [Int](repeating: values.count * width, count: size)
    return try [T](unsafeUninitializedCapacity: values.count * size) { buffer, count in
      try values.withUnsafeBytes { bytes in
        try allgatherv(
          bytes: bytes, counts: counts,
          into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: values.count * size * width),
          as: CollectiveCall(operation, elementWidth: width))
      }
      count = values.count * size
    }
  }
}
