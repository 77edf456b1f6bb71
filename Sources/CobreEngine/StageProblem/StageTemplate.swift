/// The linear program of one stage without cuts, and how states and noise move its bounds.
///
/// Money inside the program is $ · `objectiveScale`, a power of two, so that scaling changes no bits. Columns come in
/// the order: core, ladders, outgoing state components, future costs, and what a risk measure over several future costs
/// needs. Cut rows only touch states and future costs, and ladder columns only one load balance each, which is why they
/// stand at the end.
package struct StageTemplate: Sendable {
  /// What one component of the incoming state adds to the bounds of one row: coefficient · value.
  package struct StateCoupling: Sendable, Equatable {
    package var row: Int
    package var component: Int
    package var coefficient: Double
  }

  /// The supply of one load balance by columns that enter it with coefficient 1 and nothing else, in order of cost.
  ///
  /// Whatever the price of the balance, those below it are at their upper bound and those above it at their lower one,
  /// so that only the few around the price need to stand in the program that is solved.
  package struct Ladder: Sendable, Equatable {
    package var row: Int
    /// Consecutive columns of the template, cost ascending.
    package var columns: Range<Int>
  }

  /// Dollars per unit of money inside the program are 1/`objectiveScale`.
  package static let objectiveScale = 0x1p-10

  /// Position of the stage.
  package var stage: Int
  package var model: LPModel
  package var ladders: [Ladder]
  /// First column of the ladders; what stands before is core.
  package var firstLadderColumn: Int
  /// Column of the first outgoing state component; component j stands at `firstStateColumn + j`.
  package var firstStateColumn: Int
  package var stateDimension: Int
  /// Column of the first future cost.
  package var futureCostColumn: Int { firstStateColumn + stateDimension }
  /// Number of future costs: 1, or one per opening of the next stage where cuts are not aggregated.
  package var futureCount: Int
  /// Factor from this stage to the next.
  package var discountFactor: Double
  /// Where incoming states enter, by row and then component.
  package var couplings: [StateCoupling]
  /// Rows whose bounds noise moves, ascending.
  package var noiseRows: [Int]
  /// What each opening adds to the bounds of each noise row: `[opening * noiseRows.count + position]`.
  package var noiseRowShifts: [Double]
  /// Columns whose upper bound noise sets, ascending; all of them core.
  package var noiseColumns: [Int]
  /// Upper bound of each noise column by opening: `[opening * noiseColumns.count + position]`.
  package var noiseColumnUppers: [Double]
  /// Probability of each opening.
  package var probabilities: [Double]
  /// Plants whose productivity follows the head in simulation; here their entries hold the reference productivity.
  package var headPlants: [HeadPlant]
  /// Where each quantity stands among columns and rows.
  package var layout: StageLayout
  /// The least that the stage can cost, in $: negative where sources or contracts pay.
  package var leastStageCost: Double

  package var openingCount: Int { probabilities.count }

  /// Position among the noise rows of the first row that each state component enters; nil where noise does not move it.
  var noisePositionOfComponent: [Int?] {
    (0..<stateDimension).map { component in
      couplings.first { $0.component == component }.flatMap { noiseRows.firstIndex(of: $0.row) }
    }
  }
}
