/// Planes of a plant fitted from its geometry, and how well they fit.
package struct FittedPlanes: Sendable, Equatable {
  /// In the order the fit leaves them.
  ///
  /// `kappa` is the same in all.
  package var planes: [FPHAPlane]
  /// Correction κ of the constant terms.
  package var kappa: Double
  /// Largest |minimum of the planes − exact output| / exact output over the grid points with output.
  package var largestRelativeError: Double
  /// The mean of the same.
  package var meanRelativeError: Double
}

/// Why a plant has no fitted planes.
package struct PlaneFitFailure: Error, Sendable, Equatable {
  /// Number of the rule that the plant breaks.
  package var rule: Int
  package var message: String
  package var suggestion: String
}
