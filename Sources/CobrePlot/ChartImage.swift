internal import Foundation

/// Charts as files.
///
/// One routine draws them, whatever the form.
package enum ChartImage {
  /// Size of all images, in pixels or points.
  package static let width = 960
  package static let height = 600

  /// Fonts are shared by all threads of the process.
  private static let turn = NSLock()

  /// The chart as PNG, or nil if the drawing library has no memory for it.
  package static func png(_ chart: Chart) -> [UInt8]? { draw(chart, .png) }

  /// The chart as SVG, or nil if the drawing library has no memory for it.
  package static func svg(_ chart: Chart) -> [UInt8]? { draw(chart, .svg) }

  private static func draw(_ chart: Chart, _ format: Canvas.Format) -> [UInt8]? {
    turn.lock()
    defer { turn.unlock() }
    guard let canvas = Canvas(width: width, height: height, format: format) else { return nil }
    ChartPainter(chart: chart, canvas: canvas, width: Double(width), height: Double(height)).paint()
    return canvas.finish()
  }
}
