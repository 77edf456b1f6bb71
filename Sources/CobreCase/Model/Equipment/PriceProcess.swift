/// A price per MWh that contracts pay or earn, a first-order autoregression.
///
/// From stage to stage y = (1 − a) m + a y₋ + e, with m the mean price, a the coefficient and e the innovation of an
/// opening: deviation times standard noise, or a value of `price_openings.csv`. The price is known when a stage is
/// solved.
package struct PriceProcess: Sendable, Equatable {
  package var id: Int
  package var name: String
  /// $/MWh before the first stage.
  package var initialPrice: Double
}

/// The equation of a price process in one stage.
package struct PriceStep: Sendable, Equatable {
  /// $/MWh to which the price returns.
  package var mean: Double
  /// Share of the price before that is kept, in [0, 1].
  package var coefficient: Double
  /// Standard deviation of the innovation in $/MWh.
  package var deviation: Double

  /// $/MWh that do not depend on the price before, without innovation.
  package var base: Double { (1 - coefficient) * mean }
}

extension StudyCase {
  package func priceStep(stage: Int, process: Int) -> PriceStep { priceSteps[stage * priceProcesses.count + process] }

  /// MWh that the contracts of a price process take less what they give in a stage, at their limits: what one more
  /// $/MWh costs at least and at most.
  package func pricedEnergy(stage: Int, process: Int) -> (least: Double, most: Double) {
    var (least, most) = (0.0, 0.0)
    for (index, contract) in contracts.enumerated()
    where contract.priceProcess == process && exists(stage: stage, contract: index) {
      for (k, block) in stages[stage].blocks.enumerated() {
        let limits = limits(stage: stage, contract: index, block: k)
        guard limits.maxPower > 0 else { continue }
        let energy = (block.hours * limits.minPower, block.hours * limits.maxPower)
        least += contract.direction == .imports ? energy.0 : -energy.1
        most += contract.direction == .imports ? energy.1 : -energy.0
      }
    }
    return (least, most)
  }
}
