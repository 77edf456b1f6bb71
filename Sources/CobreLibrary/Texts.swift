internal import CobreBase
internal import CobreEngine
internal import Glibc

/// Texts between this library and foreign code.
enum Texts {
  /// The longest text that is read: a request is short, and an unterminated text must not be read forever.
  private static let longest = 1 << 20

  /// A text that must be there.
  static func read(_ text: UnsafePointer<CChar>?, _ name: String) throws -> String {
    guard let text else { throw Failure(.argument, "`\(name)` must not be NULL.") }
    guard strnlen(text, longest) < longest else {
      throw Failure(.argument, "`\(name)` must have less than \(longest) bytes.")
    }
    guard let read = String(validatingCString: text) else {
      throw Failure(.argument, "`\(name)` must be UTF-8.")
    }
    return read
  }

  /// A JSON object that must be there.
  static func readObject(_ text: UnsafePointer<CChar>?, _ name: String) throws -> JSONObject {
    let text = try read(text, name)
    let value: JSONValue
    do {
      value = try JSONParser.parse(text)
    } catch {
      throw Failure(.argument, "`\(name)` is not JSON: \(error)")
    }
    guard let object = value.object else {
      throw Failure(.argument, "`\(name)` must be a JSON object; it is a value of type \(value.typeName).")
    }
    return object
  }

  /// Hands out a JSON text that the caller releases with `cobre_free`.
  static func give(_ value: JSONObject, to target: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) throws {
    guard let target else { throw Failure(.argument, "`json` must not be NULL.") }
    guard let copy = strdup(JSONValue.object(value).text()) else {
      throw Failure(.other, "There is no memory for the answer.")
    }
    target.pointee = copy
  }

  /// Hands out a handle.
  static func give(_ thing: any AnyObject & Sendable, to target: UnsafeMutablePointer<UInt64>?) throws {
    guard let target else { throw Failure(.argument, "The pointer for the handle must not be NULL.") }
    target.pointee = Handles.add(thing)
  }
}
