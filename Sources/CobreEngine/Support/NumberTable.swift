/// Numbers that do not change any more, in memory of their own or in memory that somebody else keeps.
///
/// Copies of the value share the memory.
package struct NumberTable: Sendable {
  // Nobody writes after `init`, which makes it sound to read from several threads.
  private final class Storage: @unchecked Sendable {
    let base: UnsafePointer<Double>
    /// What keeps the memory; nil where it is freed with this object.
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

  /// Takes numbers where they are.
  ///
  /// - Parameters:
  ///   - base: the first of them; nobody writes there any more.
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
