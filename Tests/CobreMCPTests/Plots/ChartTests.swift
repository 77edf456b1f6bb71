import Foundation
import Testing

@testable import CobrePlot

@Suite struct ChartTests {
  private func chart(_ values: [Double?]) -> Chart {
    var chart = Chart(
      title: "A title", xLabel: "step", yLabel: "amount", unit: "kg", places: values.indices.map(Double.init))
    chart.lines = [.init("line", values, color: Chart.Color.palette[0])]
    chart.bands = [
      .init("band", lower: values, upper: values.map { $0.map { $0 + 1 } }, color: Chart.Color.palette[1], opacity: 0.3)
    ]
    return chart
  }

  /// Width and height as the header of a PNG has them.
  private func size(_ image: [UInt8]) -> (Int, Int) {
    func number(_ at: Int) -> Int { image[at..<(at + 4)].reduce(0) { $0 << 8 | Int($1) } }
    return image.count > 24 ? (number(16), number(20)) : (0, 0)
  }

  @Test func imagesHaveTheirSizeAndStaySmall() throws {
    var noisy = chart((0..<400).map { sin(Double($0) * 12.9898) * 43758.5453 })
    noisy.stack((0..<10).map { ("layer \($0)", (0..<400).map { Double(($0 * 7919) % 101) }) })
    let image = try #require(ChartImage.png(noisy))
    #expect(image.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]))
    #expect(size(image) == (ChartImage.width, ChartImage.height))
    #expect(ChartImage.width <= 1000 && ChartImage.height <= 700)
    #expect(image.count < 300_000, "\(image.count)")
    let vector = try #require(ChartImage.svg(noisy))
    #expect(String(decoding: vector, as: UTF8.self).contains("<svg"))
    #expect(String(decoding: vector.suffix(20), as: UTF8.self).contains("</svg>"))
  }

  @Test func anotherChartIsAnotherImage() {
    #expect(ChartImage.png(chart([1, 2, 3])) == ChartImage.png(chart([1, 2, 3])))
    #expect(ChartImage.png(chart([1, 2, 3])) != ChartImage.png(chart([1, 2, 4])))
  }

  @Test(
    arguments: [
      [], [nil], [5], [0, 0], [.nan, 1], [.infinity, -.infinity], [1e308, -1e308], [1e-300, 0], [nil, 3, nil, 4, nil],
      [-1e300, -1e300], [1e15, 1e15 + 1],
    ] as [[Double?]])
  func whateverTheNumbersAreAnImageComes(values: [Double?]) {
    #expect(ChartImage.png(chart(values)) != nil)
  }

  @Test func whateverTheTextIsAnImageComes() {
    var odd = chart([1, 2])
    odd.title = String(repeating: "long\u{0}\u{1B}[31m\n<&>\u{202E}𝔘 ", count: 400)
    odd.yLabel = odd.title
    odd.lines = (0..<60).map { .init("\($0) \(odd.title)", [1, 2], color: Chart.Color.palette[0]) }
    #expect(ChartImage.png(odd) != nil)
    #expect(ChartImage.svg(odd) != nil)
  }

  @Test func manyThreadsDrawAtOnce() {
    DispatchQueue.concurrentPerform(iterations: 8) { index in
      #expect(ChartImage.png(chart([Double(index), 2])) != nil)
    }
  }

  @Test func marksAreRoundAndCoverTheRange() {
    let plain = AxisScale(0...9.3, marks: 5)
    #expect(
      plain.marks == [0, 2, 4, 6, 8, 10] && plain.marks.map { plain.text($0) } == ["0", "2", "4", "6", "8", "10"])
    let fine = AxisScale(5.52...5.78, marks: 6)
    #expect(fine.marks.map { fine.text($0) } == ["5.50", "5.55", "5.60", "5.65", "5.70", "5.75", "5.80"])
    let quarter = AxisScale(0...14.8, marks: 6)
    #expect(quarter.text(2.5) == "2.5" && quarter.step == 2.5)
    let whole = AxisScale(0...3, marks: 12, isWhole: true, isTight: true)
    #expect(whole.marks == [0, 1, 2, 3] && whole.upper == 3)
    let negative = AxisScale(-7 ... -1, marks: 6)
    #expect(negative.marks == [-7, -6, -5, -4, -3, -2, -1] && negative.text(-0.0) == "0")
  }

  @Test func largeNumbersGetAFactor() {
    #expect(Magnitude(largest: 5.6e9) == Magnitude(largest: 1e9))
    #expect(Magnitude(largest: 5.6e9).factor == 1e9 && Magnitude(largest: 5.6e9).name == "billion")
    #expect(Magnitude(largest: 15_000).factor == 1e3 && Magnitude(largest: 9000).factor == 1)
  }
}
