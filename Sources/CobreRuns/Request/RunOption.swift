package import CobreBase
internal import CobreCase
package import CobreEngine

/// One option of a run: its name, allowed values, meaning, and where a request stores it.
///
/// All code on options reads this declaration: the arguments of the server's tools, the flags of the worker's commands,
/// the check of a request, the comparison of requests and of runs, and `Documentation/RunOptions.md`.
package struct RunOption: Sendable {
  /// What values an option takes.
  package enum Kind: Sendable, Equatable {
    case integer(ClosedRange<Int64>)
    case number(ClosedRange<Double>)
    case choice([String])
    /// Letters, digits, `.`, `_` and `-`, 1 to 64 of them.
    case name
    /// Another run, by its id or name, or by its directory where there is no runs directory.
    case run
    /// A list of host names, at least one.
    case hosts(maximumCount: Int)
    /// A list of edits of a case.
    case edits
    /// A risk measure in one word.
    case risk
  }

  /// What a value changes by its declaration alone.
  package enum Effect: Sendable {
    /// Nothing: other code reads the request.
    case elsewhere
    /// The case, for this run alone: edits as `CaseEdit` takes them.
    ///
    /// So fingerprints, ranks, later runs and comparisons know of it as of any other change of the files.
    case edits(@Sendable (JSONValue) -> [JSONValue])
    /// How the case is trained.
    ///
    /// A run that goes on from another keeps what that was given.
    case training(@Sendable (inout TrainingOptions, JSONValue) -> Void)
  }

  /// As requests, comparisons and messages write it.
  ///
  /// Tools too, but where they say otherwise.
  package var name: String
  package let kind: Kind
  /// The value if the option is left out, or nil if that depends on the case or on the machine.
  package let defaultValue: JSONValue?
  /// Meaning, unit and default, for a model that calls a tool.
  package var help: String
  /// Name on the command line, without its dashes.
  package let flag: String
  /// Meaning, for a reader of `--help`.
  package let flagHelp: String
  package let effect: Effect
  /// The value that a run used, or nil if comparisons of runs leave the option out.
  package let used: (@Sendable (RunManifest) -> JSONValue)?

  /// The value in a request, or nil if it is left out.
  package let get: @Sendable (RunRequest) -> JSONValue?
  /// Puts a value of the option's kind into a request.
  package let set: @Sendable (inout RunRequest, JSONValue) -> Void

  init(
    _ name: String, _ kind: Kind, default defaultValue: JSONValue? = nil, flag: String? = nil, flagHelp: String,
    _ help: String, effect: Effect = .elsewhere, used: (@Sendable (RunManifest) -> JSONValue)? = nil,
    get: @escaping @Sendable (RunRequest) -> JSONValue?, set: @escaping @Sendable (inout RunRequest, JSONValue) -> Void
  ) {
    self.effect = effect
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.help = help
    self.flag = flag ?? name.replacing("_", with: "-")
    self.flagHelp = flagHelp
    self.used = used
    self.get = get
    self.set = set
  }

  /// An option that does all that it does by its effect.
  init(_ name: String, _ kind: Kind, flag: String? = nil, flagHelp: String, _ help: String, effect: Effect) {
    self.init(
      name, kind, flag: flag, flagHelp: flagHelp, help, effect: effect,
      used: { manifest in
        let values = if case .training = effect { manifest.settings.values } else { manifest.request.values }
        return values?[name] ?? "as in the case"
      },
      get: { $0.values?[name] },
      set: { request, value in
        var values = request.values ?? OptionValues()
        values[name] = value
        request.values = values
      })
  }

  /// The same option for a tool that gives it another name and description.
  package func named(_ name: String? = nil, help: String) -> RunOption {
    var option = self
    option.name = name ?? self.name
    option.help = help
    return option
  }
}

extension RunOption.Kind {
  /// Whether a value of the right type is within the range.
  package func allows(_ value: JSONValue) -> Bool {
    switch self {
    case .integer(let range): value.int.map { range.contains(Int64($0)) } ?? false
    case .number(let range): value.number.map { range.contains($0) } ?? false
    case .choice(let words): value.string.map { words.contains($0) } ?? false
    case .name: value.string.map { RunIdentifier.isValidName($0) } ?? false
    case .run: value.string.map { (1...4096).contains($0.utf8.count) && !$0.utf8.contains(0) } ?? false
    case .hosts(let limit):
      value.array.map { (1...limit).contains($0.count) && $0.allSatisfy { $0.string.map(HostList.isName) ?? false } }
        ?? false
    case .edits: value.array.map { (try? CaseEdit.list($0)) != nil } ?? false
    case .risk: value.string.map { RiskWord.measure($0) != nil } ?? false
    }
  }

  /// What is allowed, as the end of a sentence.
  package var allowed: String {
    switch self {
    case .integer(let range): "from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range): "from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound))"
    case .choice(let words): "one of \(words.joined(separator: ", "))"
    case .name: "1 to 64 letters, digits, '.', '_' or '-'"
    case .run: "the id or the name of a run; for cobre-worker train its directory"
    case .risk: RiskWord.allowed
    case .edits: "a list of 1 to \(CaseEdit.maximumEdits) edits, as edit_case takes them"
    case .hosts(let limit): "1 to \(limit) host names or IPv4 addresses, separated by commas"
    }
  }

  /// The value of a word of the command line, or nil if it is of another kind.
  ///
  /// The range is not checked.
  package func value(of text: String) -> JSONValue? {
    switch self {
    case .integer: Int64(text).map { .int($0) }
    case .number: Double(text).flatMap { $0.isFinite ? .double($0) : nil }
    case .choice, .name, .run, .risk: .string(text)
    case .edits: try? JSONParser.parse(Array(text.utf8))
    case .hosts:
      .array(text.split(separator: ",", omittingEmptySubsequences: false).map { .string(String($0)) })
    }
  }

  private static func text(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? String(value)
  }
}

/// Options whose value has one of a few kinds, stored under a key path of the request.
extension RunOption {
  typealias Path<Value> = WritableKeyPath<RunRequest, Value?> & Sendable

  static func ofInteger(
    _ name: String, _ range: ClosedRange<Int64>, _ path: any Path<Int>, default defaultValue: JSONValue? = nil,
    flag: String? = nil, flagHelp: String, _ help: String, used: (@Sendable (RunManifest) -> JSONValue)? = nil
  ) -> RunOption {
    RunOption(
      name, .integer(range), default: defaultValue, flag: flag, flagHelp: flagHelp, help, used: used,
      get: { $0[keyPath: path].map { .int(Int64($0)) } }, set: { $0[keyPath: path] = $1.int })
  }

  /// The seeds that JSON numbers hold exactly in every language.
  static func ofSeed(
    _ name: String, _ path: any Path<Int64>, flag: String? = nil, flagHelp: String, _ help: String,
    used: (@Sendable (RunManifest) -> JSONValue)? = nil
  ) -> RunOption {
    RunOption(
      name, .integer(-9_007_199_254_740_991...9_007_199_254_740_991), flag: flag, flagHelp: flagHelp, help, used: used,
      get: { $0[keyPath: path].map { .int($0) } }, set: { $0[keyPath: path] = $1.int.map { Int64($0) } })
  }

  static func ofNumber(
    _ name: String, _ range: ClosedRange<Double>, _ path: any Path<Double>, flag: String? = nil, flagHelp: String,
    _ help: String, used: (@Sendable (RunManifest) -> JSONValue)? = nil
  ) -> RunOption {
    RunOption(
      name, .number(range), flag: flag, flagHelp: flagHelp, help, used: used,
      get: { $0[keyPath: path].map { .double($0) } }, set: { $0[keyPath: path] = $1.number })
  }

  static func ofChoice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ name: String, _ path: any Path<Choice>, default defaultValue: Choice?, flag: String? = nil, flagHelp: String,
    _ help: String, used: (@Sendable (RunManifest) -> JSONValue)? = nil
  ) -> RunOption where Choice.RawValue == String {
    RunOption(
      name, .choice(Choice.allCases.map(\.rawValue)), default: defaultValue.map { .string($0.rawValue) }, flag: flag,
      flagHelp: flagHelp, help, used: used, get: { $0[keyPath: path].map { .string($0.rawValue) } },
      set: { $0[keyPath: path] = $1.string.flatMap { Choice(rawValue: $0) } })
  }
}
