internal import CobreEngine
internal import CobreHeader
internal import CobreRuns
internal import Glibc

/// Exports a table through the Arrow C stream interface.
///
/// What is exported owns its memory: an array lives until its consumer releases it, whatever happens to the stream.
final class ArrowStream {
  private let pieces: [[ResultColumn]]
  private var next = 0

  private init(_ table: ResultColumns) { pieces = table.pieces }

  /// Fills a stream that the consumer releases.
  static func export(_ table: ResultColumns, to target: UnsafeMutablePointer<ArrowArrayStream>) {
    var stream = ArrowArrayStream()
    stream.private_data = Unmanaged.passRetained(ArrowStream(table)).toOpaque()
    stream.get_schema = { stream, schema in
      guard let source = ArrowStream.source(stream), let schema else { return EINVAL }
      ArrowSchemaParts.export(source.pieces[0], to: schema)
      return 0
    }
    stream.get_next = { stream, array in
      guard let source = ArrowStream.source(stream), let array else { return EINVAL }
      array.pointee = ArrowArray()
      guard source.next < source.pieces.count else { return 0 }
      ArrowArrayParts.export(source.pieces[source.next], to: array)
      source.next += 1
      return 0
    }
    // Everything was read before the stream was made, so nothing can fail any more.
    stream.get_last_error = { _ in nil }
    stream.release = { stream in
      guard let stream, let data = stream.pointee.private_data else { return }
      Unmanaged<ArrowStream>.fromOpaque(data).release()
      stream.pointee.private_data = nil
      stream.pointee.release = nil
    }
    target.pointee = stream
  }

  private static func source(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> ArrowStream? {
    stream?.pointee.private_data.map { Unmanaged<ArrowStream>.fromOpaque($0).takeUnretainedValue() }
  }
}

extension ResultColumn.Values {
  /// The type in the notation of the interface.
  var arrowFormat: String {
    switch self {
    case .int32: "i"
    case .int64: "l"
    case .double: "g"
    case .bool: "b"
    case .text: "U"
    }
  }
}

/// The memory of a schema: a struct whose children are the columns.
private enum ArrowSchemaParts {
  static func export(_ columns: [ResultColumn], to target: UnsafeMutablePointer<ArrowSchema>) {
    let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>.allocate(capacity: max(1, columns.count))
    for (index, column) in columns.enumerated() {
      let child = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
      child.initialize(to: make(format: column.values.arrowFormat, name: column.name, flags: nullable))
      (children + index).initialize(to: child)
    }
    target.pointee = make(format: "+s", name: "", flags: 0)
    target.pointee.n_children = Int64(columns.count)
    target.pointee.children = children
  }

  /// ARROW_FLAG_NULLABLE.
  ///
  /// Pieces of one table may differ in whether values are missing.
  private static let nullable: Int64 = 2

  private static func make(format: String, name: String, flags: Int64) -> ArrowSchema {
    var schema = ArrowSchema()
    schema.format = UnsafePointer(strdup(format))
    schema.name = UnsafePointer(strdup(name))
    schema.flags = flags
    schema.release = { schema in
      guard let schema, schema.pointee.release != nil else { return }
      for index in 0..<Int(schema.pointee.n_children) {
        guard let child = schema.pointee.children?[index] else { continue }
        child.pointee.release?(child)
        child.deallocate()
      }
      schema.pointee.children?.deallocate()
      free(UnsafeMutableRawPointer(mutating: schema.pointee.format))
      free(UnsafeMutableRawPointer(mutating: schema.pointee.name))
      schema.pointee.release = nil
    }
    return schema
  }
}

/// The memory of an array: a struct whose children are the columns.
private enum ArrowArrayParts {
  static func export(_ columns: [ResultColumn], to target: UnsafeMutablePointer<ArrowArray>) {
    let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>.allocate(capacity: max(1, columns.count))
    for (index, column) in columns.enumerated() {
      let child = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
      child.initialize(to: make(column))
      (children + index).initialize(to: child)
    }
    target.pointee = make(length: columns.first?.values.count ?? 0, nulls: 0, buffers: [nil])
    target.pointee.n_children = Int64(columns.count)
    target.pointee.children = children
  }

  private static func make(_ column: ResultColumn) -> ArrowArray {
    let validity = column.validity.flatMap { bits($0) }
    let nulls = column.validity.map { $0.count { !$0 } } ?? 0
    var buffers: [UnsafeRawPointer?] = [validity]
    switch column.values {
    case .int32(let values): buffers.append(copy(values))
    case .int64(let values): buffers.append(copy(values))
    case .double(let values): buffers.append(copy(values))
    case .bool(let values): buffers.append(bits(values))
    case .text(let values):
      var offsets: [Int64] = [0]
      var bytes: [UInt8] = []
      offsets.reserveCapacity(values.count + 1)
      for value in values {
        bytes.append(contentsOf: value.utf8)
        offsets.append(Int64(bytes.count))
      }
      buffers += [copy(offsets), copy(bytes)]
    }
    return make(length: column.values.count, nulls: nulls, buffers: buffers)
  }

  private static func make(length: Int, nulls: Int, buffers: [UnsafeRawPointer?]) -> ArrowArray {
    let pointers = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: buffers.count)
    pointers.initialize(from: buffers, count: buffers.count)
    var array = ArrowArray()
    array.length = Int64(length)
    array.null_count = Int64(nulls)
    array.n_buffers = Int64(buffers.count)
    array.buffers = pointers
    array.release = { array in
      guard let array, array.pointee.release != nil else { return }
      for index in 0..<Int(array.pointee.n_buffers) {
        free(UnsafeMutableRawPointer(mutating: array.pointee.buffers?[index]))
      }
      array.pointee.buffers?.deallocate()
      for index in 0..<Int(array.pointee.n_children) {
        guard let child = array.pointee.children?[index] else { continue }
        // A consumer may have taken a child for itself.
        child.pointee.release?(child)
        child.deallocate()
      }
      array.pointee.children?.deallocate()
      array.pointee.release = nil
    }
    return array
  }

  /// Memory of the size that the interface advises, never empty.
  private static func memory(_ bytes: Int) -> UnsafeMutableRawPointer? {
    var pointer: UnsafeMutableRawPointer?
    let padded = max(64, (bytes + 63) / 64 * 64)
    return posix_memalign(&pointer, 64, padded) == 0 ? pointer : nil
  }

  private static func copy<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafeRawPointer? {
    let target = memory(values.count * MemoryLayout<Value>.stride)
    values.withUnsafeBytes { bytes in
      if let target, let base = bytes.baseAddress { memcpy(target, base, bytes.count) }
    }
    return target.map { UnsafeRawPointer($0) }
  }

  private static func bits(_ values: [Bool]) -> UnsafeRawPointer? {
    var bytes = [UInt8](repeating: 0, count: (values.count + 7) / 8)
    for (index, value) in values.enumerated() where value { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return copy(bytes)
  }
}
