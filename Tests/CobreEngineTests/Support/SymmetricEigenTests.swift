import CobreCase
import CobreEngine
import Testing

@Suite struct SymmetricEigenTests {
  /// The fact of the mathematical reference: the root of [[1, 0.6], [0.6, 1]].
  @Test func rootOfTwoByTwoIsTheOneByHand() {
    let root = SymmetricEigen(order: 2, matrix: [1, 0.6, 0.6, 1]).root
    let diagonal = (1.6.squareRoot() + 0.4.squareRoot()) / 2
    let other = (1.6.squareRoot() - 0.4.squareRoot()) / 2
    #expect(abs(root[0] - diagonal) < 1e-15 && abs(root[3] - diagonal) < 1e-15)
    #expect(abs(root[1] - other) < 1e-15 && root[1] == root[2])
  }

  /// Eigenvalues of the second-difference matrix are 2 − 2·cos(kπ/(n+1)).
  ///
  /// Those of n = 3 have closed forms.
  @Test func eigenvaluesOfSecondDifferencesAreKnown() {
    let eigen = SymmetricEigen(order: 3, matrix: [2, -1, 0, -1, 2, -1, 0, -1, 2])
    let expected = [2 - 2.0.squareRoot(), 2, 2 + 2.0.squareRoot()]
    for (value, known) in zip(eigen.values.sorted(), expected) { #expect(abs(value - known) < 1e-14) }
  }

  @Test(arguments: [1, 2, 5, 24])
  func vectorsAreOrthonormalAndRebuildTheMatrix(order: Int) {
    var random = SplitMix(state: UInt64(order))
    var matrix = [Double](repeating: 0, count: order * order)
    for i in 0..<order {
      for j in 0...i {
        let value = Double(random.next() >> 11) * 0x1p-52 - 1
        matrix[i * order + j] = value
        matrix[j * order + i] = value
      }
    }
    let eigen = SymmetricEigen(order: order, matrix: matrix)
    for i in 0..<order {
      for j in 0..<order {
        var product = 0.0
        var rebuilt = 0.0
        for k in 0..<order {
          product += eigen.vectors[i * order + k] * eigen.vectors[j * order + k]
          rebuilt += eigen.values[k] * eigen.vectors[k * order + i] * eigen.vectors[k * order + j]
        }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-13)
        #expect(abs(rebuilt - matrix[i * order + j]) < 1e-13 * Double(order))
      }
    }
  }

  /// Eigenvalues 1.9, 1.9 and −0.8: the distance is 0.8, and the root squared is the clipped matrix.
  @Test func negativeEigenvaluesAreClipped() {
    let matrix = [1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1]
    let eigen = SymmetricEigen(order: 3, matrix: matrix)
    #expect(abs(eigen.distanceToSemidefinite - 0.8) < 1e-14)
    let root = eigen.root
    // Removing −0.8·vvᵀ with v = (1, −1, 1)/√3 adds 0.8/3 with the signs of vvᵀ.
    let signs = [1.0, -1, 1, -1, 1, -1, 1, -1, 1]
    for i in 0..<3 {
      for j in 0..<3 {
        let square = (0..<3).reduce(0.0) { $0 + root[i * 3 + $1] * root[j * 3 + $1] }
        #expect(abs(square - (matrix[i * 3 + j] + 0.8 / 3 * signs[i * 3 + j])) < 1e-14)
      }
    }
  }

  @Test func matricesOfOnesAndZerosEnd() {
    let ones = SymmetricEigen(order: 40, matrix: [Double](repeating: 1, count: 1600))
    #expect(abs((ones.values.max() ?? 0) - 40) < 1e-12)
    #expect(SymmetricEigen(order: 0, matrix: []).root.isEmpty)
    #expect(SymmetricEigen(order: 3, matrix: .init(repeating: 0, count: 9)).root.allSatisfy { $0 == 0 })
  }
}
