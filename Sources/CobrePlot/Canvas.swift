internal import CCairo

/// A surface to draw on, whichever form its contents take in the end.
final class Canvas {
  enum Format {
    case png
    case svg
  }

  enum Anchor: Double {
    case start = 0
    case middle = 0.5
    case end = 1
  }

  private let surface: OpaquePointer
  private let context: OpaquePointer
  private let format: Format
  private let sink = Sink()

  /// Bytes that the library hands out.
  private final class Sink {
    var bytes: [UInt8] = []
  }

  private static let write: cairo_write_func_t = { closure, data, length in
    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
    Unmanaged<Sink>.fromOpaque(closure).takeUnretainedValue().bytes
      .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
    return CAIRO_STATUS_SUCCESS
  }

  /// Nil if the library has no memory for it.
  init?(width: Int, height: Int, format: Format) {
    let made: OpaquePointer? =
      switch format {
      case .png:
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(clamping: width), Int32(clamping: height))
      case .svg:
        cairo_svg_surface_create_for_stream(
          Self.write, Unmanaged.passUnretained(sink).toOpaque(), Double(width), Double(height))
      }
    guard let made else { return nil }
    guard cairo_surface_status(made) == CAIRO_STATUS_SUCCESS, let context = cairo_create(made) else {
      cairo_surface_destroy(made)
      return nil
    }
    surface = made
    self.context = context
    self.format = format
    cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
    cairo_set_source_rgb(context, 1, 1, 1)
    cairo_paint(context)
  }

  deinit {
    cairo_destroy(context)
    cairo_surface_destroy(surface)
  }

  /// The file, or nil after any error.
  func finish() -> [UInt8]? {
    var status = cairo_status(context)
    if status == CAIRO_STATUS_SUCCESS && format == .png {
      status = cairo_surface_write_to_png_stream(surface, Self.write, Unmanaged.passUnretained(sink).toOpaque())
    }
    cairo_surface_finish(surface)
    if status == CAIRO_STATUS_SUCCESS { status = cairo_surface_status(surface) }
    return status == CAIRO_STATUS_SUCCESS ? sink.bytes : nil
  }

  func textWidth(_ text: String, size: Double) -> Double {
    cairo_set_font_size(context, size)
    var extents = cairo_text_extents_t()
    cairo_text_extents(context, text, &extents)
    return extents.x_advance
  }

  /// Writes a line of text, its baseline at y.
  ///
  /// `isUpright` turns it to read from below.
  func write(
    _ text: String, x: Double, y: Double, size: Double, anchor: Anchor = .start, isUpright: Bool = false
  ) {
    let width = textWidth(text, size: size)
    cairo_save(context)
    cairo_set_source_rgb(context, 0.1, 0.1, 0.1)
    cairo_translate(context, x, y)
    if isUpright { cairo_rotate(context, -Double.pi / 2) }
    cairo_move_to(context, -width * anchor.rawValue, 0)
    cairo_show_text(context, text)
    cairo_restore(context)
  }

  func stroke(_ points: [(x: Double, y: Double)], color: Chart.Color, width: Double, isDashed: Bool = false) {
    guard points.count > 1 else { return }
    trace(points)
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_set_line_width(context, width)
    cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
    let dash = [7.0, 5.0]
    cairo_set_dash(context, dash, isDashed ? 2 : 0, 0)
    cairo_stroke(context)
  }

  func fill(_ points: [(x: Double, y: Double)], color: Chart.Color, opacity: Double = 1) {
    guard points.count > 1 else { return }
    trace(points)
    cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    cairo_fill(context)
  }

  func dot(x: Double, y: Double, radius: Double, color: Chart.Color) {
    cairo_new_path(context)
    cairo_arc(context, x, y, radius, 0, 2 * Double.pi)
    cairo_set_source_rgb(context, color.red, color.green, color.blue)
    cairo_fill(context)
  }

  /// Draws inside a rectangle alone.
  func clipped(x: Double, y: Double, width: Double, height: Double, _ body: () -> Void) {
    cairo_save(context)
    cairo_rectangle(context, x, y, width, height)
    cairo_clip(context)
    body()
    cairo_restore(context)
  }

  private func trace(_ points: [(x: Double, y: Double)]) {
    cairo_new_path(context)
    for point in points { cairo_line_to(context, point.x, point.y) }
  }
}
