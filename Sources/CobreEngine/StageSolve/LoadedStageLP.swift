/// The arrays of one stage's LP as it is solved, assembled again for every unit of work.
///
/// Columns are the template's columns inside the stack windows. Rows are the template's rows that are in every LP, then
/// its lazy rows that have been added, then the working set of cuts.
struct LoadedStageLP: ~Copyable {
  private let template: StageLPTemplate
  private var storage: LPModelStorage
  /// Template column of each column of the program.
  private let origin: FixedBuffer<Int32>
  /// Cost of each template column: those that follow prices change from opening to opening.
  private let objective: FixedBuffer<Double>
  /// First column of the program that belongs to the state.
  private(set) var firstStateColumn = 0
  /// Status by template column, template row and cut.
  private var basis: FixedBuffer<UInt8>
  /// The same in the order of the program.
  private var programBasis: FixedBuffer<UInt8>
  private(set) var hasBasis = false
  var cuts = WorkingCuts()
  private(set) var lazyRows: WorkingRows
  let windows: StackWindows

  init(template: StageLPTemplate) {
    self.template = template
    // Every stage of a thread has such arrays: of large states they are not made ready for many cuts in advance.
    let spareEntries = min(64 * (template.stateDimension + 1), 8192)
    storage = LPModelStorage(template.model, spareRows: 64, spareEntries: spareEntries)
    let size = template.model.columnCount + template.model.rowCount + 64
    origin = FixedBuffer(capacity: template.model.columnCount, filledWith: 0)
    objective = FixedBuffer(copying: template.model.objective, capacity: 0, filledWith: 0)
    basis = FixedBuffer(capacity: size, filledWith: 0)
    programBasis = FixedBuffer(capacity: size, filledWith: 0)
    windows = StackWindows(template: template)
    lazyRows = WorkingRows(template.lazyRows)
    for column in 0..<template.firstStackColumn { origin[column] = Int32(truncatingIfNeeded: column) }
  }

  var view: LPModelView { storage.view }
  var columnCount: Int { storage.columnCount }
  /// Template column of a column of the program.
  func origin(of column: Int) -> Int { Int(origin[column]) }
  /// Status of the columns and rows of the program to start from.
  var status: UnsafePointer<UInt8> { UnsafePointer(programBasis.base) }
  /// Rows that are in every LP.
  private var fixedRows: Int { template.lazyRows.rows.lowerBound }
  /// Rows of the LP before the cuts.
  var templateRows: Int { fixedRows + lazyRows.count }
  /// First status of a lazy row among `basis`.
  private var lazyBasis: Int { template.model.columnCount + fixedRows }
  /// First status of a cut row among `basis`.
  private var cutBasis: Int { template.model.columnCount + template.model.rowCount }

  /// Cost of a template column in the programs assembled from now on.
  func cost(of column: Int) -> Double { objective[column] }

  /// An entry of a column of the template as programs have it.
  func entry(_ entry: Int, of column: Int) -> Double {
    let isKept = lazyRows.total == 0 && column < template.firstStackColumn
    return isKept ? storage.values[entry] : template.model.values[entry]
  }

  /// Sets an entry of a core column for the programs assembled from now on.
  func setCoreEntry(_ entry: Int, _ value: Double) { storage.values[entry] = value }

  /// Sets the cost of a core column or a state for the programs assembled from now on.
  func setObjective(_ column: Int, _ cost: Double) {
    objective[column] = cost
    if column < template.firstStackColumn { storage.objective[column] = cost }
  }

  /// Sets the upper bound of a core column for the programs assembled from now on.
  func setCoreUpper(_ column: Int, _ upper: Double) { storage.columnUpper[column] = upper }

  /// Takes over the basis and the cuts of a warm start.
  ///
  /// Others may join before `assemble`.
  mutating func begin(pool: CutPool?, start: borrowing WarmStart) {
    // Without the row of a tight cut the basis is not valid any more. The unit then starts cold.
    hasBasis = !start.status.isEmpty && !Self.losesTightCut(pool, start)
    cuts.begin(poolCount: pool?.count ?? 0)
    if hasBasis {
      for index in 0..<cutBasis { basis[index] = start.status[index] }
      windows.centre(
        status: basis.base, atUpper: BasisStatus.atUpper, atLower: BasisStatus.atLower, fixed: BasisStatus.fixed)
    } else {
      windows.openAll()
    }
    start.status.withUnsafeBufferPointer { status in
      let known = status.isEmpty ? nil : status.baseAddress.map { $0 + lazyBasis }
      lazyRows.begin(status: known, basis: basis.base + lazyBasis)
    }
    guard let pool else { return }
    basis.reserve(cutBasis + start.cuts.count, filledWith: 0)
    for (position, slot) in start.cuts.enumerated() where pool.isActive(Int(slot)) {
      basis[cutBasis + cuts.count] = start.cutStatus[position]
      cuts.join(Int(slot))
    }
  }

  /// Whether a cut that a basis counts on has been dropped from its pool since.
  private static func losesTightCut(_ pool: CutPool?, _ start: borrowing WarmStart) -> Bool {
    guard let pool, pool.activeCount < pool.count else { return false }
    for position in start.cuts.indices where start.cutStatus[position] != BasisStatus.basic {
      if !pool.isActive(Int(start.cuts[position])) { return true }
    }
    return false
  }

  /// Row of the program of a row of the template; nil where it is outside.
  func programRow(_ row: Int) -> Int? {
    row < fixedRows ? row : lazyRows.position(row - fixedRows).map { fixedRows + $0 }
  }

  /// Lets violated lazy rows join the programs assembled from now on; returns how many joined.
  mutating func joinViolatedRows(at values: UnsafePointer<Double>, shifts: UnsafePointer<Double>) -> Int {
    template.lazyRows.isEmpty ? 0 : lazyRows.joinViolated(of: template.model, at: values, shifts: shifts)
  }

  /// Lets the lazy rows join that limit most at a point.
  mutating func joinTightestRows(at values: UnsafePointer<Double>, shifts: UnsafePointer<Double>) {
    lazyRows.joinTightest(of: template.model, at: values, shifts: shifts)
  }

  /// Remembers which lazy rows and cuts bind.
  mutating func markBinding(duals: UnsafePointer<Double>) {
    lazyRows.markBinding(duals: duals + fixedRows)
    cuts.markBinding(duals: duals + templateRows)
  }

  /// Marks the cuts that joined since `begin` as basic.
  mutating func completeBasis(from known: Int) {
    basis.reserve(cutBasis + cuts.count, filledWith: 0)
    for position in known..<max(known, cuts.count) { basis[cutBasis + position] = BasisStatus.basic }
  }

  /// Stores the basis of the current LP, by template column.
  mutating func capture(_ status: UnsafePointer<UInt8>) {
    let columns = storage.columnCount
    for column in 0..<columns { basis[Int(origin[column])] = status[column] }
    let upper = BasisStatus.atUpper
    let lower = BasisStatus.atLower
    let windows = windows.count
    for stack in 0..<windows {
      let window = self.windows.window(stack)
      let all = template.stacks[stack].columns
      for column in all.lowerBound..<window.lowerBound { basis[column] = upper }
      for column in window.upperBound..<all.upperBound { basis[column] = lower }
    }
    for row in 0..<fixedRows { basis[template.model.columnCount + row] = status[columns + row] }
    // Rows outside the program are slack.
    for row in 0..<lazyRows.total { basis[lazyBasis + row] = BasisStatus.basic }
    let rows = status + columns + fixedRows
    for position in 0..<lazyRows.count { basis[lazyBasis + lazyRows[position]] = rows[position] }
    captureCuts(status + columns + templateRows)
    hasBasis = true
  }

  private mutating func captureCuts(_ status: UnsafePointer<UInt8>) {
    basis.reserve(cutBasis + cuts.count, filledWith: 0)
    for position in 0..<cuts.count { basis[cutBasis + position] = status[position] }
  }

  /// Writes a captured basis and the cuts worth starting from.
  ///
  /// - Parameters:
  ///   - start: what the unit starts from next time.
  ///   - onlyMarked: drops cuts that were not marked since `begin` and are slack now.
  func store(into start: inout WarmStart, onlyMarked: Bool) {
    if start.status.count != cutBasis { start.status = [UInt8](repeating: 0, count: cutBasis) }
    for index in 0..<lazyBasis { start.status[index] = basis[index] }
    for row in 0..<lazyRows.total {
      start.status[lazyBasis + row] = lazyRows.status(row, basis: basis.base + lazyBasis, onlyMarked: onlyMarked)
    }
    start.cuts.removeAll(keepingCapacity: true)
    start.cutStatus.removeAll(keepingCapacity: true)
    for position in 0..<cuts.count {
      let status = basis[cutBasis + position]
      // A row that is not basic carries part of the basis and must stay.
      guard !onlyMarked || status != BasisStatus.basic || cuts.isMarked(position) else { continue }
      start.cuts.append(Int32(truncatingIfNeeded: cuts[position]))
      start.cutStatus.append(status)
    }
  }

  /// Writes all arrays for the current windows and cuts.
  ///
  /// - Parameters:
  ///   - pool: the pool of the cuts.
  ///   - shifts: what is added to the bounds of each row of the template.
  mutating func assemble(pool: CutPool?, shifts: UnsafePointer<Double>) {
    let model = template.model
    lazyRows.arrange()
    var column = template.firstStackColumn
    var entry = lazyRows.total == 0 ? Int(model.starts[column]) : placeCore()
    for stack in 0..<windows.count {
      for source in windows.window(stack) {
        place(source, at: column, entry: entry)
        storage.rowIndices[entry] = Int32(truncatingIfNeeded: windows.row(stack))
        storage.values[entry] = 1
        entry += 1
        column += 1
      }
    }
    firstStateColumn = column
    let cutEntries = cuts.count * (template.stateDimension + 1)
    storage.rowIndices.reserve(model.rowIndices.count + cutEntries, filledWith: 0)
    storage.values.reserve(model.values.count + cutEntries, filledWith: 0)
    for source in template.firstStateColumn..<model.columnCount {
      place(source, at: column, entry: entry)
      entry = placeEntries(of: source, at: entry)
      if let pool { entry = writeCutEntries(of: source, pool: pool, at: entry) }
      column += 1
    }
    storage.columnCount = column
    storage.starts[column] = Int32(truncatingIfNeeded: entry)
    writeRows(pool: pool, shifts: shifts)
    if hasBasis { writeBasis() }
  }

  /// Writes the entries of the core columns, which are others with each set of lazy rows; returns the next entry.
  private func placeCore() -> Int {
    var entry = 0
    for column in 0..<template.firstStackColumn {
      storage.starts[column] = Int32(truncatingIfNeeded: entry)
      entry = placeEntries(of: column, at: entry)
    }
    return entry
  }

  /// Writes the entries of a column of the template in rows of the program; returns the next entry.
  private func placeEntries(of source: Int, at first: Int) -> Int {
    let model = template.model
    var entry = first
    for index in Int(model.starts[source])..<Int(model.starts[source + 1]) {
      guard let row = programRow(Int(model.rowIndices[index])) else { continue }
      storage.rowIndices[entry] = Int32(truncatingIfNeeded: row)
      storage.values[entry] = model.values[index]
      entry += 1
    }
    return entry
  }

  private func place(_ source: Int, at column: Int, entry: Int) {
    origin[column] = Int32(truncatingIfNeeded: source)
    storage.columnLower[column] = template.model.columnLower[source]
    storage.columnUpper[column] = template.model.columnUpper[source]
    storage.objective[column] = objective[source]
    storage.starts[column] = Int32(truncatingIfNeeded: entry)
  }

  private func writeCutEntries(of source: Int, pool: CutPool, at first: Int) -> Int {
    var entry = first
    let component = source - template.firstStateColumn
    // Columns after the states: a future cost for each group, then the columns of a risk measure, which no cut
    // contains.
    let group = component - template.stateDimension
    for position in 0..<cuts.count {
      let value =
        group < 0
        ? -pool.slope(cuts[position], component) * StageLPTemplate.objectiveScale
        : cuts[position] % pool.groups == group ? 1 : 0
      guard value != 0 else { continue }
      storage.rowIndices[entry] = Int32(truncatingIfNeeded: templateRows + position)
      storage.values[entry] = value
      entry += 1
    }
    return entry
  }

  private mutating func writeRows(pool: CutPool?, shifts: UnsafePointer<Double>) {
    let rows = templateRows
    storage.rowLower.reserve(rows + cuts.count, filledWith: 0)
    storage.rowUpper.reserve(rows + cuts.count, filledWith: 0)
    storage.rowCount = rows + cuts.count
    for row in 0..<rows {
      let source = row < fixedRows ? row : fixedRows + lazyRows[row - fixedRows]
      storage.rowLower[row] = template.model.rowLower[source] + shifts[source]
      storage.rowUpper[row] = template.model.rowUpper[source] + shifts[source]
    }
    guard let pool else { return }
    for position in 0..<cuts.count {
      storage.rowLower[rows + position] = pool.intercept(cuts[position]) * StageLPTemplate.objectiveScale
      storage.rowUpper[rows + position] = .infinity
    }
  }

  private mutating func writeBasis() {
    let columns = storage.columnCount
    programBasis.reserve(columns + storage.rowCount, filledWith: 0)
    for column in 0..<columns { programBasis[column] = basis[Int(origin[column])] }
    for row in 0..<fixedRows { programBasis[columns + row] = basis[template.model.columnCount + row] }
    let lazyFirst = columns + fixedRows
    for position in 0..<lazyRows.count { programBasis[lazyFirst + position] = basis[lazyBasis + lazyRows[position]] }
    for position in 0..<cuts.count { programBasis[columns + templateRows + position] = basis[cutBasis + position] }
  }

  /// Copies the solution into template order.
  ///
  /// Columns outside the windows get their implied values.
  func scatter(_ values: UnsafePointer<Double>, into target: UnsafeMutablePointer<Double>) {
    for column in 0..<storage.columnCount { target[Int(origin[column])] = values[column] }
    for stack in 0..<windows.count {
      let window = windows.window(stack)
      let all = template.stacks[stack].columns
      for column in all.lowerBound..<window.lowerBound { target[column] = template.model.columnUpper[column] }
      for column in window.upperBound..<all.upperBound { target[column] = template.model.columnLower[column] }
    }
  }
}
