internal import CobreBase

/// What ids may name in a case.
protocol ReferenceScope {
  var stages: Registry { get }
  /// Ids of the pre-study stages.
  var preStudyIDs: Set<Int> { get }
  /// Ids of the defined seasons, or nil without definitions.
  var seasonIDs: Set<Int>? { get }
  func registry(_ kind: EntityKind) -> Registry
  /// Whether an id names something.
  func holds(_ target: Reference.Target, _ id: Int) -> Bool
}

extension ReferenceScope {
  func holds(_ target: Reference.Target, _ id: Int) -> Bool {
    switch target {
    case .entity(let kind): registry(kind).index[id] != nil
    case .studyStage: stages.index[id] != nil
    case .anyStage: stages.index[id] != nil || preStudyIDs.contains(id)
    case .season: seasonIDs?.contains(id) ?? true
    }
  }
}

/// Finds ids that refer to no entity (rules 301 to 310).
///
/// The definition of a format contains which keys and columns hold ids, so one walk covers every file.
struct ReferenceWalker {
  let scope: any ReferenceScope
  var collector: FindingCollector
  private var path = JSONPath()
  private var file = ""
  private var entity: Finding.Entity?

  init(scope: any ReferenceScope, collector: FindingCollector) {
    self.scope = scope
    self.collector = collector
  }

  /// Checks the top-level object of a JSON file.
  mutating func check(_ object: JSONObject, _ fields: [Field], file: String) {
    self.file = file
    walk(object, fields)
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
          entity = element[key]?.int.map { scope.registry(kind).entity(id: $0) }
        }
        walk(element, array.element)
        path.pop()
      }
      entity = outer
    case (.int(let id), .integer(let integer)):
      guard let reference = integer.reference, !scope.holds(reference.target, Int(id)) else { return }
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

  private mutating func report(_ reference: Reference, _ id: Int, at location: String) {
    let (what, known) = describe(reference.target)
    let nearest = NearestName.nearest(to: String(id), among: known.lazy.map(String.init))
    let list = known.prefix(8).map(String.init).joined(separator: ", ") + (known.count > 8 ? ", …" : "")
    if reference.isPassedOver {
      collector.report(
        reference.code, .warning, file: file, at: location, entity: entity, value: String(id),
        "\(id) \(what), so that the row has no effect.", suggestion: "Correct the id, or remove the row.")
      return
    }
    collector.report(
      reference.code, file: file, at: location, entity: entity, value: String(id), "\(id) \(what).",
      suggestion: nearest.map { "Did you mean \($0)?" }
        ?? (known.isEmpty ? "There is none at all." : "Known ids: \(list)."))
  }

  private func describe(_ target: Reference.Target) -> (what: String, known: [Int]) {
    switch target {
    case .entity(let kind):
      let registry = scope.registry(kind)
      return ("is the id of no \(kind.words) in \(registry.file)", registry.ids)
    case .studyStage: return ("is no study stage of stages.json", scope.stages.ids)
    case .anyStage:
      return (
        "is neither a study stage nor a pre-study stage of stages.json",
        scope.preStudyIDs.sorted() + scope.stages.ids
      )
    case .season: return ("is no season of season_definitions in stages.json", (scope.seasonIDs ?? []).sorted())
    }
  }

  /// Checks the id columns of a table.
  mutating func check(_ table: Table) {
    file = table.file
    for column in table.shape.columns {
      guard let reference = column.reference else { continue }
      var isKnown: [Int: Bool] = [:]
      for (row, id) in table.integers(column.name).enumerated() where id != Table.none {
        if let known = isKnown[id] {
          if known { continue }
        } else {
          let known = scope.holds(reference.target, id)
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
