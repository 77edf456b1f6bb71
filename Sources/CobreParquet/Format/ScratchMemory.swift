internal import CobreCodecShim

/// Memory that is reused from page to page, with `ByteCursor.slack` readable bytes behind what was asked for.
final class ScratchMemory {
  private(set) var base: UnsafeMutableRawPointer
  private var capacity: Int

  init() {
    capacity = 4096
    base = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { base.deallocate() }

  /// Makes room for `count` bytes.
  ///
  /// What was there is lost.
  func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if count + ByteCursor.slack > capacity {
      base.deallocate()
      capacity = max(count + ByteCursor.slack, 2 * capacity)
      base = .allocate(byteCount: capacity, alignment: 64)
    }
    return base
  }

  func reserve<Value>(_ count: Int, of type: Value.Type) -> UnsafeMutablePointer<Value> {
    reserve(count * MemoryLayout<Value>.stride).assumingMemoryBound(to: type)
  }
}

/// Undoes the compression of pages.
///
/// A context of zstd lives as long as this.
final class Decompressor {
  private var zstd: OpaquePointer?

  deinit { cobre_zstd_destroy(zstd) }

  /// Fills `output` completely or throws.
  func decompress(
    _ input: UnsafeRawBufferPointer, codec: ParquetCodec, into output: UnsafeMutableRawBufferPointer
  ) throws(ParquetError) {
    let written: Int64
    switch codec {
    case .zstd:
      if zstd == nil { zstd = cobre_zstd_create() }
      guard let zstd else { throw ParquetError(.limit, "there is no memory for decompression.") }
      written = cobre_zstd_decompress(zstd, input.baseAddress, input.count, output.baseAddress, output.count)
    case .snappy: written = cobre_snappy_decompress(input.baseAddress, input.count, output.baseAddress, output.count)
    case .gzip: written = cobre_gzip_decompress(input.baseAddress, input.count, output.baseAddress, output.count)
    case .lz4Raw: written = cobre_lz4_decompress(input.baseAddress, input.count, output.baseAddress, output.count)
    case .uncompressed, .lzo, .brotli, .lz4:
      throw ParquetError(
        .unsupported, "the codec \(codec.name) is not read; ZSTD, SNAPPY, GZIP, LZ4_RAW and UNCOMPRESSED are.")
    }
    guard written == Int64(output.count) else {
      throw ParquetError(
        .damaged, "\(codec.name) data do not decompress to the \(output.count) bytes that the page declares.")
    }
  }

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 { cobre_crc32(bytes.baseAddress, bytes.count) }
}

enum Compressor {
  static func zstd(_ bytes: [UInt8], level: Int) throws(ParquetError) -> [UInt8] {
    let bound = cobre_zstd_bound(bytes.count)
    var written: Int64 = -1
    let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      bytes.withUnsafeBytes {
        written = cobre_zstd_compress(Int32(clamping: level), $0.baseAddress, $0.count, buffer.baseAddress, bound)
      }
      count = max(0, Int(written))
    }
    guard written >= 0 else { throw ParquetError(.limit, "there is no memory for compression.") }
    return packed
  }
}
