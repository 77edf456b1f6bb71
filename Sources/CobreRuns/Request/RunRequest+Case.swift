internal import CobreBase
package import CobreCase
internal import CobreEngine

/// The case of a run as it computes with it: files of a directory, with edits that hold for this run alone.
extension RunRequest {
  /// The files, edited in memory.
  ///
  /// - Parameter bounds: where the case may be.
  /// - Returns: the files; edits that do not fit count as a directory that cannot be read, with the reason.
  package func caseFiles(bounds: CaseBounds) -> CaseFiles {
    CaseFiles(directory: caseDirectory, bounds: bounds).edited(by: allEdits)
  }

  /// The edits of the request, then those that its options on the case come to, as JSON text; nil for none.
  var allEdits: String? {
    var list = caseEdits.flatMap { try? JSONParser.parse(Array($0.utf8)).array } ?? []
    for option in RunOption.all {
      if case .edits(let edits) = option.effect, let value = option.get(self) { list += edits(value) }
    }
    return list.isEmpty ? caseEdits : JSONValue.array(list).text()
  }
}

extension RunManifest {
  /// The files of the case, with the edits of the request and those of its budget.
  ///
  /// - Parameter bounds: where the case may be.
  /// - Returns: the files; edits that do not fit count as a directory that cannot be read, with the reason.
  package func caseFiles(bounds: CaseBounds) -> CaseFiles {
    request.caseFiles(bounds: bounds).edited(by: settings.budget?.edits)
  }

  /// All edits of the case, as JSON text; nil for none.
  var caseEdits: String? {
    let parts = [request.allEdits, settings.budget?.edits].compactMap { $0 }
    let lists = parts.compactMap { try? JSONParser.parse(Array($0.utf8)).array }.flatMap { $0 }
    return lists.isEmpty ? nil : JSONValue.array(lists).text()
  }
}

extension CaseFiles {
  /// The files with edits applied, in memory.
  ///
  /// - Parameter text: a JSON list of edits, as `CaseEdit.list` reads it; nil for none.
  /// - Returns: the files; where the edits do not fit, a directory that cannot be read, with the reason.
  func edited(by text: String?) -> CaseFiles {
    guard let text, failures[""] == nil else { return self }
    do {
      return try CaseRevision(self, edits: CaseEdit.list(JSONParser.parse(Array(text.utf8)).array ?? [])).files
    } catch let failure as CaseEditFailure {
      return unreadable("The edits of the run do not fit the case. " + failure.problems.joined(separator: " "))
    } catch {
      return unreadable("The edits of the run are no JSON list.")
    }
  }
}
