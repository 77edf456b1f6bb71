internal import CobreBase

/// Where the files of a case may be.
///
/// Checked on what has been opened, after all links: a link inside a case directory leads no further than its path
/// would.
package struct CaseBounds: Sendable, Equatable {
  /// Directories, free of links, that everything must be under (nil allows any location).
  package let roots: [String]?

  /// For processes that may read whatever their user may read.
  package static let anywhere = CaseBounds(roots: nil)

  package init(under roots: [String]) { self.init(roots: roots) }

  private init(roots: [String]?) { self.roots = roots }

  func contain(_ place: borrowing HeldPath) -> Bool {
    guard let roots else { return true }
    return place.isUnder(roots)
  }
}
