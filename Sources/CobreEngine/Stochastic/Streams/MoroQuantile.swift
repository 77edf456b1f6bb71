internal import Glibc

/// The quantile of the standard normal distribution by Moro's approximation (Moro 1995), absolute error 3e-9.
///
/// - Parameter p: probability. Taken into [2.2e-308, 1 − 2⁻⁵²] first.
/// - Returns: x with Φ(x) ≈ p, between −8.21 and 8.21.
func moroQuantile(_ p: Double) -> Double {
  let p = min(max(p, .leastNormalMagnitude), 1 - .ulpOfOne)
  let y = p - 0.5
  if abs(y) < 0.42 {
    let r = y * y
    let numerator = ((-25.44106049637 * r + 41.39119773534) * r - 18.61500062529) * r + 2.50662823884
    let denominator =
      (((3.13082909833 * r - 21.06224101826) * r + 23.08336743743) * r - 8.47351093090) * r + 1
    return y * numerator / denominator
  }
  let tail = y < 0 ? p : 1 - p
  var magnitude = 8.21
  if tail > 1e-20 {
    let r = log(-log(tail))
    let coefficients = [
      0.3374754822726147, 0.9761690190917186, 0.1607979714918209, 0.0276438810333863, 0.0038405729373609,
      0.0003951896511349, 0.0000321767881768, 0.0000002888167364, 0.0000003960315187,
    ]
    magnitude = coefficients.reversed().reduce(0) { $0 * r + $1 }
  }
  return y < 0 ? -magnitude : magnitude
}
