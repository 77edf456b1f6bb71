/// Which columns of each supply stack are in the LP: a window around the price.
///
/// Columns below the window are at their upper bound, columns above it at their lower bound. After a solve the price of
/// each balance shows whether that was right. If not, the window grows and the LP is solved again, so the optimum is
/// the optimum of the full LP.
struct StackWindows: ~Copyable {
  /// Columns kept on each side of the columns that a basis leaves undecided: measured.
  static var margin: Int { 3 }

  private let stacks: [StageLPTemplate.SupplyStack]
  private let lower: [Double]
  private let upper: [Double]
  private let costs: [Double]
  private let first: FixedBuffer<Int>
  private let last: FixedBuffer<Int>

  init(template: StageLPTemplate) {
    stacks = template.stacks
    lower = template.model.columnLower
    upper = template.model.columnUpper
    costs = template.model.objective
    first = FixedBuffer(capacity: stacks.count, filledWith: 0)
    last = FixedBuffer(capacity: stacks.count, filledWith: 0)
  }

  var count: Int { stacks.count }
  func row(_ stack: Int) -> Int { stacks[stack].row }
  /// Template columns of the stack in the program.
  func window(_ stack: Int) -> Range<Int> { first[stack]..<last[stack] }

  /// Opens all windows fully.
  func openAll() {
    for (index, stack) in stacks.enumerated() {
      first[index] = stack.columns.lowerBound
      last[index] = stack.columns.upperBound
    }
  }

  /// Centres the windows on the columns that a basis does not leave at the bound their side of the stack implies.
  ///
  /// - Parameters:
  ///   - status: by template column.
  ///   - atUpper: the solver's status at the upper bound.
  ///   - atLower: the solver's status at the lower bound.
  ///   - fixed: the solver's status for equal bounds.
  func centre(status: UnsafePointer<UInt8>, atUpper: UInt8, atLower: UInt8, fixed: UInt8) {
    for (index, stack) in stacks.enumerated() {
      var low = stack.columns.lowerBound
      while low < stack.columns.upperBound, status[low] == atUpper || status[low] == fixed { low += 1 }
      var high = stack.columns.upperBound
      while high > low, status[high - 1] == atLower || status[high - 1] == fixed { high -= 1 }
      first[index] = max(stack.columns.lowerBound, low - Self.margin)
      last[index] = min(stack.columns.upperBound, high + Self.margin)
    }
  }

  /// Grows the windows that a price has left, and returns true if one grew.
  func grow(prices duals: UnsafePointer<Double>) -> Bool {
    let tolerance = 1e-9
    var grew = false
    for (index, stack) in stacks.enumerated() {
      let price = duals[stack.row]
      if first[index] > stack.columns.lowerBound, costs[first[index] - 1] > price + tolerance {
        var low = first[index]
        while low > stack.columns.lowerBound, costs[low - 1] > price + tolerance { low -= 1 }
        first[index] = max(stack.columns.lowerBound, low - Self.margin)
        grew = true
      }
      if last[index] < stack.columns.upperBound, costs[last[index]] < price - tolerance {
        var high = last[index]
        while high < stack.columns.upperBound, costs[high] < price - tolerance { high += 1 }
        last[index] = min(stack.columns.upperBound, high + Self.margin)
        grew = true
      }
    }
    return grew
  }

  /// What the columns outside the window feed into the balance.
  func impliedSupply(_ stack: Int) -> Double {
    var sum = 0.0
    for column in stacks[stack].columns.lowerBound..<first[stack] { sum += upper[column] }
    for column in last[stack]..<stacks[stack].columns.upperBound { sum += lower[column] }
    return sum
  }
}
