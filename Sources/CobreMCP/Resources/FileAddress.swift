/// Addresses of files that a tool has written.
///
/// This server does not serve them, the host can.
package enum FileAddress {
  /// The absolute path as an address by the scheme `file`, all but unreserved characters as percent codes (RFC 3986).
  package static func uri(_ path: String) -> String {
    "file://"
      + path.utf8.map { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "~"), UInt8(ascii: "/"):
          return String(UnicodeScalar(byte))
        default:
          let hex = String(byte, radix: 16, uppercase: true)
          return "%" + (hex.count < 2 ? "0" : "") + hex
        }
      }.joined()
  }
}
