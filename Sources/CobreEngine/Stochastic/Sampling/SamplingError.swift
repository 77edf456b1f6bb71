/// Noise that a case asks for and that its data cannot give, as a sentence.
package struct SamplingError: Error, Sendable, Equatable, CustomStringConvertible {
  package var description: String

  /// The history has no window.
  static let noWindow = SamplingError(
    description:
      "No past year can be replayed: no window of the inflow history has all plants in all stages and in the "
      + "lags before them. Give a longer history, or allow more years by historical_years.")
}
