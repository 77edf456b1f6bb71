/// A policy that does not belong to the case, as a sentence.
package struct PolicyMismatch: Error, Sendable, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
