import CobreBase
import CobreCase
import CobreEngine
import Testing

@Suite("Decimal text") struct DecimalScannerTests {
  private func scan(_ text: String, strict: Bool = false) -> DecimalScanner.Number? {
    let bytes = Array(text.utf8)
    return DecimalScanner.number(bytes, 0..<bytes.count, strictJSON: strict)
  }

  @Test(arguments: [
    "0.1", "1e22", "1e23", "9007199254740993.0", "123456789012345678901234567890.5", "2.2250738585072011e-308",
    "4.9406564584124654e-324", "1.7976931348623157e308", "0.30000000000000004", "100000000000000000000000.0",
    "8.98846567431158e307", "0.000000000000000000000000000001", "-0.0", "1e-5", "3.14159265358979323846264338327950288",
  ])
  func roundsLikeTheStandardLibrary(_ text: String) throws {
    #expect(scan(text) == .double(try #require(Double(text))))
  }

  @Test func agreesWithTheStandardLibraryOnRandomText() throws {
    var generator = SplitMix(state: 3)
    for _ in 0..<20_000 {
      let digits = (0..<(1 + generator.below(22))).map { _ in String(generator.below(10)) }.joined()
      let text = "\(generator.below(2) == 0 ? "-" : "")\(digits).\(generator.below(1000))e\(generator.below(80) - 40)"
      #expect(scan(text) == .double(try #require(Double(text))), "\(text)")
    }
  }

  @Test(arguments: ["", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "0x10", "1_000", " 1", "1 ", "nan", "inf"])
  func refuses(_ text: String) {
    #expect(scan(text) == nil)
  }

  @Test func tellsIntegersFromDoubles() {
    #expect(scan("-9223372036854775808") == .int(.min))
    #expect(scan("9223372036854775807") == .int(.max))
    #expect(scan("9223372036854775808") == .double(0x1p63))
    #expect(scan("18446744073709551616") == .double(0x1p64))
    #expect(scan("+7") == .int(7))
    #expect(scan("007") == .int(7))
    #expect(scan("007", strict: true) == nil)
    #expect(scan("1e400") == .double(.infinity))
    #expect(scan("-1e99999999999999999999") == .double(-.infinity))
    #expect(scan("1e-99999999999999999999") == .double(0))
  }
}
