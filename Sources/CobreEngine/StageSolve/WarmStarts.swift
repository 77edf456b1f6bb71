/// The warm starts of many units, each read and written by the thread that computes its unit.
final class WarmStarts {
  let count: Int
  private let base: UnsafeMutablePointer<WarmStart>

  /// Cold starts.
  init(count: Int) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: WarmStart(), count: count)
  }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  /// The start of a unit, 0 ..< `count`.
  ///
  /// Valid as long as this object.
  func place(_ unit: Int) -> UnsafeMutablePointer<WarmStart> { base + unit }

  var all: UnsafeBufferPointer<WarmStart> { UnsafeBufferPointer(start: base, count: count) }

  /// Makes every unit start cold.
  func forget() { for unit in 0..<count { base[unit] = WarmStart() } }
}
