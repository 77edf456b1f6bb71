extension JSONValue {
  /// How a value is written.
  package struct WritingOptions: Sendable {
    /// Members by key instead of written order, for text that is compared or hashed.
    package var sortedKeys = false
    /// Two blanks per level and a line per member.
    ///
    /// Else no blanks at all.
    package var isIndented = false

    package init(sortedKeys: Bool = false, isIndented: Bool = false) {
      self.sortedKeys = sortedKeys
      self.isIndented = isIndented
    }
  }

  /// The value as UTF-8 JSON.
  ///
  /// Doubles are written in the shortest form that reads back to the same bits, with a point or an exponent; NaN and
  /// infinity become null. Control characters are escaped, so compact text has no line break. Slashes are not escaped.
  package func serialized(_ options: WritingOptions = WritingOptions()) -> [UInt8] {
    var output: [UInt8] = []
    write(to: &output, options, level: 0)
    return output
  }

  /// The value as JSON text.
  package func text(_ options: WritingOptions = WritingOptions()) -> String {
    String(decoding: serialized(options), as: UTF8.self)
  }

  private func write(to output: inout [UInt8], _ options: WritingOptions, level: Int) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): output.append(contentsOf: String(value).utf8)
    case .double(let value): output.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    case .string(let value): JSONValue.write(value, to: &output)
    case .array(let values):
      output.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        JSONValue.breakLine(&output, options, level + 1)
        value.write(to: &output, options, level: level + 1)
      }
      if !values.isEmpty { JSONValue.breakLine(&output, options, level) }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      let order = options.sortedKeys ? object.keys.indices.sorted { object.keys[$0] < object.keys[$1] } : []
      for index in object.keys.indices {
        let member = options.sortedKeys ? order[index] : index
        if index > 0 { output.append(UInt8(ascii: ",")) }
        JSONValue.breakLine(&output, options, level + 1)
        JSONValue.write(object.keys[member], to: &output)
        output.append(UInt8(ascii: ":"))
        if options.isIndented { output.append(UInt8(ascii: " ")) }
        object.values[member].write(to: &output, options, level: level + 1)
      }
      if !object.isEmpty { JSONValue.breakLine(&output, options, level) }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func breakLine(_ output: inout [UInt8], _ options: WritingOptions, _ level: Int) {
    guard options.isIndented else { return }
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: 2 * level))
  }

  private static func write(_ string: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0x08: output.append(contentsOf: "\\b".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0C: output.append(contentsOf: "\\f".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        output.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
