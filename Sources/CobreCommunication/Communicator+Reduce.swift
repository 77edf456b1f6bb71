extension Communicator {
  /// Combines the vectors of all ranks element by element, in rank order 0, 1, …, so that the bits depend on the values
  /// alone.
  ///
  /// The same number of elements on every rank. Every rank gets the same bits.
  package func allreduce(_ values: inout [Double], _ reduction: Reduction) throws {
    let operation: CollectiveCall.Operation =
      switch reduction {
      case .sum: .sumOfDoubles
      case .minimum: .minimumOfDoubles
      case .maximum: .maximumOfDoubles
      }
    let ranks = size
    _ = try values.withUnsafeMutableBufferPointer { values in
      try combinePieces(values, as: operation) { count, gathered, result in
        reduction.combine(ranks: ranks, count: count, gathered, into: result)
        return nil
      }
    }
  }

  /// Combines the vectors of all ranks element by element.
  ///
  /// A sum that leaves 64 bits is an error on every rank.
  package func allreduce(_ values: inout [Int64], _ reduction: Reduction) throws {
    let operation: CollectiveCall.Operation =
      switch reduction {
      case .sum: .sumOfIntegers
      case .minimum: .minimumOfIntegers
      case .maximum: .maximumOfIntegers
      }
    let ranks = size
    var combined = values
    let excess = try combined.withUnsafeMutableBufferPointer { values in
      try combinePieces(values, as: operation) { count, gathered, result in
        for element in 0..<count {
          var sum = gathered[element]
          for peer in 1..<ranks {
            guard let next = reduction.combine(sum, gathered[peer * count + element]) else { return element }
            sum = next
          }
          result[element] = sum
        }
        return nil
      }
    }
    if let excess {
      throw CommunicationError(
        .overflow, operation, rank: rank, "The sum of element \(excess) over the ranks does not fit 64 bits.")
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

  /// Combines the vectors of all ranks piece by piece, so that what is gathered stays in the cache until it is
  /// combined.
  ///
  /// - Parameters:
  ///   - values: this rank's vector, which the combined one replaces.
  ///   - operation: what the ranks say that they call.
  ///   - combine: gets the length of a piece, that piece of every rank in rank order, and where to write the result.
  ///     Returns the first element without a result.
  /// - Returns: the first element without a result, the same on all ranks, nil if all have one.
  /// - Throws: `CommunicationError`.
  private func combinePieces<T: BitwiseCopyable>(
    _ values: UnsafeMutableBufferPointer<T>, as operation: CollectiveCall.Operation,
    _ combine: (_ count: Int, _ gathered: UnsafePointer<T>, _ result: UnsafeMutablePointer<T>) -> Int?
  ) throws -> Int? {
    let width = MemoryLayout<T>.stride
    let longest = min(values.count, reductionBytes / width)
    let gathers = !reducesAtRoot || rank == 0
    let scratch = UnsafeMutableBufferPointer<T>.allocate(capacity: max(1, gathers ? longest * size : 0))
    defer { scratch.deallocate() }
    let call = CollectiveCall(
      operation, elementWidth: width, whole: values.count > longest ? values.count * width : 0)
    var start = 0
    // Once for a vector without elements too: all ranks meet.
    repeat {
      let piece = UnsafeMutableBufferPointer(rebasing: values[start..<min(values.count, start + max(1, longest))])
      let target = UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: scratch[..<(gathers ? piece.count * size : 0)]))
      var excess: Int?
      if reducesAtRoot {
        try gather(bytes: UnsafeRawBufferPointer(piece), into: target, as: call)
      } else {
        let counts = [Int](repeating: piece.count * width, count: size)
        try allgatherv(bytes: UnsafeRawBufferPointer(piece), counts: counts, into: target, as: call)
      }
      if gathers, let gathered = scratch.baseAddress, let result = piece.baseAddress {
        excess = combine(piece.count, UnsafePointer(gathered), result)
      }
      if reducesAtRoot { try handOut(piece, &excess, as: call) }
      if let excess { return start + excess }
      start += piece.count
    } while start < values.count
    return nil
  }

  // What rank 0 has combined, and for sums of integers whether each element fits.
  private func handOut<T: BitwiseCopyable>(
    _ piece: UnsafeMutableBufferPointer<T>, _ excess: inout Int?, as call: CollectiveCall
  ) throws {
    if call.operation == .sumOfIntegers {
      var element = Int64(excess ?? -1)
      try withUnsafeMutableBytes(of: &element) { try broadcast(bytes: $0, root: 0, as: call) }
      excess = element < 0 ? nil : Int(element)
      guard excess == nil else { return }
    }
    try broadcast(bytes: UnsafeMutableRawBufferPointer(piece), root: 0, as: call)
  }
}
