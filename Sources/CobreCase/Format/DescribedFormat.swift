/// A file of a case with the definition that its reader uses, whatever the format.
package struct DescribedFile: Sendable {
  /// Path relative to the case directory.
  package var path: String
  package var isRequired: Bool
  package var summary: String
  /// Fields of a JSON file.
  var fields: [Field]?
  /// Columns of a table.
  var table: TableShape?

  package init(_ name: CaseFileName) {
    path = name.path
    isRequired = name.isRequired
    summary = name.summary
    fields = CaseFormat.fields(name)
    table = CaseFormat.table(name)
  }

  package init(_ file: NovomodeloFile) {
    path = file.path
    isRequired = file.isRequired
    summary = file.summary
    fields = NovomodeloFormat.fields(file)
    table = NovomodeloFormat.table(file)
  }

  package var isTable: Bool { table != nil }
}

/// A case format that can be described.
package enum DescribedFormat: String, Sendable, CaseIterable {
  case cobre
  case novomodelo

  /// Its files, in their order.
  package var files: [DescribedFile] {
    switch self {
    case .cobre: CaseFileName.allCases.map(DescribedFile.init)
    case .novomodelo: NovomodeloFile.allCases.map(DescribedFile.init)
    }
  }

  /// The file at a path, or nil if the format has none there.
  package func file(_ path: String) -> DescribedFile? {
    switch self {
    case .cobre: CaseFileName(rawValue: path).map(DescribedFile.init)
    case .novomodelo: NovomodeloFile(rawValue: path).map(DescribedFile.init)
    }
  }
}
