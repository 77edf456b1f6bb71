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
    let ranks = size
    try values.withUnsafeMutableBufferPointer { values in
      try gatherPieces(UnsafeBufferPointer(values), as: operation) { start, count, gathered in
        guard ranks > 1, let target = values.baseAddress.map({ $0 + start }) else { return }
        reduction.combine(ranks: ranks, count: count, gathered, into: target)
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
    let ranks = size
    let own = rank
    var combined = values
    try values.withUnsafeBufferPointer { values in
      try gatherPieces(values, as: operation) { start, count, gathered in
        for element in 0..<count {
          var result = gathered[element]
          for peer in 1..<ranks {
            guard let next = reduction.combine(result, gathered[peer * count + element]) else {
              throw CommunicationError(
                .overflow, operation, rank: own,
                "The sum of element \(start + element) over the ranks does not fit 64 bits.")
            }
            result = next
          }
          combined[start + element] = result
        }
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

  /// Gathers the vectors of all ranks piece by piece, so that what is gathered stays in the cache until it is combined.
  ///
  /// - Parameters:
  ///   - values: this rank's vector.
  ///   - operation: what the ranks say that they call.
  ///   - take: gets the place of a piece, its length, and that piece of every rank one behind the other.
  /// - Throws: `CommunicationError`, and what `take` throws.
  private func gatherPieces<T: BitwiseCopyable>(
    _ values: UnsafeBufferPointer<T>, as operation: CollectiveCall.Operation,
    _ take: (_ start: Int, _ count: Int, _ gathered: UnsafePointer<T>) throws -> Void
  ) throws {
    let width = MemoryLayout<T>.stride
    let longest = min(values.count, Self.pieceBytes / width)
    let scratch = UnsafeMutableBufferPointer<T>.allocate(capacity: max(1, longest * size))
    defer { scratch.deallocate() }
    let call = CollectiveCall(
      operation, elementWidth: width, whole: values.count > longest ? values.count * width : 0)
    var start = 0
    // Once for a vector without elements too: all ranks meet.
    repeat {
      let piece = UnsafeBufferPointer(rebasing: values[start..<min(values.count, start + max(1, longest))])
      let counts = [Int](repeating: piece.count * width, count: size)
      let target = UnsafeMutableBufferPointer(rebasing: scratch[..<(piece.count * size)])
      try allgatherv(
        bytes: UnsafeRawBufferPointer(piece), counts: counts, into: UnsafeMutableRawBufferPointer(target), as: call)
      if let base = scratch.baseAddress { try take(start, piece.count, UnsafePointer(base)) }
      start += piece.count
    } while start < values.count
  }

  /// Bytes of a rank that are gathered at a time: measured.
  private static var pieceBytes: Int { 256 << 10 }
}
