internal import CobreBase

/// JSON merge patches (Hoffman and Snell, RFC 7396, 2014).
enum MergePatch {
  /// The value with a patch applied: members of the patch replace members with the same key, objects are merged, null
  /// removes a member, and anything but an object replaces the value as a whole.
  static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONValue {
    guard let members = patch.object else { return patch }
    var result = target?.object ?? JSONObject()
    for (key, value) in members.members {
      // A plain nil would be the JSON value null here.
      let merged: JSONValue? = value.isNull ? Optional.none : apply(value, to: result[key])
      result[key] = merged
    }
    return .object(result)
  }
}
