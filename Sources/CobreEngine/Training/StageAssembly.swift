/// The arrays of one stage's program with its working set of cuts, assembled anew for every unit of work.
///
/// Columns before the state columns never touch cut rows, so only the tail of the matrix is rewritten.
struct StageAssembly: ~Copyable {
  private let template: StageTemplate
  private var storage: LPModelStorage
  /// Entries of the template before the first state column.
  private let headEntries: Int
  /// Slots in the program, in row order.
  private(set) var cuts: FixedBuffer<Int32>
  private(set) var cutCount = 0
  private var binding: FixedBuffer<UInt8>
  private var basis: FixedBuffer<UInt8>
  private var hasBasis = false
  /// Mark of the unit in which a slot last joined, so that clearing costs nothing.
  private var membership: FixedBuffer<Int32>
  private var unit: Int32 = 0

  private var lowerOfNew: FixedBuffer<Double>
  private var upperOfNew: FixedBuffer<Double>
  private var startsOfNew: FixedBuffer<Int32>
  private var columnsOfNew: FixedBuffer<Int32>
  private var valuesOfNew: FixedBuffer<Double>

  init(template: StageTemplate) {
    self.template = template
    storage = LPModelStorage(template.model, spareRows: 64, spareEntries: 64 * (template.stateDimension + 1))
    headEntries = Int(template.model.starts[template.firstStateColumn])
    cuts = FixedBuffer(capacity: 64, filledWith: 0)
    binding = FixedBuffer(capacity: 64, filledWith: 0)
    basis = FixedBuffer(capacity: template.model.columnCount + template.model.rowCount + 64, filledWith: 0)
    membership = FixedBuffer(capacity: 256, filledWith: 0)
    lowerOfNew = FixedBuffer(capacity: 8, filledWith: 0)
    upperOfNew = FixedBuffer(capacity: 8, filledWith: .infinity)
    startsOfNew = FixedBuffer(capacity: 9, filledWith: 0)
    columnsOfNew = FixedBuffer(capacity: 8 * (template.stateDimension + 1), filledWith: 0)
    valuesOfNew = FixedBuffer(capacity: 8 * (template.stateDimension + 1), filledWith: 0)
  }

  var view: LPModelView { storage.view }
  /// The basis to start from; nil for none.
  var status: UnsafePointer<UInt8>? { hasBasis ? UnsafePointer(basis.base) : nil }

  mutating func begin(pool: CutPool?, start: borrowing WarmStart, extraCut: Int?, basicStatus: UInt8) {
    let columns = template.model.columnCount
    let rows = template.model.rowCount
    if unit == .max {
      for slot in 0..<membership.capacity { membership.base[slot] = 0 }
      unit = 0
    }
    unit += 1
    membership.reserve(pool?.count ?? 0, filledWith: 0)
    cutCount = 0
    hasBasis = !start.status.isEmpty
    reserveCuts(start.cuts.count + 1)
    if hasBasis { for index in 0..<(columns + rows) { basis.base[index] = start.status[index] } }
    if pool != nil {
      for (position, slot) in start.cuts.enumerated() {
        basis.base[columns + rows + cutCount] = start.cutStatus[position]
        join(slot)
      }
      if let extraCut, membership.base[extraCut] != unit {
        basis.base[columns + rows + cutCount] = basicStatus
        join(Int32(extraCut))
      }
    }
    storage.rowLower.base.update(from: template.model.rowLower, count: rows)
    storage.rowUpper.base.update(from: template.model.rowUpper, count: rows)
  }

  /// Lets up to `limit` cuts with the highest values join, unless they are in the program already.
  mutating func joinHighest(values: UnsafePointer<Double>, count: Int, limit: Int, basicStatus: UInt8) {
    reserveCuts(cutCount + limit)
    var ceiling = Double.infinity
    for _ in 0..<limit {
      var best = -1
      var bestValue = -Double.infinity
      for slot in 0..<count where values[slot] > bestValue && values[slot] < ceiling {
        best = slot
        bestValue = values[slot]
      }
      guard best >= 0 else { return }
      ceiling = bestValue
      guard membership.base[best] != unit else { continue }
      basis.base[template.model.columnCount + template.model.rowCount + cutCount] = basicStatus
      join(Int32(best))
    }
  }

  /// Writes the rows of the cuts that have joined; the arrays can be loaded then.
  mutating func finish(pool: CutPool?) {
    fillCutRows(pool)
  }

  /// Moves the bounds of a row of the template before loading.
  func setRow(_ row: Int, shift: Double) {
    storage.rowLower.base[row] = template.model.rowLower[row] + shift
    storage.rowUpper.base[row] = template.model.rowUpper[row] + shift
  }

  func markBinding(duals: UnsafePointer<Double>) {
    let rows = template.model.rowCount
    for position in 0..<cutCount where duals[rows + position] > 0 { binding.base[position] = 1 }
  }

  func store(basis status: UnsafePointer<UInt8>, into start: inout WarmStart, onlyMarked: Bool, basicStatus: UInt8) {
    let fixed = template.model.columnCount + template.model.rowCount
    if start.status.count != fixed { start.status = [UInt8](repeating: 0, count: fixed) }
    for index in 0..<fixed { start.status[index] = status[index] }
    start.cuts.removeAll(keepingCapacity: true)
    start.cutStatus.removeAll(keepingCapacity: true)
    for position in 0..<cutCount {
      let rowStatus = status[fixed + position]
      // A row that is not basic carries part of the basis and must stay.
      guard !onlyMarked || rowStatus != basicStatus || binding.base[position] != 0 else { continue }
      start.cuts.append(cuts.base[position])
      start.cutStatus.append(rowStatus)
    }
  }

  /// Finds up to `limit` cuts outside the program with the largest values above a threshold; ties go to the older cut.
  /// They join in that order; their number is returned.
  mutating func collectViolated(
    values: UnsafePointer<Double>, count: Int, above threshold: Double, limit: Int
  ) -> Int {
    reserveCuts(cutCount + limit)
    var found = 0
    while found < limit {
      var best = -1
      var bestValue = threshold
      for slot in 0..<count where values[slot] > bestValue && membership.base[slot] != unit {
        best = slot
        bestValue = values[slot]
      }
      guard best >= 0 else { break }
      join(Int32(best))
      found += 1
    }
    return found
  }

  /// Prepares the rows of the last `count` cuts that joined, for `LPSolver.addRows`.
  mutating func appendRows(of pool: CutPool, count: Int) {
    let dimension = template.stateDimension
    var entry = 0
    for index in 0..<count {
      let slot = Int(cuts.base[cutCount - count + index])
      startsOfNew.base[index] = Int32(entry)
      lowerOfNew.base[index] = pool.intercept(slot) * StageTemplate.objectiveScale
      for component in 0..<dimension {
        let slope = pool.slope(slot, component)
        guard slope != 0 else { continue }
        columnsOfNew.base[entry] = Int32(template.firstStateColumn + component)
        valuesOfNew.base[entry] = -slope * StageTemplate.objectiveScale
        entry += 1
      }
      columnsOfNew.base[entry] = Int32(template.futureCostColumn)
      valuesOfNew.base[entry] = 1
      entry += 1
    }
    startsOfNew.base[count] = Int32(entry)
  }

  func newLower(_ count: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: UnsafePointer(lowerOfNew.base), count: count)
  }
  func newUpper(_ count: Int) -> UnsafeBufferPointer<Double> {
    UnsafeBufferPointer(start: UnsafePointer(upperOfNew.base), count: count)
  }
  var newStarts: UnsafePointer<Int32> { UnsafePointer(startsOfNew.base) }
  var newColumns: UnsafePointer<Int32> { UnsafePointer(columnsOfNew.base) }
  var newValues: UnsafePointer<Double> { UnsafePointer(valuesOfNew.base) }

  private mutating func join(_ slot: Int32) {
    cuts.base[cutCount] = slot
    binding.base[cutCount] = 0
    membership.base[Int(slot)] = unit
    cutCount += 1
  }

  private mutating func reserveCuts(_ count: Int) {
    cuts.reserve(count, filledWith: 0)
    binding.reserve(count, filledWith: 0)
    basis.reserve(template.model.columnCount + template.model.rowCount + count, filledWith: 0)
  }

  /// Writes the cut rows of the working set behind the template's rows, and the matrix from the state columns on.
  private mutating func fillCutRows(_ pool: CutPool?) {
    let model = template.model
    let rows = model.rowCount
    let dimension = template.stateDimension
    storage.rowLower.reserve(rows + cutCount, filledWith: 0)
    storage.rowUpper.reserve(rows + cutCount, filledWith: 0)
    let tail = model.rowIndices.count + cutCount * (dimension + 1)
    storage.rowIndices.reserve(tail, filledWith: 0)
    storage.values.reserve(tail, filledWith: 0)
    storage.rowCount = rows + cutCount
    var entry = headEntries
    for column in template.firstStateColumn..<model.columnCount {
      storage.starts.base[column] = Int32(entry)
      for index in Int(model.starts[column])..<Int(model.starts[column + 1]) {
        storage.rowIndices.base[entry] = model.rowIndices[index]
        storage.values.base[entry] = model.values[index]
        entry += 1
      }
      guard let pool else { continue }
      let component = column - template.firstStateColumn
      let isFuture = column == template.futureCostColumn
      for position in 0..<cutCount {
        let value =
          isFuture ? 1 : -pool.slope(Int(cuts.base[position]), component) * StageTemplate.objectiveScale
        guard value != 0 else { continue }
        storage.rowIndices.base[entry] = Int32(rows + position)
        storage.values.base[entry] = value
        entry += 1
      }
    }
    storage.starts.base[model.columnCount] = Int32(entry)
    guard let pool else { return }
    for position in 0..<cutCount {
      storage.rowLower.base[rows + position] =
        pool.intercept(Int(cuts.base[position])) * StageTemplate.objectiveScale
      storage.rowUpper.base[rows + position] = .infinity
    }
  }
}
