internal import CobrePlatformShim

/// Text of an errno value.
package enum SystemError {
  package static func text(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress else { return "error \(code)" }
      cobre_error_text(code, base, buffer.count)
      return "\(String(cString: base)) (error \(code))"
    }
  }
}
