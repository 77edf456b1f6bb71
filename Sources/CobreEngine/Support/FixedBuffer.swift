/// Memory at a fixed address for trivial elements, freed with its owner.
///
/// Hot loops and C libraries read and write through `base`. Growth keeps the contents and moves the address.
package struct FixedBuffer<Element: BitwiseCopyable>: ~Copyable {
  package private(set) var base: UnsafeMutablePointer<Element>
  package private(set) var capacity: Int

  package init(capacity: Int, filledWith value: Element) {
    self.capacity = max(1, capacity)
    base = .allocate(capacity: self.capacity)
    base.initialize(repeating: value, count: self.capacity)
  }

  package init(copying values: [Element], capacity: Int, filledWith value: Element) {
    self.init(capacity: max(capacity, values.count), filledWith: value)
    for (index, value) in values.enumerated() { base[index] = value }
  }

  deinit { base.deallocate() }

  /// Makes room for `count` elements, at least doubling.
  ///
  /// New ones hold `value`.
  package mutating func reserve(_ count: Int, filledWith value: Element) {
    guard count > capacity else { return }
    let grown = max(count, capacity * 2)
    let moved = UnsafeMutablePointer<Element>.allocate(capacity: grown)
    moved.update(from: base, count: capacity)
    (moved + capacity).initialize(repeating: value, count: grown - capacity)
    base.deallocate()
    base = moved
    capacity = grown
  }

  package subscript(index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }
}
