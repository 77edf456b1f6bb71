internal import CobreBase

/// What the later layers know of a case whose files are well formed.
struct CaseContext: ReferenceScope {
  let documents: CaseDocuments
  private let roots: [CaseFileName: Node]
  private let registries: [EntityKind: Registry]
  let stages: Registry
  /// Ids of the pre-study stages.
  let preStudyIDs: Set<Int>
  /// Ids of the defined seasons, or nil without definitions.
  let seasonIDs: Set<Int>?

  init(_ documents: CaseDocuments) {
    self.documents = documents
    var roots: [CaseFileName: Node] = [:]
    for (name, object) in documents.json {
      roots[name] = Node(.object(object.completed(CaseFormat.fields(name) ?? [])))
    }
    self.roots = roots
    var registries: [EntityKind: Registry] = [:]
    for kind in EntityKind.allCases {
      registries[kind] = Registry(kind, roots[CaseFormat.listKey(kind).file] ?? Node(nil))
    }
    self.registries = registries
    let stagesRoot = roots[.stages] ?? Node(nil)
    self.stages = registries[.stage] ?? Registry(.stage, stagesRoot)
    self.preStudyIDs = Set(stagesRoot["pre_study_stages"].elements.map { $0["id"].int })
    let definitions = stagesRoot["season_definitions"]
    self.seasonIDs = definitions.exists ? Set(definitions["seasons"].elements.map { $0["id"].int }) : nil
  }

  func root(_ name: CaseFileName) -> Node { roots[name] ?? Node(nil) }

  func registry(_ kind: EntityKind) -> Registry { registries[kind] ?? Registry(kind, Node(nil)) }

  func table(_ name: CaseFileName) -> Table? { documents.table(name) }

  /// Rows of a table whose stage and entity are known, with their indices.
  func rows(_ table: Table, _ key: String, _ kind: EntityKind) -> [(row: Int, entity: Int, stage: Int)] {
    let entities = table.integers(key)
    let stageIDs = table.integers("stage_id")
    guard entities.count == stageIDs.count else { return [] }
    let registry = registry(kind)
    return entities.indices.compactMap { row in
      guard let entity = registry.index[entities[row]], let stage = stages.index[stageIDs[row]] else { return nil }
      return (row, entity, stage)
    }
  }
}
