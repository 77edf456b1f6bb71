internal import CobrePlatformShim

/// How a rank's own contribution gets to its part of the receive buffer.
extension UnsafeMutableRawBufferPointer {
  /// Copies a rank's contribution to its part of the buffer, where it may be already.
  @inline(__always)
  package func copyContribution(_ source: UnsafeRawBufferPointer, at offset: Int) {
    guard source.count > 0, let from = source.baseAddress, let to = baseAddress else { return }
    let target = to + offset
    if UnsafeRawPointer(target) != from { target.copyMemory(from: from, byteCount: source.count) }
  }

  /// The same past the caches, for contributions larger than they are.
  func streamContribution(_ source: UnsafeRawBufferPointer, at offset: Int) {
    guard source.count > 0, let from = source.baseAddress, let to = baseAddress, !overlaps(source) else {
      return copyContribution(source, at: offset)
    }
    cobre_copy_streaming(to + offset, from, source.count)
  }

  /// True if a byte of `other` is one of these.
  func overlaps(_ other: UnsafeRawBufferPointer) -> Bool {
    guard let start = baseAddress, let from = other.baseAddress else { return false }
    return UnsafeRawPointer(start) < from + other.count && from < UnsafeRawPointer(start + count)
  }
}
