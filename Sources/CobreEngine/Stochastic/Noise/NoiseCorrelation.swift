package import CobreCase

/// Turns independent noise into correlated noise: η = D·ε per group, D the symmetric root of the group's matrix.
///
/// Negative eigenvalues count as 0, without rescaling the diagonal. The root is found for the members in order of id,
/// so the order in which a file names them does not change the bits.
package struct NoiseCorrelation: Sendable, Equatable {
  /// Components that are correlated among each other.
  package struct Group: Sendable, Equatable {
    /// Ascending.
    package let components: [Int]
    /// Symmetric root, n × n row by row.
    package let root: [Double]
  }

  /// Groups of each profile.
  package let profiles: [[Group]]
  /// Index of the profile of each stage, empty without correlation.
  package let profileOfStage: [Int]

  /// Finds the roots of a case.
  ///
  /// Groups with a member that has no noise are left out.
  package init(study: StudyCase, layout: NoiseLayout) {
    // Realised openings use no noise, so there is nothing to correlate.
    guard let correlation = study.correlation, study.inflowOpenings == nil, study.loadOpenings == nil else {
      profiles = []
      profileOfStage = []
      return
    }
    profiles = correlation.profiles.map { profile in
      profile.groups.compactMap { Self.group($0, layout) }
    }
    profileOfStage = correlation.profileOfStage
  }

  private static func group(_ group: CorrelationGroup, _ layout: NoiseLayout) -> Group? {
    let members = group.entities.compactMap { layout.component(group.noiseClass, $0) }
    let n = members.count
    guard n > 1, n == group.entities.count, group.matrix.count == n * n else { return nil }
    let order = members.indices.sorted { members[$0] < members[$1] }
    let matrix = order.flatMap { row in order.map { group.matrix[row * n + $0] } }
    return Group(components: order.map { members[$0] }, root: SymmetricEigen(order: n, matrix: matrix).root)
  }

  /// Members of the largest group.
  package var largestGroup: Int { profiles.flatMap { $0.map(\.components.count) }.max() ?? 0 }

  /// Correlates a noise vector of a stage in place.
  ///
  /// - Parameters:
  ///   - noise: all components, independent.
  ///   - stage: the stage, which decides on the profile.
  ///   - scratch: room for 2 · `largestGroup` numbers.
  package func apply(
    to noise: UnsafeMutablePointer<Double>, stage: Int, scratch: UnsafeMutablePointer<Double>
  ) {
    guard stage < profileOfStage.count else { return }
    for group in profiles[profileOfStage[stage]] {
      let n = group.components.count
      let result = scratch + n
      for (position, component) in group.components.enumerated() {
        scratch[position] = noise[component]
        result[position] = 0
      }
      group.root.withUnsafeBufferPointer { root in
        guard let root = root.baseAddress else { return }
        // Column by column: the sums run in order of the members whatever the width of the machine.
        for column in 0..<n {
          let value = scratch[column]
          let row = root + column * n
          for position in 0..<n { result[position] += row[position] * value }
        }
      }
      for (position, component) in group.components.enumerated() { noise[component] = result[position] }
    }
  }
}
