/// Where the files of a case may lie.
///
/// Checked on what has been opened, after all links: a link inside a case directory leads no further than its path would.
package struct CaseBounds: Sendable, Equatable {
  /// Directories, free of links, under which everything must lie; nil allows every place.
  package let roots: [String]?

  /// For processes whose user may read whatever the user may read.
  package static let anywhere = CaseBounds(roots: nil)

  package init(under roots: [String]) { self.init(roots: roots) }

  private init(roots: [String]?) { self.roots = roots }

  func contain(_ place: borrowing HeldPath) -> Bool {
    guard let roots else { return true }
    return place.isUnder(roots)
  }
}
