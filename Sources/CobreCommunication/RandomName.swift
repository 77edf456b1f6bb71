internal import CobrePlatformShim

/// Names and tokens that cannot be guessed.
enum RandomName {
  /// Hexadecimal digits of `bytes` random bytes.
  static func hexadecimal(bytes: Int) throws -> String {
    var random = [UInt8](repeating: 0, count: bytes)
    let status = random.withUnsafeMutableBytes { cobre_random_bytes($0.baseAddress, $0.count) }
    guard status == 0 else {
      throw CommunicationError(.system, .connect, "No random bytes can be had: \(SystemError.text(status)).")
    }
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: random.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
