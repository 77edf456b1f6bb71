import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Foundation
import Testing

@Suite("Case templates") struct TemplateTests {
  @Test(arguments: CaseTemplate.allCases) func validateWithoutAnyFinding(_ template: CaseTemplate) throws {
    let report = CaseDraft(template.files()).read()
    #expect(report.findings.isEmpty, "\(report.findings.map(\.description).joined(separator: "\n"))")
    let study = try #require(report.study)
    #expect(study.stages.count == 12)
  }

  @Test(arguments: CaseTemplate.allCases) func trains(_ template: CaseTemplate) throws {
    let study = try #require(CaseDraft(template.files()).read().study)
    let run = try TrainingRun(study, iterations: 4)
    #expect(run.reports.count == 4)
    #expect(run.lowerBound > run.reports[0].lowerBound && run.largestFall < 1e-9)
    #expect(run.reports.allSatisfy { $0.upperBound > 0 && $0.upperBound.isFinite })
  }

  /// Without noise inside the nodes, the chain of wet and dry months is a tree of 32 paths.
  @Test func theMarkovChainReachesItsExtensiveForm() throws {
    var draft = CaseDraft(CaseTemplate.markov.files())
    let path = "scenarios/inflow_seasonal_stats.csv"
    let lines = try #require(draft.files[path].map { String(decoding: $0, as: UTF8.self) }).split(separator: "\n")
    draft.write(
      path,
      lines.enumerated().map { row, line in
        row == 0 ? "\(line)\n" : line.split(separator: ",").dropLast().joined(separator: ",") + ",0\n"
      }.joined())
    for stage in 0..<12 { draft.set("stages.json", "stages[\(stage)].num_scenarios", 1) }
    let study = try #require(draft.read().study)
    let optimum = try ExtensiveForm.optimum(study)
    let run = try TrainingRun(study, iterations: 80) { $0.lowerBound > optimum * (1 - 1e-9) }
    #expect(abs(run.lowerBound - optimum) <= 1e-8 * optimum)
    #expect(StageWalk(study: study).paths.count == 32)
  }

  @Test func writesIntoEmptyDirectoriesOnly() throws {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("template-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let files = try CaseTemplate.twoAreas.write(to: directory.path)
    #expect(files == CaseTemplate.twoAreas.files().keys.sorted())
    #expect(CaseReader.read(directory: directory.path).findings.isEmpty)
    #expect(throws: CaseTemplate.WritingError.self) { try CaseTemplate.twoAreas.write(to: directory.path) }
    #expect(throws: CaseTemplate.WritingError.self) {
      try CaseTemplate.cascade.write(to: directory.appendingPathComponent("config.json").path)
    }
  }
}

@Suite("Schemas") struct SchemaDocumentTests {
  @Test(arguments: CaseFileName.allCases) func everyFileHasOne(_ name: CaseFileName) throws {
    let schema = SchemaDocument.schema(name)
    #expect(schema["title"]?.string == name.path)
    if name.isTable {
      #expect((schema["columns"]?.array?.count ?? 0) >= 3)
    } else {
      #expect(schema["type"]?.string == "object")
      #expect(schema["properties"]?["$schema"] != nil)
    }
  }

  @Test func carriesTypesRangesAndDefaults() throws {
    let config = SchemaDocument.schema(CaseFileName.config)
    let training = try #require(config["properties"]?["training"])
    #expect(config["required"] == ["training"])
    #expect(training["properties"]?["forward_passes"]?["type"] == "integer")
    #expect(training["properties"]?["forward_passes"]?["minimum"] == 1)
    #expect(training["properties"]?["tree_seed"]?["type"] == ["integer", "null"])
    #expect(training["properties"]?["enabled"]?["default"] == true)
    #expect(training["required"] == ["forward_passes", "stopping_rules"])
    let stats = SchemaDocument.schema(CaseFileName.inflowSeasonalStats)
    #expect(stats["key"] == ["hydro_id", "stage_id"])
    #expect(stats["columns"]?.array?.last?["minimum"] == 0)
  }

  /// The keys of the published schemas and of the definitions are the same.
  @Test(.enabled(if: publishedSchemas != nil, "The published schemas are not here"))
  func agreesWithThePublishedSchemas() throws {
    let directory = try #require(publishedSchemas)
    // Batteries and prices came later than the published schemas.
    for name in CaseFileName.allCases where !name.isTable && ![.batteries, .priceProcesses].contains(name) {
      let stem = name == .productionModels ? "production_models" : name.stem
      let data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(stem).schema.json"))
      let published = try JSONParser.parse(Array(data))
      var keys: Set<String> = []
      collect(published, published, &keys, 0)
      var own: Set<String> = []
      collect(SchemaDocument.schema(name), .null, &own, 0)
      let added = SchemaDocumentTests.added[name] ?? []
      #expect(keys.union(added) == own, "\(name.path): \(keys.union(added).symmetricDifference(own).sorted())")
    }
  }

  /// Keys that the format has gained since its schemas were published.
  private static let added: [CaseFileName: Set<String>] = [
    .config: ["passes_together", "trial_region"], .energyContracts: ["price_process_id"],
    .hydros: [
      "operating_rules", "alert_storage_hm3", "alert_storage_cost", "flood_control_storage_hm3",
      "flood_control_storage_cost", "min_outflow_curve", "storage_hm3", "flow_m3s", "max_spillage_curve",
      "spillage_violation_cost", "max_outflow_rise_m3s", "max_outflow_fall_m3s", "outflow_ramp_violation_cost",
      "water_uses", "demand_m3s", "shortfall_cost", "seasons", "season_id",
    ],
    .lines: ["reactance_pu", "max_angle_degrees", "resistance_pu", "loss_pieces"],
    .stages: [
      "entropic", "gamma", "wasserstein", "radius", "modified_chi_squared", "convex_combination", "weight", "measure",
    ],
  ]

  /// Names of all properties, with references followed.
  private func collect(_ schema: JSONValue, _ root: JSONValue, _ keys: inout Set<String>, _ depth: Int) {
    guard depth < 30 else { return }
    if let reference = schema["$ref"]?.string, let name = reference.split(separator: "/").last {
      if let target = root["$defs"]?[String(name)] { collect(target, root, &keys, depth + 1) }
    }
    for (key, value) in schema["properties"]?.object.map({ Array($0.members) }) ?? [] {
      keys.insert(key)
      collect(value, root, &keys, depth + 1)
    }
    for list in ["anyOf", "oneOf"] {
      for value in schema[list]?.array ?? [] { collect(value, root, &keys, depth + 1) }
    }
    for key in ["items", "additionalProperties"] {
      if let value = schema[key], value.object != nil { collect(value, root, &keys, depth + 1) }
    }
  }
}

private let publishedSchemas: String? = {
  guard let cases = ReferenceCases.directory else { return nil }
  let directory = URL(fileURLWithPath: cases).deletingLastPathComponent().appendingPathComponent("case-format").path
  return FileManager.default.fileExists(atPath: directory) ? directory : nil
}()
