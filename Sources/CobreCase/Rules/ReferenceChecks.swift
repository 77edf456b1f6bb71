/// Layer 3: every id names something (rules 301 to 311).
struct ReferenceChecks {
  let context: CaseContext
  var collector: FindingCollector

  static func check(_ context: CaseContext, _ collector: inout FindingCollector) {
    var walker = ReferenceWalker(scope: context, collector: collector)
    for name in CaseFileName.allCases {
      if let fields = CaseFormat.fields(name), let object = context.documents.json[name] {
        walker.check(object, fields, file: name.path)
      } else if let table = context.table(name) {
        walker.check(table)
      }
    }
    var checks = ReferenceChecks(context: context, collector: walker.collector)
    checks.checkBlocks()
    checks.checkExpressions()
    ElementChecks.checkCorrelation(
      context.root(.correlation), file: CaseFileName.correlation.path, context, &checks.collector)
    collector = checks.collector
  }

  private init(context: CaseContext, collector: FindingCollector) {
    self.context = context
    self.collector = collector
  }
}

extension EntityKind {
  /// The kind in words.
  var words: String {
    switch self {
    case .bus: "bus"
    case .line: "line"
    case .hydro: "hydro"
    case .thermal: "thermal"
    case .nonControllableSource: "non-controllable source"
    case .pumpingStation: "pumping station"
    case .contract: "contract"
    case .battery: "battery"
    case .priceProcess: "price process"
    case .genericConstraint: "generic constraint"
    case .stage: "stage"
    }
  }
}
