internal import Foundation

/// The end of a log in a form that can be handed to anybody: valid text, no control characters, bounded.
package enum LogTail {
  private static let byteLimit = 65536
  private static let lineLimit = 400

  /// The last lines of a file, or none if it cannot be read.
  package static func read(_ path: String, lines: Int) -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end > 0 else { return [] }
    let start = max(0, end - off_t(byteLimit))
    var bytes = [UInt8](repeating: 0, count: Int(end - start))
    let count = pread(descriptor, &bytes, bytes.count, start)
    guard count > 0 else { return [] }
    var tail = bytes[0..<count]
    if start > 0, let newline = tail.firstIndex(of: UInt8(ascii: "\n")) { tail = tail[(newline + 1)...] }
    return tail.split(separator: UInt8(ascii: "\n")).map { sanitized($0) }.filter { !$0.isEmpty }.suffix(lines)
  }

  /// One line as valid text: escape sequences and control characters are left out, and it is shortened if it is too
  /// long.
  package static func sanitized(_ bytes: some Sequence<UInt8>) -> String {
    var kept = String.UnicodeScalarView()
    var escape = Escape.none
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
      switch escape {
      case .begun:
        // CSI and OSC sequences go on. Every other escape is two characters long.
        escape = scalar == "[" ? .control : scalar == "]" ? .command : .none
        continue
      case .control:
        if (0x40...0x7e).contains(scalar.value) { escape = .none }
        continue
      case .command:
        if scalar.value == 7 || scalar == "\\" { escape = .none }
        continue
      case .none:
        if scalar.value == 0x1b {
          escape = .begun
        } else if scalar == "\t" {
          kept.append(" ")
        } else if !isControl(scalar) {
          kept.append(scalar)
        }
      }
      if kept.count >= lineLimit { return String(kept) + "…" }
    }
    return String(kept)
  }

  private enum Escape {
    case none
    case begun
    case control
    case command
  }

  /// Characters that are not text: controls, and marks that reorder the displayed text.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
