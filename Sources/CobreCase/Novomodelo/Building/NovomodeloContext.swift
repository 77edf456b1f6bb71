internal import CobreBase

/// What the later layers know of a Novomodelo case whose files are well formed.
struct NovomodeloContext: ReferenceScope {
  let documents: NovomodeloDocuments
  private let roots: [NovomodeloFile: Node]
  private let registries: [EntityKind: Registry]
  let stages: Registry
  let preStudyIDs: Set<Int>
  let seasonIDs: Set<Int>?

  init(_ documents: NovomodeloDocuments) {
    self.documents = documents
    var roots: [NovomodeloFile: Node] = [:]
    for (file, object) in documents.json {
      roots[file] = Node(.object(object.completed(NovomodeloFormat.fields(file) ?? [])))
    }
    self.roots = roots
    func registry(_ kind: EntityKind) -> Registry {
      let (file, key) = NovomodeloFormat.listKey(kind)
      let root = roots[file] ?? Node(nil)
      // The order of the hydros is also the order of the state and of the noise. In other registries the order has no
      // meaning.
      guard kind == .hydro else {
        return Registry(kind, file: file.path, listKey: key, root) { $0["id"].int < $1["id"].int }
      }
      return Registry(kind, file: file.path, listKey: key, root) {
        ($0["operational_start_date"].date, $0["id"].int) < ($1["operational_start_date"].date, $1["id"].int)
      }
    }
    var registries: [EntityKind: Registry] = [:]
    for kind in EntityKind.allCases { registries[kind] = registry(kind) }
    self.registries = registries
    self.stages = registries[.stage] ?? registry(.stage)
    let stagesRoot = roots[.stages] ?? Node(nil)
    self.preStudyIDs = Set(stagesRoot["pre_study_stages"].elements.map { $0["id"].int })
    let definitions = stagesRoot["season_definitions"]
    self.seasonIDs = definitions.exists ? Set(definitions["seasons"].elements.map { $0["id"].int }) : nil
  }

  func root(_ file: NovomodeloFile) -> Node { roots[file] ?? Node(nil) }

  func registry(_ kind: EntityKind) -> Registry { registries[kind] ?? Registry(kind, Node(nil)) }

  func table(_ file: NovomodeloFile) -> Table? { documents.tables[file] }

  /// Statistics of lags may have ids below 0 without a pre-study stage.
  func holds(_ target: Reference.Target, _ id: Int) -> Bool {
    switch target {
    case .entity(let kind): registry(kind).index[id] != nil
    case .studyStage: stages.index[id] != nil
    case .anyStage: id < 0 || stages.index[id] != nil
    case .season: seasonIDs?.contains(id) ?? true
    }
  }

  /// Number of blocks of a stage.
  func blocks(_ stage: Int) -> Int { stages.nodes[stage]["blocks"].elements.count }

  /// A row of a table whose key is known: indices of entity and stage, and the block.
  struct KeyedRow {
    var row: Int
    var entity: Int
    var stage: Int
    /// nil = every block.
    var block: Int?
  }

  /// Rows of a table whose stage and entity are known, rows for whole stages first.
  func rows(_ file: NovomodeloFile, _ key: String, _ kind: EntityKind) -> [KeyedRow] {
    guard let table = table(file) else { return [] }
    let entities = table.integers(key)
    let stageIDs = table.integers("stage_id")
    let blocks = table.integers("block_id")
    guard entities.count == stageIDs.count else { return [] }
    let registry = registry(kind)
    var whole: [KeyedRow] = []
    var single: [KeyedRow] = []
    for row in entities.indices {
      guard let entity = registry.index[entities[row]], let stage = stages.index[stageIDs[row]] else { continue }
      let block = blocks.isEmpty || blocks[row] == Table.none ? nil : blocks[row]
      if let block {
        // Blocks beyond the stage have been reported.
        if block < self.blocks(stage) {
          single.append(KeyedRow(row: row, entity: entity, stage: stage, block: block))
        }
      } else {
        whole.append(KeyedRow(row: row, entity: entity, stage: stage, block: nil))
      }
    }
    return whole + single
  }

  /// Index of the first stage whose id is at least `id`.
  ///
  /// The number of stages if there is none.
  func firstStage(from id: Int) -> Int { stages.ids.firstIndex { $0 >= id } ?? stages.count }

  /// A period of service, by ids that need name no stage.
  func service(_ node: Node) -> ServicePeriod {
    ServicePeriod(
      entry: node["entry_stage_id"].optionalInt.map(firstStage(from:)),
      exit: node["exit_stage_id"].optionalInt.map(firstStage(from:)))
  }

  /// Index of a bus; 0 where the id is unknown, which has been reported.
  func bus(_ id: Int) -> Int { registry(.bus).index[id] ?? 0 }
}
