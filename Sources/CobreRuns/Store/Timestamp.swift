internal import Foundation

/// Moments as text.
package enum Timestamp {
  /// ISO 8601 in UTC with whole seconds, such as `2026-11-23T23:12:00Z`.
  package static func text(_ secondsSince1970: Double) -> String {
    // Years beyond 9999 have no agreed form; a clock that far off is as good as none.
    let seconds = min(max(secondsSince1970.isFinite ? secondsSince1970 : 0, 0), 253_402_300_799)
    return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
  }
}
