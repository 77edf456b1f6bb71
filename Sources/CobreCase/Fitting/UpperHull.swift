/// The planes of the concave envelope of values on a grid: the upper facets of their convex hull.
///
/// Facets are found by gift wrapping: around an edge of a known facet, the plane turns until it touches the highest
/// other point. Points on the plane within the tolerance belong to one facet, so that coplanar cells give one plane.
struct UpperHull {
  /// A plane z = constant + x·(first coordinate) + y·(second coordinate).
  struct Plane {
    var constant: Double
    var x: Double
    var y: Double
  }

  /// Points within this distance of a plane, as a share of the range of values, are on it.
  private static let tolerance = 1e-10

  private struct Point {
    var x: Double
    var y: Double
    var z: Double
  }

  private struct Edge: Hashable {
    var from: Int
    var to: Int
    var reversed: Edge { Edge(from: to, to: from) }
  }

  private let xs: [Double]
  private let ys: [Double]
  private let values: [Double]
  /// The points with all ranges scaled to 0…1.
  private let points: [Point]
  private(set) var planes: [Plane] = []

  /// Finds the planes, and returns nil if the values are not finite or all equal.
  ///
  /// - Parameters:
  ///   - xs: first coordinates, strictly ascending, at least two.
  ///   - ys: second coordinates, strictly ascending, at least two.
  ///   - values: `[x * ys.count + y]`.
  init?(xs: [Double], ys: [Double], values: [Double]) {
    guard xs.count > 1, ys.count > 1, values.count == xs.count * ys.count, values.allSatisfy(\.isFinite),
      let low = values.min(), let high = values.max(), high > low, let width = xs.last, let depth = ys.last
    else { return nil }
    self.xs = xs
    self.ys = ys
    self.values = values
    points = values.indices.map { index in
      let (x, y) = index.quotientAndRemainder(dividingBy: ys.count)
      return Point(
        x: (xs[x] - xs[0]) / (width - xs[0]), y: (ys[y] - ys[0]) / (depth - ys[0]),
        z: (values[index] - low) / (high - low))
    }
    wrap()
    if planes.isEmpty { return nil }
  }

  /// Walks from facet to facet over the edges inside the grid.
  private mutating func wrap() {
    var pending = firstEdges()
    var sides: Set<Edge> = []
    // A hull of n points has at most 2n − 4 facets and 6n − 12 directed edges.
    while let edge = pending.popLast(), planes.count < 2 * points.count {
      guard !sides.contains(edge), let facet = facet(left: edge) else { continue }
      sides.insert(edge)
      if let plane = plane(through: facet) { planes.append(plane) }
      for position in facet.indices {
        let side = Edge(from: facet[position], to: facet[(position + 1) % facet.count])
        sides.insert(side)
        if !isOnBorder(side), !sides.contains(side.reversed) { pending.append(side.reversed) }
      }
    }
  }

  /// The edges of the envelope over the side where the second coordinate is smallest, with the grid to their left.
  private func firstEdges() -> [Edge] {
    let side = xs.indices.map { $0 * ys.count }
    var hull: [Int] = []
    for index in side {
      while hull.count > 1 {
        let (a, b, c) = (points[hull[hull.count - 2]], points[hull[hull.count - 1]], points[index])
        // A point on or under the chord is no corner.
        guard (b.z - a.z) * (c.x - a.x) <= (c.z - a.z) * (b.x - a.x) + Self.tolerance else { break }
        hull.removeLast()
      }
      hull.append(index)
    }
    return zip(hull, hull.dropFirst()).map { Edge(from: $0, to: $1) }
  }

  private func isOnBorder(_ edge: Edge) -> Bool {
    let (a, b) = (points[edge.from], points[edge.to])
    return (a.x == b.x && (a.x == 0 || a.x == 1)) || (a.y == b.y && (a.y == 0 || a.y == 1))
  }

  /// Twice the area of a triangle seen from above, positive where the third corner is to the left.
  private func area(_ a: Int, _ b: Int, _ c: Int) -> Double {
    (points[b].x - points[a].x) * (points[c].y - points[a].y)
      - (points[b].y - points[a].y) * (points[c].x - points[a].x)
  }

  /// Height of a point above the plane through three others that are not in line seen from above.
  private func height(_ d: Int, over a: Int, _ b: Int, _ c: Int) -> Double {
    let whole = area(a, b, c)
    let beta = area(a, d, c) / whole
    let gamma = area(a, b, d) / whole
    return points[d].z - points[a].z - beta * (points[b].z - points[a].z) - gamma * (points[c].z - points[a].z)
  }

  /// Corners of the facet to the left of an edge, counter-clockwise seen from above, and returns nil if the grid ends.
  private func facet(left edge: Edge) -> [Int]? {
    var best: Int?
    for index in points.indices where area(edge.from, edge.to, index) > 1e-12 {
      guard let known = best else {
        best = index
        continue
      }
      if height(index, over: edge.from, edge.to, known) > 0 { best = index }
    }
    guard let best else { return nil }
    let members = points.indices.filter {
      abs(height($0, over: edge.from, edge.to, best)) <= Self.tolerance
    }
    let corners = outline(members)
    return corners.count > 2 ? corners : nil
  }

  /// Corners of the convex outline of points seen from above, counter-clockwise, without points on its sides.
  private func outline(_ members: [Int]) -> [Int] {
    // The grid is numbered by x and then y, so members are in order already (monotone chain, Andrew 1979).
    func chain(_ indices: some Sequence<Int>) -> [Int] {
      var hull: [Int] = []
      for index in indices {
        while hull.count > 1, area(hull[hull.count - 2], hull[hull.count - 1], index) <= 1e-12 { hull.removeLast() }
        hull.append(index)
      }
      return hull
    }
    return chain(members).dropLast() + chain(members.reversed()).dropLast()
  }

  /// The plane through the three corners that span the largest triangle, in the units of the grid.
  private func plane(through facet: [Int]) -> Plane? {
    var widest: (Double, Int, Int) = (0, 0, 0)
    for second in facet.indices.dropFirst() {
      for third in facet.indices.dropFirst(second + 1) {
        let size = area(facet[0], facet[second], facet[third])
        if size > widest.0 { widest = (size, facet[second], facet[third]) }
      }
    }
    guard widest.0 > 0 else { return nil }
    let corners = [facet[0], widest.1, widest.2].map { index in
      (x: xs[index / ys.count], y: ys[index % ys.count], z: values[index])
    }
    let (a, b, c) = (corners[0], corners[1], corners[2])
    let whole = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
    let x = ((b.z - a.z) * (c.y - a.y) - (b.y - a.y) * (c.z - a.z)) / whole
    let y = ((b.x - a.x) * (c.z - a.z) - (b.z - a.z) * (c.x - a.x)) / whole
    return Plane(constant: a.z - x * a.x - y * a.y, x: x, y: y)
  }
}
