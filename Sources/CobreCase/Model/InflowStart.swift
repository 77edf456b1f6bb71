/// The observations that the lags of a plant start from, where the case gives no past inflows for it.
package struct InflowStart: Sendable, Equatable {
  /// Index of the plant.
  package var hydro: Int
  /// Number of lags that the model needs.
  package var needed: Int
  /// First days of the lag periods that the history covers, most recent first.
  package var days: [CalendarDate]
  /// Their mean inflows in m³/s.
  package var values: [Double]

  /// The periods as text, most recent first.
  package var dates: String {
    let shown = days.prefix(3).map { "\($0)" }.joined(separator: ", ")
    return days.count > 3 ? shown + ", … \(days[days.count - 1])" : shown
  }
}
