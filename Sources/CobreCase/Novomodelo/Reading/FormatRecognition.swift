internal import CobreBase

/// Which of the two formats a case directory has.
package enum CaseFormatKind: String, Sendable, CaseIterable {
  case cobre
  case novomodelo
}

/// Recognises the format of a case from its content, by keys that only one of the two formats has.
package struct FormatRecognition {
  /// A key that points to one format.
  struct Mark {
    var format: CaseFormatKind
    var file: String
    var path: String
  }

  private(set) var marks: [Mark] = []
  /// Whether a table decides where no key does.
  private var hasParquetAlone = false

  /// Paths of keys by file.
  ///
  /// `[]` searches the first elements of a list.
  private static let keys: [(file: String, path: String, format: CaseFormatKind)] = [
    ("config.json", "training.selection", .novomodelo), ("config.json", "training.parallelism", .novomodelo),
    ("config.json", "training.forward_passes", .cobre), ("config.json", "training.cut_formulation", .cobre),
    ("config.json", "training.forward_pass", .cobre), ("config.json", "simulation.num_scenarios", .cobre),
    ("config.json", "simulation.selection", .novomodelo),
    ("stages.json", "stages[].num_openings", .novomodelo), ("stages.json", "stages[].num_scenarios", .cobre),
    ("stages.json", "policy_graph.nodes", .novomodelo),
    ("penalties.json", "hydro.turbined_cost", .novomodelo), ("penalties.json", "hydro.fpha_turbined_cost", .cobre),
    ("penalties.json", "version", .cobre), ("initial_conditions.json", "past_inflows", .cobre),
    ("initial_conditions.json", "past_defluences", .novomodelo),
    ("initial_conditions.json", "past_anticipated_commitments", .novomodelo),
    ("system/buses.json", "buses[].operational_start_date", .novomodelo),
    ("system/thermals.json", "thermals[].operational_start_date", .novomodelo),
    ("system/hydros.json", "hydros[].operational_start_date", .novomodelo),
    ("system/hydros.json", "hydros[].unit_groups", .novomodelo), ("system/hydros.json", "hydros[].bus_id", .cobre),
  ]

  package init(_ files: CaseFiles) {
    var documents: [String: JSONValue] = [:]
    for (file, path, format) in FormatRecognition.keys {
      if documents[file] == nil, let bytes = files.contents[file] {
        documents[file] = (try? JSONParser.parse(bytes, options: JSONParser.Options(allowsOverflow: true))) ?? .null
      }
      guard let document = documents[file] else { continue }
      if let found = FormatRecognition.find(path.split(separator: ".")[...], in: document) {
        marks.append(Mark(format: format, file: file, path: found))
      }
    }
    let tables = NovomodeloFile.allCases.filter { $0.isTable && files.contents[$0.path] != nil }
    hasParquetAlone =
      !tables.isEmpty && !CaseFileName.allCases.contains { $0.isTable && files.contents[$0.path] != nil }
  }

  /// The format that all marks point to, or nil if they point both ways.
  package var format: CaseFormatKind? {
    let found = Set(marks.map(\.format))
    if found.count > 1 { return nil }
    return found.first ?? (hasParquetAlone ? .novomodelo : .cobre)
  }

  /// Says of a mixture what points where.
  func report(_ collector: inout FindingCollector) {
    func list(_ format: CaseFormatKind) -> String {
      let found = marks.filter { $0.format == format }
      return found.prefix(4).map { "\($0.path) in \($0.file)" }.joined(separator: ", ")
        + (found.count > 4 ? " and \(found.count - 4) more" : "")
    }
    let (own, other) = (marks.filter { $0.format == .cobre }, marks.filter { $0.format == .novomodelo })
    let odd = own.count < other.count ? own : other
    collector.report(
      113, file: odd.first?.file ?? "", at: odd.first?.path ?? "",
      "The case mixes two formats. To Cobre's own point \(list(.cobre)); to Novomodelo's point \(list(.novomodelo)).",
      suggestion: "Write the whole case in one format; get_schema gives the keys of both.")
  }

  /// The path of the first matching value, or nil if there is none.
  private static func find(_ steps: ArraySlice<Substring>, in value: JSONValue) -> String? {
    guard let step = steps.first else { return "" }
    let isList = step.hasSuffix("[]")
    let key = String(isList ? step.dropLast(2) : step)
    guard let inner = value[key], !inner.isNull else { return nil }
    func joined(_ head: String, _ tail: String) -> String { tail.isEmpty ? head : "\(head).\(tail)" }
    guard isList else { return find(steps.dropFirst(), in: inner).map { joined(key, $0) } }
    for (index, element) in (inner.array ?? []).enumerated() {
      if let found = find(steps.dropFirst(), in: element) { return joined("\(key)[\(index)]", found) }
    }
    return nil
  }
}
