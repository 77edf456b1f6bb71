extension RunRequest {
  /// Throws for the first argument that is out of range, with the range and what was given.
  func check() throws {
    for option in RunOption.all {
      guard let value = option.get(self), !option.kind.allows(value), option.name != RunOption.hosts.name else {
        continue
      }
      throw RunError(
        .invalidRequest, "`\(option.name)` must be \(option.kind.allowed); \(value.text()) was given.")
    }
    if let problem = HostList.problem(self) { throw RunError(.invalidRequest, problem) }
    do { _ = try library } catch { throw RunError(.invalidRequest, error.detail) }
    if let runName, !RunIdentifier.isValidName(runName) {
      throw RunError(
        .invalidRequest,
        "`run_name` must have 1 to 64 characters out of letters, digits, '.', '_' and '-'; "
          + "\"\(LogTail.sanitized(runName.utf8.prefix(80)))\" was given.")
    }
    guard !caseDirectory.utf8.contains(0) else {
      throw RunError(.invalidRequest, "`case_dir` must be a path; the text given contains a zero byte.")
    }
  }

  /// Who solves the stage problems; throws where this build lacks the library asked for.
  var library: SolverLibrary { get throws(LPError) { try (solver ?? .auto).library() } }

  /// Names of the arguments in which two requests differ, as a caller writes them.
  func differences(from other: RunRequest) -> [String] {
    var names = caseDirectory == other.caseDirectory ? [] : ["case_dir"]
    if policyRun != other.policyRun { names.append("run_id") }
    for option in RunOption.all
    where option.get(self) ?? option.defaultValue != option.get(other) ?? option.defaultValue {
      names.append(option.name)
    }
    return names
  }
}
