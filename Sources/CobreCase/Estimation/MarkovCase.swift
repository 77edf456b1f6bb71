package import CobreBase

/// A case whose stages are the states of a Markov chain, made of a chain of stages with an observed history.
///
/// Each stage but the first becomes one stage for each state. The openings of a state are its observed inflows of all
/// plants together, as likely as each other, so that the correlation between plants is that of the history.
package struct MarkovCase: Sendable {
  /// Files of the new case, as text by path.
  package private(set) var files: [String: String] = [:]
  package let lattice: MarkovLattice
  /// First day of the period of each observation.
  package let dates: [CalendarDate]
  /// First day of each place.
  private let starts: [CalendarDate]
  /// First stage of each place, and the number of stages.
  private let firstStages: [Int]
  private let source: CaseFiles

  /// - Parameters:
  ///   - files: the case, in Cobre's own format.
  ///   - study: the same case, read.
  ///   - states: number of states, 2 to 20.
  ///   - least: fewest observations of a state.
  /// - Throws: `MarkovLattice.Failure` where the case is not one of which a chain can be made.
  package init(files: CaseFiles, study: StudyCase, states: Int, least: Int) throws(MarkovLattice.Failure) {
    if let obstacle = Self.obstacle(files, study) { throw .init(sentence: obstacle) }
    source = files
    starts = study.stages.map(\.start)
    let history = try ObservedYears(study)
    dates = history.dates
    let places = study.stages.map { history.observations(of: $0.seasonID) }
    lattice = try MarkovLattice(
      wetness: history.wetness, seasons: places, follows: history.follows, states: states, least: least,
      before: history.before(study))
    var first = [0]
    for nodes in lattice.nodes { first.append((first.last ?? 0) + nodes.count) }
    firstStages = first
    try write(study, history)
  }

  /// Why a case cannot be given states, as a sentence.
  private static func obstacle(_ files: CaseFiles, _ study: StudyCase) -> String? {
    if FormatRecognition(files).format != .cobre { return "the case is not one of Cobre's own format" }
    if files.contents[CaseFileName.inflowHistory.path] == nil || study.hydros.isEmpty {
      return "the case has no \(CaseFileName.inflowHistory.path)"
    }
    let isChain = study.stages.indices.dropLast().allSatisfy { stage in
      study.graph.successors(of: stage).map(\.stage) == [stage + 1]
    }
    if study.graph.kind != .finiteHorizon || !isChain { return "the stages are not a chain with an end" }
    if let stage = study.stages.first(where: { $0.seasonID == nil }) { return "stage \(stage.id) has no season_id" }
    for file in [CaseFileName.loadOpenings, .priceOpenings] where files.contents[file.path] != nil {
      return "\(file.path) has openings of its own"
    }
    if let plant = study.hydros.first(where: { $0.filling != nil }) {
      return "hydro \(plant.id) is being filled, which stages side by side in time cannot say"
    }
    return nil
  }

  /// Ids of the stages of a place in time, from dry to wet.
  package func stageIDs(_ place: Int) -> Range<Int> { stages(place) }

  /// Stages of a place; beyond the end, ids beyond the last one.
  private func stages(_ place: Int) -> Range<Int> {
    guard place >= 0 else { return place..<(place + 1) }
    let count = firstStages.count - 1
    guard place < count else {
      // An id that means no stage may be of any size.
      let beyond = (firstStages.last ?? 0) + min(place - count, Int(Int32.max))
      return beyond..<(beyond + 1)
    }
    return firstStages[place]..<firstStages[place + 1]
  }

  /// Tables that the openings take the place of.
  private static let dropped: Set<CaseFileName> = [
    .inflowSeasonalStats, .inflowARCoefficients, .inflowAnnualComponent, .inflowHistory, .noiseOpenings,
    .externalInflows, .externalLoads, .externalAvailabilities, .inflowOpenings, .correlation,
  ]

  private mutating func write(_ study: StudyCase, _ history: ObservedYears) throws(MarkovLattice.Failure) {
    for name in CaseFileName.allCases where !Self.dropped.contains(name) {
      guard let bytes = source.contents[name.path] else { continue }
      do {
        if let shape = CaseFormat.table(name) {
          files[name.path] = try spread(EditableTable(csv: bytes, shape: shape))
        } else {
          files[name.path] = try rewritten(JSONParser.parse(bytes), name, study).text(.init(isIndented: true)) + "\n"
        }
      } catch {
        throw .init(sentence: "\(name.path) cannot be read: \(error)")
      }
    }
    var rows = "stage_id,opening_index,hydro_id,value_m3s\n"
    for (place, nodes) in lattice.nodes.enumerated() {
      for (state, node) in nodes.enumerated() {
        for (opening, member) in node.members.enumerated() {
          for (hydro, plant) in study.hydros.enumerated() {
            rows += "\(stages(place).lowerBound + state),\(opening),\(plant.id),\(history.inflows[member][hydro])\n"
          }
        }
      }
    }
    files[CaseFileName.inflowOpenings.path] = rows
  }

  /// A table whose rows of a stage are there for each of its states.
  private func spread(_ table: EditableTable) -> String {
    var table = table
    if let column = table.columns.firstIndex(of: "stage_id") {
      table.rows = table.rows.flatMap { row -> [[String?]] in
        guard let text = row[column], let place = Int(table.canonical(text, column: "stage_id")) else { return [row] }
        guard place >= 0 else { return [] }
        return stages(place).map { stage in
          var copy = row
          copy[column] = String(stage)
          return copy
        }
      }
    }
    return String(decoding: table.csv, as: UTF8.self)
  }

  private func rewritten(_ value: JSONValue, _ name: CaseFileName, _ study: StudyCase) -> JSONValue {
    var document = mapped(value)
    guard var object = document.object else { return document }
    switch name {
    case .stages:
      object["stages"] = .array(stageObjects(value["stages"]?.array ?? []))
      object["policy_graph"] = graph(value["policy_graph"] ?? .null, study)
      object["pre_study_stages"] = nil
    case .initialConditions:
      object["past_inflows"] = nil
      object["recent_observations"] = nil
    case .config:
      for part in ["training", "simulation"] {
        guard var settings = object[part]?.object else { continue }
        settings["scenario_source"] = nil
        object[part] = .object(settings)
      }
    default: break
    }
    document = .object(object)
    return document
  }

  /// Ids of stages in any place of a document, and entries of a stage for each of its states.
  private func mapped(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let values):
      return .array(
        values.flatMap { element -> [JSONValue] in
          guard var object = element.object, let place = object["stage_id"]?.int else { return [mapped(element)] }
          return stages(place).map { stage -> JSONValue in
            object["stage_id"] = .int(Int64(stage))
            return .object(object)
          }
        })
    case .object(let object):
      return .object(
        JSONObject(
          object.members.map { key, member -> (String, JSONValue) in
            guard let place = member.int else { return (key, mapped(member)) }
            switch key {
            case "entry_stage_id", "exit_stage_id", "start_stage_id":
              return (key, .int(Int64(stages(place).lowerBound)))
            case "end_stage_id": return (key, .int(Int64(stages(place).upperBound - 1)))
            default: return (key, member)
            }
          }))
    default: return value
    }
  }

  private func stageObjects(_ given: [JSONValue]) -> [JSONValue] {
    let sorted = given.sorted { ($0["id"]?.int ?? 0) < ($1["id"]?.int ?? 0) }
    return zip(sorted, lattice.nodes).enumerated().flatMap { place, pair -> [JSONValue] in
      pair.1.enumerated().map { state, node -> JSONValue in
        guard var object = pair.0.object else { return pair.0 }
        object["id"] = .int(Int64(stages(place).lowerBound + state))
        object["num_scenarios"] = .int(Int64(node.members.count))
        object["state_variables"] = nil
        object["sampling_method"] = nil
        return .object(object)
      }
    }
  }

  /// The arcs of the chain, with the discount rates of the transitions that they take the place of.
  private func graph(_ given: JSONValue, _ study: StudyCase) -> JSONValue {
    guard var object = given.object else { return given }
    var rates: [Int: JSONValue] = [:]
    for arc in given["transitions"]?.array ?? [] {
      if let place = arc["source_id"]?.int, let rate = arc["annual_discount_rate_override"] { rates[place] = rate }
    }
    var arcs: [JSONValue] = []
    for (place, rows) in lattice.transitions.enumerated() {
      for (from, row) in rows.enumerated() {
        for (to, probability) in row.enumerated() where probability > 0 {
          var arc: JSONObject = [
            "source_id": .int(Int64(stages(place).lowerBound + from)),
            "target_id": .int(Int64(stages(place + 1).lowerBound + to)), "probability": .double(probability),
          ]
          if let rate = rates[place] { arc["annual_discount_rate_override"] = rate }
          arcs.append(.object(arc))
        }
      }
    }
    object["transitions"] = .array(arcs)
    return .object(object)
  }
}

/// What was made, for people and programs.
extension MarkovCase {
  /// The largest number of states at a place.
  package static let mostStates = 20

  /// Reads a case and makes the one with states; both must be valid.
  ///
  /// - Throws: `MarkovLattice.Failure` with the first errors of the one that is not.
  package init(directory: String, bounds: CaseBounds = .anywhere, states: Int, least: Int) throws(MarkovLattice.Failure)
  {
    let files = CaseFiles(directory: directory, bounds: bounds)
    let report = CaseReader.read(files)
    guard let study = report.study else { throw Self.refused("the case", report) }
    try self.init(files: files, study: study, states: states, least: least)
    let made = CaseReader.read(CaseFiles(contents: self.files.mapValues { Array($0.utf8) }))
    if made.study == nil { throw Self.refused("the case with states", made) }
  }

  private static func refused(_ what: String, _ report: CaseReport) -> MarkovLattice.Failure {
    var first = report.errors.prefix(3).map(\.description).joined(separator: " ")
    if first.hasSuffix(".") { first.removeLast() }
    let count = report.errors.count
    return .init(sentence: "\(what) has \(count) error\(count == 1 ? "" : "s"): \(first)")
  }

  /// Writes the case into a new or empty directory and publishes it.
  ///
  /// - Returns: its path.
  package func write(to staged: consuming StagedDirectory) throws -> String {
    for (name, text) in files.sorted(by: { $0.key < $1.key }) { try staged.write(name) { try $0(Array(text.utf8)) } }
    return try staged.publish()
  }

  /// For each place in time: its stages, observations and mean wetness by state, and the probabilities of the states
  /// after.
  package var places: [JSONObject] {
    lattice.nodes.enumerated().map { place, nodes in
      var object: JSONObject = [
        "start_date": .string(starts[place].description),
        "stage_ids": .array(stageIDs(place).map { .int(Int64($0)) }),
        "observations": .array(nodes.map { .int(Int64($0.members.count)) }),
        "wetness": .array(nodes.map { .double($0.centre) }),
      ]
      if lattice.transitions.indices.contains(place) {
        object["transitions"] = .array(lattice.transitions[place].map { .array($0.map { .double($0) }) })
      }
      if lattice.unreached[place] > 0 { object["unreached_states"] = .int(Int64(lattice.unreached[place])) }
      return object
    }
  }
}
