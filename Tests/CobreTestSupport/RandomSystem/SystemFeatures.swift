/// What a random system has beyond one bus, hydros in cascade, thermals and inflow openings.
package struct SystemFeatures: OptionSet, Sendable {
  package let rawValue: UInt64
  package init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Two or three blocks, their number varying over the stages, with load factors.
  package static let blocks = SystemFeatures(rawValue: 1 << 0)
  /// Two or three buses joined by lines, some with losses.
  package static let network = SystemFeatures(rawValue: 1 << 1)
  /// Deficit in two steps, for some buses with a list of their own.
  package static let deficitSteps = SystemFeatures(rawValue: 1 << 2)
  /// Minimum outflow, turbined flow and generation and maximum outflow, all with priced violations.
  package static let operatingLimits = SystemFeatures(rawValue: 1 << 3)
  /// A discount rate, with an override for one transition.
  package static let discount = SystemFeatures(rawValue: 1 << 4)
  /// Penalties at the level of entities and of stages.
  package static let penaltyOverrides = SystemFeatures(rawValue: 1 << 5)
  /// Limits and costs that change from stage to stage.
  package static let stageBounds = SystemFeatures(rawValue: 1 << 6)
  /// Openings that are not equally likely.
  package static let unequalProbabilities = SystemFeatures(rawValue: 1 << 7)
  /// Seasonal statistics with given noise instead of given inflows.
  package static let noiseOpenings = SystemFeatures(rawValue: 1 << 8)
  /// Load that varies too: with the given noise, or by load openings.
  package static let uncertainLoad = SystemFeatures(rawValue: 1 << 9)
  /// Virtual inflow at a price, with inflows that turn negative.
  package static let virtualInflow = SystemFeatures(rawValue: 1 << 10)
  /// Water taken out of the balance.
  package static let withdrawal = SystemFeatures(rawValue: 1 << 11)
  /// Side channels from one plant to another.
  package static let diversion = SystemFeatures(rawValue: 1 << 12)
  /// Pumps between reservoirs.
  package static let pumping = SystemFeatures(rawValue: 1 << 13)
  /// Import and export contracts.
  package static let contracts = SystemFeatures(rawValue: 1 << 14)
  /// Wind, solar and other sources that can only be curtailed.
  package static let sources = SystemFeatures(rawValue: 1 << 15)
  /// Line capacities that vary over the blocks.
  package static let exchangeFactors = SystemFeatures(rawValue: 1 << 16)
  /// Blocks that follow each other, with a water balance each.
  package static let chronological = SystemFeatures(rawValue: 1 << 17)
  /// Given planes of the production function.
  package static let productionPlanes = SystemFeatures(rawValue: 1 << 18)
  /// Evaporation by volume.
  package static let evaporation = SystemFeatures(rawValue: 1 << 19)
  /// User-written constraints with slacks.
  package static let genericConstraints = SystemFeatures(rawValue: 1 << 20)
  /// Plants that enter late or leave early.
  package static let serviceLife = SystemFeatures(rawValue: 1 << 21)
  /// Risk aversion, another one in each stage.
  package static let risk = SystemFeatures(rawValue: 1 << 22)
  /// Autoregressive inflow with lags in the state.
  package static let autoregression = SystemFeatures(rawValue: 1 << 23)
  /// Availability of sources that varies with given noise.
  package static let uncertainSources = SystemFeatures(rawValue: 1 << 24)
  /// Inflows that turn negative and are truncated at 0, with the priced virtual inflow.
  package static let truncation = SystemFeatures(rawValue: 1 << 25)
  /// Batteries, with blocks that follow each other.
  package static let batteries = SystemFeatures(rawValue: 1 << 26)
  /// Reservoirs that are filled before their plant enters.
  package static let filling = SystemFeatures(rawValue: 1 << 27)
  /// User-written constraints that name every variable, in all senses, with and without blocks.
  package static let wideConstraints = SystemFeatures(rawValue: 1 << 28)
  /// Production models that change with stage or season, with planes of single stages.
  package static let changingModels = SystemFeatures(rawValue: 1 << 29)
  /// Planes fitted from geometry, tailrace, losses and efficiency.
  package static let fittedPlanes = SystemFeatures(rawValue: 1 << 30)

  /// Lines whose flow follows voltage angles, around a triangle where there are three buses.
  package static let angles = SystemFeatures(rawValue: 1 << 31)

  /// Levels, curves, ramps and uses of water with prices; ramps with blocks that follow each other only.
  package static let operatingRules = SystemFeatures(rawValue: 1 << 32)

  /// Lines whose losses grow with the square of the flow.
  package static let resistances = SystemFeatures(rawValue: 1 << 33)

  /// All that the first complete version of the engine reads.
  package static let basic: SystemFeatures = [
    .blocks, .network, .deficitSteps, .operatingLimits, .discount, .penaltyOverrides, .stageBounds,
    .unequalProbabilities,
  ]
}
