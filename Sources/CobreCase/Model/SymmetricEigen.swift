/// Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations (Rutishauser 1966).
///
/// Only +, −, ·, / and √ are used, in a fixed order, so every machine finds the same bits. A LAPACK chooses its kernels
/// by processor and version and does not promise that. The cost is about 6·n³ per sweep and ten sweeps.
package struct SymmetricEigen: Sendable {
  /// Number of rows n.
  package let order: Int
  /// Eigenvalues, in no particular order.
  package private(set) var values: [Double]
  /// Eigenvector k is row k, `[k * order + component]`.
  ///
  /// The rows are orthonormal.
  package private(set) var vectors: [Double]

  /// Sweeps after which the rest off the diagonal is given up as rounding.
  ///
  /// Convergence takes about ten.
  private static let mostSweeps = 60

  /// Decomposes a matrix.
  ///
  /// - Parameters:
  ///   - order: number of rows n.
  ///   - matrix: n × n values row by row, finite. Where the triangles differ their mean counts.
  package init(order: Int, matrix: [Double]) {
    precondition(matrix.count == order * order, "the matrix must be square")
    self.order = order
    values = []
    vectors = .init(repeating: 0, count: order * order)
    var rest = matrix
    for i in 0..<order {
      vectors[i * order + i] = 1
      for j in 0..<i {
        let mean = (matrix[i * order + j] + matrix[j * order + i]) / 2
        rest[i * order + j] = mean
        rest[j * order + i] = mean
      }
    }
    rest.withUnsafeMutableBufferPointer { a in
      vectors.withUnsafeMutableBufferPointer { v in
        guard let a = a.baseAddress, let v = v.baseAddress else { return }
        for sweep in 0..<Self.mostSweeps where !Self.sweep(a, v, order, isEarly: sweep < 4) { break }
      }
    }
    values = (0..<order).map { rest[$0 * order + $0] }
  }

  /// Rotates every pair of rows once, and returns false if nothing was left off the diagonal.
  private static func sweep(
    _ a: UnsafeMutablePointer<Double>, _ v: UnsafeMutablePointer<Double>, _ n: Int, isEarly: Bool
  ) -> Bool {
    var hasRest = false
    for p in 0..<max(0, n - 1) {
      for q in (p + 1)..<n {
        let pivot = a[p * n + q]
        guard pivot != 0 else { continue }
        hasRest = true
        let first = a[p * n + p]
        let last = a[q * n + q]
        // What no longer changes either diagonal entry is rounding.
        if !isEarly, abs(first) + abs(pivot) == abs(first), abs(last) + abs(pivot) == abs(last) {
          a[p * n + q] = 0
          a[q * n + p] = 0
          continue
        }
        let theta = (last - first) / (2 * pivot)
        // θ² overflows for a tiny pivot. T = 1/(2θ) is exact enough there.
        let t =
          abs(theta) > 1e100 ? 1 / (2 * theta) : (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        rotate(a + p * n, a + q * n, n, c, s)
        rotate(v + p * n, v + q * n, n, c, s)
        for k in 0..<n {
          a[k * n + p] = a[p * n + k]
          a[k * n + q] = a[q * n + k]
        }
        a[p * n + p] = first - t * pivot
        a[q * n + q] = last + t * pivot
        a[p * n + q] = 0
        a[q * n + p] = 0
      }
    }
    return hasRest
  }

  /// Turns two rows: x ← c·x − s·y, y ← s·x + c·y.
  private static func rotate(
    _ x: UnsafeMutablePointer<Double>, _ y: UnsafeMutablePointer<Double>, _ n: Int, _ c: Double, _ s: Double
  ) {
    for k in 0..<n {
      let (old, other) = (x[k], y[k])
      x[k] = c * old - s * other
      y[k] = s * old + c * other
    }
  }

  /// The symmetric root V·√max(Λ, 0)·Vᵀ, n × n row by row.
  package var root: [Double] {
    var result = [Double](repeating: 0, count: order * order)
    for k in 0..<order where values[k] > 0 {
      let weight = values[k].squareRoot()
      for i in 0..<order {
        let factor = weight * vectors[k * order + i]
        for j in 0...i { result[i * order + j] += factor * vectors[k * order + j] }
      }
    }
    for i in 0..<order { for j in 0..<i { result[j * order + i] = result[i * order + j] } }
    return result
  }

  /// Frobenius distance from the matrix to the nearest one without negative eigenvalues: √(Σ of their squares).
  package var distanceToSemidefinite: Double {
    values.reduce(0.0) { $0 + ($1 < 0 ? $1 * $1 : 0) }.squareRoot()
  }
}
