/// Layer 3: every id names something (rules 301 to 310).
///
/// Which keys and columns hold ids is part of the format's definitions, so one walk covers every file.
struct ReferenceChecks {
  let context: CaseContext
  var collector: FindingCollector
  private var path = JSONPath()
  private var file = CaseFileName.config
  private var entity: Finding.Entity?

  static func check(_ context: CaseContext, _ collector: inout FindingCollector) {
    var checks = ReferenceChecks(context: context, collector: collector)
    for name in CaseFileName.allCases {
      if let fields = CaseFormat.fields(name), let object = context.documents.json[name] {
        checks.file = name
        checks.walk(.object(object), .object(fields))
      } else if let table = context.table(name) {
        checks.check(table)
      }
    }
    checks.checkBlocks()
    checks.checkExpressions()
    checks.checkCorrelation()
    collector = checks.collector
  }

  private init(context: CaseContext, collector: FindingCollector) {
    self.context = context
    self.collector = collector
  }

  private mutating func walk(_ value: JSONValue, _ shape: Shape) {
    switch (value, shape) {
    case (.object(let object), .object(let fields)): walk(object, fields)
    case (.object(let object), .tagged(let tagged)):
      if let name = object[tagged.tag]?.string, let fields = tagged.fields(name) { walk(object, fields) }
    case (.array(let values), .array(let array)):
      let outer = entity
      for (index, element) in values.enumerated() {
        path.push(index)
        if let kind = array.entity {
          let key = array.identity ?? (element["hydro_id"] == nil ? "id" : "hydro_id")
          entity = element[key]?.int.map { context.registry(kind).entity(id: $0) }
        }
        walk(element, array.element)
        path.pop()
      }
      entity = outer
    case (.int(let id), .integer(let integer)):
      guard let reference = integer.reference, !holds(reference.target, Int(id)) else { return }
      report(reference, Int(id), at: path.text())
    default: break
    }
  }

  private mutating func walk(_ object: JSONObject, _ fields: [Field]) {
    for field in fields {
      guard let value = object[field.name] else { continue }
      path.push(field.name)
      walk(value, field.shape)
      path.pop()
    }
  }

  private func holds(_ target: Reference.Target, _ id: Int) -> Bool {
    switch target {
    case .entity(let kind): context.registry(kind).index[id] != nil
    case .studyStage: context.stages.index[id] != nil
    case .anyStage: context.stages.index[id] != nil || context.preStudyIDs.contains(id)
    case .season: context.seasonIDs?.contains(id) ?? true
    }
  }

  private mutating func report(_ reference: Reference, _ id: Int, at location: String) {
    let (what, known) = describe(reference.target)
    let nearest = NearestName.nearest(to: String(id), among: known.lazy.map(String.init))
    let list = known.prefix(8).map(String.init).joined(separator: ", ") + (known.count > 8 ? ", …" : "")
    collector.report(
      reference.code, file: file, at: location, entity: entity, value: String(id), "\(id) \(what).",
      suggestion: nearest.map { "Did you mean \($0)?" }
        ?? (known.isEmpty ? "There is none at all." : "Known ids: \(list)."))
  }

  private func describe(_ target: Reference.Target) -> (what: String, known: [Int]) {
    switch target {
    case .entity(let kind):
      let registry = context.registry(kind)
      return ("is the id of no \(kind.words) in \(registry.file.path)", registry.ids)
    case .studyStage: return ("is no study stage of stages.json", context.stages.ids)
    case .anyStage:
      return (
        "is neither a study stage nor a pre-study stage of stages.json",
        context.preStudyIDs.sorted() + context.stages.ids
      )
    case .season: return ("is no season of season_definitions in stages.json", (context.seasonIDs ?? []).sorted())
    }
  }

  private mutating func check(_ table: Table) {
    file = table.file
    for column in table.shape.columns {
      guard let reference = column.reference else { continue }
      var isKnown: [Int: Bool] = [:]
      for (row, id) in table.integers(column.name).enumerated() where id != Table.none {
        if let known = isKnown[id] {
          if known { continue }
        } else {
          let known = holds(reference.target, id)
          isKnown[id] = known
          if known { continue }
        }
        entity = nil
        if case .entity(let kind) = reference.target { entity = Finding.Entity(kind, id: id) }
        report(reference, id, at: table.place(row, column.name))
      }
    }
    entity = nil
  }
}

extension EntityKind {
  /// The kind in words.
  var words: String {
    switch self {
    case .bus: "bus"
    case .line: "line"
    case .hydro: "hydro"
    case .thermal: "thermal"
    case .nonControllableSource: "non-controllable source"
    case .pumpingStation: "pumping station"
    case .contract: "contract"
    case .genericConstraint: "generic constraint"
    case .stage: "stage"
    }
  }
}
