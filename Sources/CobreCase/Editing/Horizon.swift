internal import CobreBase

/// The beginning of a study: its first stages alone, without what the files of the case say of later ones.
struct Horizon {
  /// How many periods stay; stages that begin on the same day, in one policy graph, are one period.
  let count: Int

  /// Takes the later stages out of all files of a case.
  ///
  /// What follows the last stage is lost with them: water left over there is worth nothing.
  ///
  /// - Returns: what was done, as the effect of an edit.
  /// - Throws: where the study has no such beginning, or a file cannot be read.
  func cut(_ files: inout CaseFiles, _ format: DescribedFormat) throws(JSONSelector.Failure) -> String {
    guard let bytes = files.contents[Self.stages] else {
      throw JSONSelector.Failure(sentence: "there is no such file in the case")
    }
    let document = try CaseRevision.json(bytes)
    try refuse(document, files)
    let later = try Later(document, after: count)
    guard !later.stages.isEmpty else { return "all \(later.periods) stages stay" }
    let limited = try constraints(files, format)
    var rows = 0
    for file in format.files {
      guard let bytes = files.contents[file.path] else { continue }
      if let shape = file.table {
        rows += try later.remove(from: &files, file.path, bytes, shape)
      } else {
        let before = file.path == Self.stages ? document : try CaseRevision.json(bytes)
        let after = later.pruned(before, isStages: file.path == Self.stages)
        if after != before { files.set(file.path, to: CaseRevision.serialized(after)) }
      }
    }
    try removeConstraints(limited.subtracting(try constraints(files, format)), from: &files)
    return "the first \(count) of \(later.periods) stages stay; \(rows) row\(rows == 1 ? "" : "s") of tables removed"
  }

  /// Ids of the generic constraints that rows put in force.
  private func constraints(_ files: CaseFiles, _ format: DescribedFormat) throws(JSONSelector.Failure) -> Set<String> {
    var found: Set<String> = []
    for file in format.files where file.path.hasPrefix(Self.limits) {
      guard let bytes = files.contents[file.path], let shape = file.table else { continue }
      do throws(EditableTable.Failure) {
        let table = try CaseRevision.table(bytes, shape)
        guard let position = table.columns.firstIndex(of: "constraint_id") else { continue }
        found.formUnion(table.rows.map { table.canonical($0[position], column: "constraint_id") })
      } catch {
        throw JSONSelector.Failure(sentence: "\(file.path): \(error.sentence)")
      }
    }
    return found
  }

  /// Takes out constraints that were in force in later stages alone.
  private func removeConstraints(_ ids: Set<String>, from files: inout CaseFiles) throws(JSONSelector.Failure) {
    guard !ids.isEmpty, let bytes = files.contents[Self.constraints] else { return }
    guard var document = try CaseRevision.json(bytes).object, let list = document["constraints"]?.array else { return }
    document["constraints"] = .array(list.filter { $0.object?["id"]?.int.map { !ids.contains(String($0)) } ?? true })
    files.set(Self.constraints, to: CaseRevision.serialized(.object(document)))
  }

  private static let stages = "stages.json"
  private static let constraints = "constraints/generic_constraints.json"
  /// How the names of the tables of their limits begin.
  private static let limits = "constraints/generic_constraint_bounds"
  private static let after = "post_study_stages.json"

  private func refuse(_ document: JSONValue, _ files: CaseFiles) throws(JSONSelector.Failure) {
    if document.object?["policy_graph"]?.object?["type"] == .string("cyclic") {
      throw JSONSelector.Failure(sentence: "the policy graph is cyclic, so the study has no end to bring forward")
    }
    if files.contents[Self.after] != nil {
      throw JSONSelector.Failure(sentence: "\(Self.after) goes on where the last stage ends; remove it first")
    }
    if let bytes = files.contents["config.json"],
      let boundary = try CaseRevision.json(bytes).object?["policy"]?.object?["boundary"], !boundary.isNull
    {
      throw JSONSelector.Failure(
        sentence: "policy.boundary of config.json values the end of the last stage; remove it first")
    }
  }

  /// The stages that go.
  private struct Later {
    /// Their ids.
    var stages: Set<Int> = []
    /// Ids of the scenario nodes on them.
    var nodes: Set<Int> = []
    var hasNodes = false
    let periods: Int
    let kept: Int

    init(_ document: JSONValue, after count: Int) throws(JSONSelector.Failure) {
      guard let list = document.object?["stages"]?.array else {
        throw JSONSelector.Failure(sentence: "it has no list of stages")
      }
      var dates: [Int: String] = [:]
      for stage in list {
        guard let id = stage.object?["id"]?.int, let date = stage.object?["start_date"]?.string else {
          throw JSONSelector.Failure(sentence: "a stage has no id or no start_date")
        }
        // Those below 0 are before the study.
        if id >= 0 { dates[Int(id)] = date }
      }
      let periods = Set(dates.values).sorted()
      self.periods = periods.count
      kept = min(count, periods.count)
      guard count < periods.count else { return }
      stages = Set(dates.filter { $0.value >= periods[count] }.keys)
      let listed = document.object?["policy_graph"]?.object?["nodes"]?.array ?? []
      hasNodes = !listed.isEmpty
      nodes = Set(
        listed.compactMap { $0.object }.filter { holds($0["stage_id"]) }.compactMap { $0["id"]?.int }.map { Int($0) })
    }

    private func holds(_ id: JSONValue?) -> Bool { id?.int.map { stages.contains(Int($0)) } ?? false }

    /// A document without what belongs to these stages.
    func pruned(_ value: JSONValue, isStages: Bool) -> JSONValue {
      if let list = value.array {
        return .array(list.filter { !belongs($0) }.map { pruned($0, isStages: isStages) })
      }
      guard let object = value.object else { return value }
      var result = JSONObject()
      for (key, member) in object.members {
        switch key {
        case "stages" where isStages:
          result[key] = .array((member.array ?? []).filter { !holds($0.object?["id"]) })
        case "transitions" where isStages:
          let gone = hasNodes ? nodes : stages
          result[key] = .array(
            (member.array ?? []).filter { arc in
              !["source_id", "target_id"].contains { end in
                arc.object?[end]?.int.map { gone.contains(Int($0)) } ?? false
              }
            })
        // A range that ends there lasts to the end by now; what begins there never does.
        case "end_stage_id" where holds(member): result[key] = .null
        case _ where holds(member.object?["start_stage_id"]): result[key] = .null
        case "values" where object["kind"] == .string("per_stage"),
          "block_values" where object["kind"] == .string("per_stage_block"):
          result[key] = byPosition(member)
        default: result[key] = pruned(member, isStages: isStages)
        }
      }
      return .object(result)
    }

    private func belongs(_ element: JSONValue) -> Bool {
      guard let object = element.object else { return false }
      return holds(object["stage_id"]) || holds(object["start_stage_id"])
    }

    /// Tuples that begin with the position of a stage, counted from 0.
    private func byPosition(_ tuples: JSONValue) -> JSONValue {
      .array((tuples.array ?? []).filter { ($0.array?.first?.number).map { $0 < Double(kept) } ?? true })
    }

    /// Takes their rows out of a table; returns how many those were.
    func remove(
      from files: inout CaseFiles, _ path: String, _ bytes: [UInt8], _ shape: TableShape
    ) throws(JSONSelector.Failure) -> Int {
      guard shape.column("stage_id") != nil else { return 0 }
      do throws(EditableTable.Failure) {
        var table = try CaseRevision.table(bytes, shape)
        guard let position = table.columns.firstIndex(of: "stage_id") else { return 0 }
        let before = table.rows.count
        let gone = table.rows.map {
          Int(table.canonical($0[position], column: "stage_id")).map(stages.contains) ?? false
        }
        table.rows = zip(table.rows, gone).filter { !$0.1 }.map(\.0)
        guard table.rows.count < before else { return 0 }
        files.set(path, to: shape.isParquet ? try table.parquet() : table.csv)
        return before - table.rows.count
      } catch {
        throw JSONSelector.Failure(sentence: "\(path): \(error.sentence)")
      }
    }
  }
}
