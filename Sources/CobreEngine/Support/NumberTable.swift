/// Immutable numbers, in their own memory or in memory that another object owns.
///
/// Copies of the value share the memory.
package struct NumberTable: Sendable {
  // Nothing is written after `init`, so several threads may read safely.
  private final class Storage: @unchecked Sendable {
    let base: UnsafePointer<Double>
    /// What keeps the memory, or nil if it is freed with this object.
    let owner: AnyObject?

    init(base: UnsafePointer<Double>, owner: AnyObject?) {
      self.base = base
      self.owner = owner
    }

    deinit { if owner == nil { base.deallocate() } }
  }

  private let storage: Storage
  package let count: Int

  /// Copies numbers into memory of their own.
  package init(_ values: some Collection<Double>) {
    let base = UnsafeMutablePointer<Double>.allocate(capacity: Swift.max(1, values.count))
    var next = base
    for value in values {
      next.initialize(to: value)
      next += 1
    }
    storage = Storage(base: base, owner: nil)
    count = values.count
  }

  /// Uses numbers where they are, without a copy.
  ///
  /// - Parameters:
  ///   - base: the first of them. They must not change any more.
  ///   - count: how many there are.
  ///   - owner: keeps the memory as long as it lives.
  package init(base: UnsafePointer<Double>, count: Int, owner: AnyObject) {
    storage = Storage(base: base, owner: owner)
    self.count = count
  }
}

extension NumberTable: RandomAccessCollection, ExpressibleByArrayLiteral, Equatable {
  package var startIndex: Int { 0 }
  package var endIndex: Int { count }

  package subscript(index: Int) -> Double {
    precondition(index >= 0 && index < count, "index out of range")
    return storage.base[index]
  }

  package init(arrayLiteral elements: Double...) { self.init(elements) }

  package static func == (left: NumberTable, right: NumberTable) -> Bool { left.elementsEqual(right) }
}
