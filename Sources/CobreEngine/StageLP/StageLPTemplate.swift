/// The linear program of one stage without cuts, and how states and noise move its bounds.
///
/// Money inside the LP is $ · `objectiveScale`, a power of two, so that scaling changes no bits. The order of columns
/// is: core, supply stacks, outgoing state components, future costs, and what a risk measure over several future costs
/// needs. Cut rows contain only states and future costs, and each stack column enters only one load balance, which is
/// why they are at the end.
package struct StageLPTemplate: Sendable {
  /// What one component of the incoming state adds to the bounds of one row: coefficient · value.
  package struct StateCoupling: Sendable, Equatable {
    package var row: Int
    package var component: Int
    package var coefficient: Double
  }

  /// The supply of one load balance by columns that enter it with coefficient 1 and nothing else, in order of cost.
  ///
  /// Whatever the price of the balance, cheaper columns are at their upper bound and more expensive ones at their lower
  /// bound, so only the few around the price need to be in the LP that is solved.
  package struct SupplyStack: Sendable, Equatable {
    package var row: Int
    /// Consecutive columns of the template, cost ascending.
    package var columns: Range<Int>
  }

  /// The inflow of a plant that turns to 0 where lags and noise together make it negative.
  package struct InflowTruncation: Sendable, Equatable {
    package var hydro: Int
    /// Inflow without its lags in m³/s, by opening.
    package var innovations: [Double]
    /// What each incoming component adds to it: coefficient · value.
    package var lags: [(component: Int, coefficient: Double)]
    /// What the inflow adds to the bounds of rows: coefficient · m³/s.
    package var rows: [(row: Int, coefficient: Double)]
    /// Column of virtual inflow that is bounded by what is missing to 0, or nil if no column is needed for it.
    package var column: Int?

    package static func == (left: InflowTruncation, right: InflowTruncation) -> Bool {
      left.hydro == right.hydro && left.innovations == right.innovations
        && left.lags.elementsEqual(right.lags, by: ==)
        && left.rows.elementsEqual(right.rows, by: ==)
        && left.column == right.column
    }
  }

  /// Dollars per unit of money inside the program are 1/`objectiveScale`.
  package static let objectiveScale = 0x1p-10

  /// Position of the stage.
  package var stage: Int
  package var model: LPModel
  package var stacks: [SupplyStack]
  /// First column of the supply stacks.
  ///
  /// The columns before it are the core.
  package var firstStackColumn: Int
  /// Column of the first outgoing state component.
  ///
  /// Component j has column `firstStateColumn + j`.
  package var firstStateColumn: Int
  package var stateDimension: Int
  /// Column of the first future cost.
  package var futureCostColumn: Int { firstStateColumn + stateDimension }
  /// Number of future costs: 1, or one per opening of the next stage if cuts are not aggregated.
  package var futureCount: Int
  /// Factor from this stage to the next.
  package var discountFactor: Double
  /// Rows that are in an LP only if they are violated.
  package var lazyRows: LazyRows
  /// Outgoing states that the incoming one and the noise alone determine, which the solver is not given.
  package var givenColumns: [GivenColumn] = []
  /// Where incoming states enter, by row and then component.
  package var couplings: [StateCoupling]
  /// Inflows that lags and noise together may make negative and that then count as 0.
  package var truncations: [InflowTruncation]
  /// Rows whose bounds noise moves, ascending.
  package var noiseRows: [Int]
  /// What each opening adds to the bounds of each noise row: `[opening * noiseRows.count + position]`.
  package var noiseRowShifts: NumberTable
  /// Columns whose upper bound noise sets, ascending.
  ///
  /// All of them core.
  package var noiseColumns: [Int]
  /// Positions of the noise columns whose lower bound equals the upper one.
  package var mustRunPositions: [Int]
  /// Upper bound of each noise column by opening: `[opening * noiseColumns.count + position]`.
  package var noiseColumnUppers: NumberTable
  /// The order in which a unit of work goes through the openings.
  package var tour: OpeningOrder
  /// How other noise moves the bounds, empty if only openings are met.
  package var sampleTerms = SampleTerms()
  /// Probability of each opening.
  package var probabilities: [Double]
  /// Prices that follow a process, and the columns that cost them.
  package var prices = PriceTerms()
  /// Plants whose productivity follows the head in simulation.
  ///
  /// Here their entries hold the reference productivity.
  package var headPlants: [HeadPlant]
  /// Column and row indices of each quantity.
  package var layout: StageLPLayout
  /// The least that the stage can cost, in $: negative where sources or contracts pay.
  package var leastStageCost: Double
  /// Who solves the program.
  package var library = SolverLibrary.clp

  package var openingCount: Int { probabilities.count }

  /// Whether columns and rows mean the same as those of another stage, so that a basis of one is a start for the other.
  package func isAlike(_ other: StageLPTemplate) -> Bool {
    model.columnCount == other.model.columnCount && model.rowCount == other.model.rowCount
      && firstStateColumn == other.firstStateColumn && stateDimension == other.stateDimension
      && lazyRows == other.lazyRows && stacks == other.stacks && layout == other.layout
  }

  /// Where each state component arrives.
  var arrivals: [Arrival]
}

extension StageLPTemplate {
  /// The row whose bounds give the value of a state component before the stage acts on it.
  struct Arrival: Sendable, Equatable {
    /// Position among the noise rows, or nil if noise does not move the row.
    var noisePosition: Int?
    /// Its couplings.
    var couplings: Range<Int>
  }

  /// Finds where components arrive: a storage in the first row that it is coupled to, the inflow memory in its own
  /// rows.
  static func arrivals(
    couplings: [StateCoupling], noiseRows: [Int], storages: Int, memoryRows: [Int], prices: Int
  ) -> [Arrival] {
    var ranges: [Int: Range<Int>] = [:]
    var rows = [Int?](repeating: nil, count: storages) + memoryRows + .init(repeating: nil, count: prices)
    for (index, coupling) in couplings.enumerated() {
      ranges[coupling.row] = (ranges[coupling.row]?.lowerBound ?? index)..<(index + 1)
      if rows[coupling.component] == nil { rows[coupling.component] = coupling.row }
    }
    return rows.map { row in
      guard let row else { return Arrival(couplings: 0..<0) }
      return Arrival(noisePosition: noiseRows.firstIndex(of: row), couplings: ranges[row] ?? 0..<0)
    }
  }
}
