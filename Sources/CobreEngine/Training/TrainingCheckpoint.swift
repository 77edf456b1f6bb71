/// What training needs besides its cuts to continue with the same bits: the warm start of every unit of work.
///
/// It does not depend on the number of ranks, so a run may continue with another number. This file owns the byte
/// layout: a version, iteration and sizes as 64-bit integers, then each warm start as four counts (32 bits) and its
/// arrays, then since version 2 the number of lists (`CheckpointSections.lists`) and each as the counts of its UTF-8
/// name and values (64 bits) and both; all little-endian. Since version 3 the length of the values in bytes precedes
/// the name (64 bits): eight bytes per value, or less if they are integers and packed (`PackedIntegers`).
package struct TrainingCheckpoint: Sendable, Equatable {
  private static let version: Int64 = 3

  /// Iterations completed.
  package var iteration: Int
  /// Steps of the walk through the stages.
  package var stages: Int
  package var forwardPasses: Int
  /// `[step * forwardPasses + trajectory]`.
  package var starts: [WarmStart]
  /// By opening of the first stage.
  package var boundStarts: [WarmStart]
  /// The saved state of stopping rules, cut selection and similar parts.
  package var sections: CheckpointSections

  package init(
    iteration: Int, stages: Int, forwardPasses: Int, starts: [WarmStart], boundStarts: [WarmStart],
    sections: CheckpointSections = CheckpointSections()
  ) {
    self.iteration = iteration
    self.stages = stages
    self.forwardPasses = forwardPasses
    self.starts = starts
    self.boundStarts = boundStarts
    self.sections = sections
  }

  /// By step, where the first trajectory that has made it starts from, for a simulation; cold where none has.
  package var firstStarts: [WarmStart] {
    (0..<stages).map { step in
      let own = (step * forwardPasses)..<((step + 1) * forwardPasses)
      guard own.upperBound <= starts.count else { return WarmStart() }
      return starts[own].first { !$0.status.isEmpty } ?? WarmStart()
    }
  }

  /// The bytes of the whole.
  package func encoded() -> [UInt8] {
    var parts = CheckpointWriter()
    for start in starts { parts.append(start) }
    for start in boundStarts { parts.append(start) }
    return Self.encoded(
      iteration: iteration, stages: stages, forwardPasses: forwardPasses, openings: boundStarts.count,
      sections: sections, byteCount: parts.bytes.count
    ) { $0.append(parts.bytes[...]) }
  }

  /// The bytes of a checkpoint whose warm starts are already encoded.
  ///
  /// - Parameters:
  ///   - iteration: iterations completed.
  ///   - stages: steps of the walk through the stages.
  ///   - forwardPasses: trajectories.
  ///   - openings: number of starts for the lower bound.
  ///   - sections: as the property.
  ///   - byteCount: bytes that `writeStarts` will append.
  ///   - writeStarts: appends all warm starts in their order.
  /// - Returns: what `init(decoding:)` reads.
  static func encoded(
    iteration: Int, stages: Int, forwardPasses: Int, openings: Int, sections: CheckpointSections,
    byteCount: Int, writeStarts: (inout CheckpointWriter) -> Void
  ) -> [UInt8] {
    var writer = CheckpointWriter()
    let lists = sections.lists.sorted { $0.key < $1.key }
    writer.reserve(lists.reduce(byteCount + 64) { $0 + $1.key.utf8.count + $1.value.expectedByteCount + 24 })
    for number in [Self.version, Int64(iteration), Int64(stages), Int64(forwardPasses), Int64(openings)] {
      writer.append(number)
    }
    writeStarts(&writer)
    writer.append(Int64(lists.count))
    for (name, list) in lists {
      switch list {
      case .numbers(let values): writer.append(name, values)
      case .integers(let values): writer.append(name, values)
      }
    }
    return writer.bytes
  }

  /// Reads what `encoded` wrote.
  ///
  /// `nil` for anything else, such as bytes of another version.
  package init?(decoding bytes: [UInt8]) {
    var reader = CheckpointReader(bytes)
    guard let version = reader.integer(), (1...Self.version).contains(version),
      let iteration = reader.integer(), let stages = reader.integer(),
      let passes = reader.integer(), let openings = reader.integer(), iteration >= 0,
      // Every warm start takes 16 bytes at least, so sizes beyond that are nonsense and not worth the memory.
      (0...Int64(bytes.count)).contains(stages), (0...Int64(bytes.count)).contains(passes),
      (0...Int64(bytes.count)).contains(openings)
    else { return nil }
    let units = stages.multipliedReportingOverflow(by: passes)
    guard !units.overflow, units.partialValue <= Int64(bytes.count) / 16 else { return nil }
    self.init(
      iteration: Int(iteration), stages: Int(stages), forwardPasses: Int(passes), starts: [], boundStarts: [])
    for _ in 0..<units.partialValue {
      guard let start = reader.start() else { return nil }
      starts.append(start)
    }
    for _ in 0..<openings {
      guard let start = reader.start() else { return nil }
      boundStarts.append(start)
    }
    var lists: [String: [Double]] = [:]
    if version >= 2 {
      guard let count = reader.integer(), (0...Int64(bytes.count)).contains(count) else { return nil }
      for _ in 0..<count {
        guard let list = version == 2 ? reader.plainList() : reader.list() else { return nil }
        lists[list.name] = list.values
      }
    }
    sections = CheckpointSections(lists)
    guard reader.isAtEnd else { return nil }
  }
}

extension CheckpointSections.List {
  /// Bytes to make room for.
  ///
  /// Whole numbers are packed and take about two each.
  fileprivate var expectedByteCount: Int {
    switch self {
    case .numbers(let values): 8 * values.count
    case .integers(let values): 2 * values.count
    }
  }
}

/// Appends numbers to bytes.
struct CheckpointWriter {
  private(set) var bytes: [UInt8] = []

  mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  mutating func append(_ part: ArraySlice<UInt8>) { bytes.append(contentsOf: part) }

  mutating func append(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ name: String, _ values: [Double]) {
    // Numbers that come back bit for bit.
    let integers = values.lazy.compactMap { value in
      Int64(exactly: value).flatMap { value.sign == .plus || $0 != 0 ? $0 : nil }
    }
    if !values.isEmpty, values.allSatisfy({ abs($0) < 0x1p53 }), integers.count == values.count {
      return append(name, Array(integers))
    }
    append(name, count: values.count, byteCount: 8 * values.count)
    LittleEndianBytes.append(values, to: &bytes)
  }

  mutating func append(_ name: String, _ values: [Int64]) {
    let packed = PackedIntegers.pack(values)
    // The length shows which of the two encodings was used.
    guard packed.count < 8 * values.count else {
      append(name, count: values.count, byteCount: 8 * values.count)
      return LittleEndianBytes.append(values.map { Double($0) }, to: &bytes)
    }
    append(name, count: values.count, byteCount: packed.count)
    bytes.append(contentsOf: packed)
  }

  private mutating func append(_ name: String, count: Int, byteCount: Int) {
    append(Int64(name.utf8.count))
    append(Int64(count))
    append(Int64(byteCount))
    bytes.append(contentsOf: name.utf8)
  }

  mutating func append(_ start: WarmStart) {
    for count in [start.status.count, start.cuts.count, start.cutStatus.count, start.release.count] {
      append(UInt32(truncatingIfNeeded: count))
    }
    bytes.append(contentsOf: start.status)
    LittleEndianBytes.append(start.cuts, to: &bytes)
    bytes.append(contentsOf: start.cutStatus)
    LittleEndianBytes.append(start.release, to: &bytes)
  }
}

/// Takes numbers from bytes, `nil` if there are too few.
struct CheckpointReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  mutating func integer() -> Int64? { take(Int64.self) }

  /// The bytes of the next warm start, which is passed over.
  mutating func startBytes() -> ArraySlice<UInt8>? {
    let begin = position
    guard let counts = startCounts() else { return nil }
    position += counts.length
    return bytes[begin..<position]
  }

  private typealias StartCounts = (status: UInt32, cuts: UInt32, cutStatus: UInt32, release: UInt32, length: Int)

  /// Sizes of the next warm start, if its arrays follow completely.
  private mutating func startCounts() -> StartCounts? {
    guard let status = take(UInt32.self), let cuts = take(UInt32.self), let cutStatus = take(UInt32.self),
      let release = take(UInt32.self)
    else { return nil }
    let length = Int(status) + 4 * Int(cuts) + Int(cutStatus) + 8 * Int(release)
    return length <= bytes.count - position ? (status, cuts, cutStatus, release, length) : nil
  }

  mutating func start() -> WarmStart? {
    guard let (status, cuts, cutStatus, release, _) = startCounts() else { return nil }
    var start = WarmStart()
    start.status = Array(bytes[position..<(position + Int(status))])
    position += Int(status)
    start.cuts = (0..<Int(cuts)).compactMap { _ in take(Int32.self) }
    start.cutStatus = Array(bytes[position..<(position + Int(cutStatus))])
    position += Int(cutStatus)
    start.release = (0..<Int(release)).compactMap { _ in take(UInt64.self).map { Double(bitPattern: $0) } }
    return start
  }

  mutating func list() -> (name: String, values: [Double])? {
    guard let length = integer(), let count = integer(), let byteCount = integer(), length >= 0, count >= 0,
      byteCount >= 0, length <= Int64(bytes.count - position), byteCount <= Int64(bytes.count - position) - length
    else { return nil }
    let name = self.name(length)
    if byteCount % 8 == 0, byteCount / 8 == count { return (name, numbers(count)) }
    let end = position + Int(byteCount)
    guard count <= byteCount, let values = PackedIntegers.unpack(bytes[position..<end], count: Int(count)) else {
      return nil
    }
    position = end
    return (name, values.map { Double($0) })
  }

  /// A list of version 2.
  mutating func plainList() -> (name: String, values: [Double])? {
    guard let length = integer(), let count = integer(), length >= 0, count >= 0,
      length <= Int64(bytes.count - position), count <= (Int64(bytes.count - position) - length) / 8
    else { return nil }
    return (name(length), numbers(count))
  }

  // Both as long as the caller has seen that there is room for.
  private mutating func name(_ length: Int64) -> String {
    defer { position += Int(length) }
    return String(decoding: bytes[position..<(position + Int(length))], as: UTF8.self)
  }

  private mutating func numbers(_ count: Int64) -> [Double] {
    (0..<Int(count)).compactMap { _ in take(UInt64.self).map { Double(bitPattern: $0) } }
  }

  private mutating func take<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
    let size = MemoryLayout<Number>.size
    guard bytes.count - position >= size else { return nil }
    defer { position += size }
    return bytes.withUnsafeBytes {
      Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self))
    }
  }
}
