/// Exact conversion of decimal text to numbers, straight from bytes and independent of the locale.
package enum DecimalScanner {
  /// What a piece of text turned out to be.
  package enum Number: Sendable, Equatable {
    /// Written without fraction and exponent, and fits 64 bits signed.
    case int(Int64)
    /// Nearest double.
    ///
    /// Infinite if the text overflows. Integers beyond 64 bits end here too.
    case double(Double)
  }

  /// Reads `[-+]digits[.digits][e[-+]digits]` that fills the range exactly.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - range: where the number is in it. Must be within the array.
  ///   - strictJSON: no leading `+`, no leading zeros, digits on both sides of the point.
  /// - Returns: nil if the text is not a number of that form.
  package static func number(_ bytes: [UInt8], _ range: Range<Int>, strictJSON: Bool = false) -> Number? {
    var position = range.lowerBound
    let end = range.upperBound
    guard position < end else { return nil }
    var isNegative = false
    if bytes[position] == UInt8(ascii: "-") || (bytes[position] == UInt8(ascii: "+") && !strictJSON) {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }
    var mantissa: UInt64 = 0
    var exponent = 0
    var significant = 0
    var isInexact = false
    let integerStart = position
    while position < end, let digit = digit(bytes[position]) {
      if significant < 19 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if mantissa > 0 { significant += 1 }
      } else {
        exponent += 1
        isInexact = true
      }
      position += 1
    }
    let integerDigits = position - integerStart
    if strictJSON, integerDigits == 0 || (integerDigits > 1 && bytes[integerStart] == UInt8(ascii: "0")) { return nil }
    var fractionDigits = 0
    var isInteger = true
    if position < end, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      let start = position
      while position < end, let digit = digit(bytes[position]) {
        if significant < 19 {
          mantissa = mantissa &* 10 &+ UInt64(digit)
          if mantissa > 0 { significant += 1 }
          exponent -= 1
        } else {
          isInexact = true
        }
        position += 1
      }
      fractionDigits = position - start
      if strictJSON, fractionDigits == 0 { return nil }
    }
    guard integerDigits + fractionDigits > 0 else { return nil }
    if position < end, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      var exponentIsNegative = false
      if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
        exponentIsNegative = bytes[position] == UInt8(ascii: "-")
        position += 1
      }
      let start = position
      var written = 0
      while position < end, let digit = digit(bytes[position]) {
        // Far beyond any double. The slow path reads the text itself.
        if written < 1_000_000 { written = written * 10 + Int(digit) }
        position += 1
      }
      guard position > start else { return nil }
      exponent += exponentIsNegative ? -written : written
    }
    guard position == end else { return nil }
    if isInteger, !isInexact {
      if isNegative, mantissa <= UInt64(Int64.max) + 1 { return .int(Int64(truncatingIfNeeded: 0 &- mantissa)) }
      if !isNegative, mantissa <= UInt64(Int64.max) { return .int(Int64(mantissa)) }
    }
    return .double(
      double(
        mantissa: mantissa, exponent: exponent, isNegative: isNegative, isInexact: isInexact, bytes: bytes, range: range
      ))
  }

  /// Mantissas below 2^53 and powers of ten up to 10^22 are exact doubles, so one operation rounds once (Clinger,
  /// 1990).
  private static func double(
    mantissa: UInt64, exponent: Int, isNegative: Bool, isInexact: Bool, bytes: [UInt8], range: Range<Int>
  ) -> Double {
    if !isInexact, mantissa <= 1 << 53, (-22...22).contains(exponent) {
      let magnitude =
        exponent >= 0 ? Double(mantissa) * powersOfTen[exponent] : Double(mantissa) / powersOfTen[-exponent]
      return isNegative ? -magnitude : magnitude
    }
    return slowDouble(bytes, range)
  }

  private static func slowDouble(_ bytes: [UInt8], _ range: Range<Int>) -> Double {
    // The grammar has been checked, so the standard library cannot fail on it. It rounds correctly and ignores locales.
    Double(String(decoding: bytes[range], as: UTF8.self)) ?? .nan
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    let value = byte &- UInt8(ascii: "0")
    return value < 10 ? value : nil
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
  ]
}
