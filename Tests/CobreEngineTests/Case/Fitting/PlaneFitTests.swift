import CobreBase
import CobreCase
import CobreEngine
import CobreTestSupport
import Testing

/// Fits of the production function against numbers found by hand and against a plain writing of the recipe.
@Suite struct PlaneFitTests {
  /// The case with `fitPlanes`, edited further.
  static func bilinear(_ edit: (inout CaseDraft) -> Void = { _ in }) -> CaseDraft {
    var draft = CaseDraft.smallest
    draft.fitPlanes()
    edit(&draft)
    return draft
  }

  /// The smallest grid with a correction.
  ///
  /// On the corners of 0…100 hm³ and 1…100 m³/s the tangents at (0, 100) and (100, 1) exceed the function at each
  /// other's corner by c·0.1·99·100 = 990·c. There the output is 60·c at (100, 1): κ = 60/1050.
  @Test func kappaOfFourCorners() throws {
    let draft = Self.bilinear {
      $0.fitCorners()
    }
    let report = draft.read()
    let fit = try #require(report.study?.fittedPlanes[0], "\(report.findings)")
    #expect(report.findings.contains { $0.code == 511 })
    let c = 9.81e-3 * 0.9
    #expect(abs(fit.kappa - 60.0 / 1050) <= 1e-12)
    #expect(fit.planes.allSatisfy { $0.kappa == fit.kappa && $0.gammaSpilled == 0 })
    // Tangents at (0, 1), (0, 100), (100, 1), (100, 100).
    let expected: [(Double, Double, Double)] = [(0, 0.1, 50), (0, 10, 50), (-10, 0.1, 60), (-1000, 10, 60)]
    #expect(fit.planes.count == 4)
    for (plane, numbers) in zip(fit.planes, expected) {
      #expect(abs(plane.gamma0 - c * numbers.0) <= 1e-10)
      #expect(abs(plane.gammaVolume - c * numbers.1) <= 1e-12)
      #expect(abs(plane.gammaTurbined - c * numbers.2) <= 1e-12)
    }
  }

  /// Output that is linear in the flow alone needs one plane and no correction.
  @Test func constantHeadGivesOnePlane() throws {
    let report = Self.bilinear { $0.geometry("7,0,100,1\n7,100,100,2\n") }.read()
    let fit = try #require(report.study?.fittedPlanes[0])
    #expect(fit.planes.count == 1)
    #expect(abs(fit.kappa - 1) <= 1e-12)
    #expect(fit.largestRelativeError <= 1e-12)
    #expect(abs(fit.planes[0].gammaTurbined - 9.81e-3 * 0.9 * 50) <= 1e-12)
  }

  /// Tangent at v = 50 (slope to the right), q = 50, s = 25 with tailwater 20 + 0.02·(q + s) and 2 % lost.
  @Test func tangentByHand() throws {
    let draft = Self.bilinear {
      $0.set("system/hydros.json", "hydros[0].tailrace.coefficients", [20, .double(0.02)])
      $0.set("system/hydros.json", "hydros[0].hydraulic_losses.value", .double(0.02))
      $0.geometry("7,0,100,1\n7,50,110,1.5\n7,100,114,2\n")
    }
    let hydro = try #require(draft.read().study?.hydros[0])
    let function = try #require(ProductionFunction(hydro))
    let point = ProductionPoint(volume: 50, turbined: 50, spilled: 25)
    // Gross head 110 − 21.5 = 88.5, net 86.73.
    let c = 9.81e-3 * 0.9
    #expect(abs(function.power(point) - c * 50 * 86.73) <= 1e-10)
    let plane = try #require(function.tangent(at: point))
    #expect(abs(plane.volume - c * 50 * 0.98 * 0.08) <= 1e-12)
    #expect(abs(plane.turbined - c * (86.73 - 50 * 0.98 * 0.02)) <= 1e-12)
    #expect(abs(plane.spilled + c * 50 * 0.98 * 0.02) <= 1e-12)
    #expect(abs(plane.value(at: point) - function.power(point)) <= 1e-10)
    #expect(function.power(ProductionPoint(volume: 50, turbined: 5000, spilled: 0)) == 0)
  }

  /// The window by volume and by share of the storage, cut to the table.
  @Test func windowsOfTheFit() throws {
    func volumes(_ window: JSONValue) throws -> [Double] {
      let draft = Self.bilinear {
        $0.setFit(["fitting_window": window])
        $0.geometry("7,0,100,1\n7,80,108,2\n")
      }
      let study = try #require(draft.read().study)
      let settings = try #require(study.production(stage: 0, hydro: 0).fpha)
      let function = try #require(ProductionFunction(study.hydros[0]))
      let all = try PlaneFit(function, hydro: study.hydros[0], settings: settings).points.map(\.volume)
      return [all.min() ?? -1, all.max() ?? -1]
    }
    #expect(try volumes(.null) == [0, 80])
    #expect(try volumes(["volume_min_hm3": 20]) == [20, 80])
    #expect(try volumes(["volume_min_percentile": .double(0.25), "volume_max_percentile": .double(0.5)]) == [25, 50])
    #expect(try volumes(["volume_min_percentile": .double(0.25), "volume_max_hm3": 200]) == [25, 80])
  }

  @Test(arguments: [("volume_min_hm3", 90.0, 415), ("volume_max_hm3", 0.0, 415)])
  func emptyWindowIsRefused(key: String, value: Double, code: Int) {
    let draft = Self.bilinear {
      $0.setFit(["fitting_window": [key: .double(value)]])
      $0.geometry("7,0,100,1\n7,80,108,2\n")
    }
    let report = draft.read()
    #expect(report.errors.map(\.code) == [code])
  }

  @Test func plantBelowItsTailwaterIsRefused() {
    let report = Self.bilinear { $0.set("system/hydros.json", "hydros[0].tailrace.coefficients", [200]) }.read()
    #expect(report.errors.map(\.code) == [510])
  }

  @Test func hugeGridIsRefusedAtOnce() {
    let report = Self.bilinear {
      $0.setFit(
        ["volume_discretization_points": 2_000_000_000, "turbine_discretization_points": 2_000_000_000])
    }.read()
    #expect(report.errors.map(\.code) == [415])
  }
}

extension CaseDraft {
  /// Gives the plant the output c·q·(50 + v/10), c = 9.81·10⁻³·0.9, with planes to be fitted: level 100 + v/10 over
  /// 0…100 hm³, tailwater 50 m, no losses, up to 100 m³/s.
  mutating func fitPlanes() {
    useFPHA(source: "computed")
    let hydros = "system/hydros.json"
    set(hydros, "hydros[0].reservoir", ["min_storage_hm3": 0, "max_storage_hm3": 100])
    set(hydros, "hydros[0].generation.max_turbined_m3s", 100)
    set(hydros, "hydros[0].tailrace", ["type": "polynomial", "coefficients": [50]])
    set(hydros, "hydros[0].hydraulic_losses", ["type": "factor", "value": 0])
    set(hydros, "hydros[0].efficiency", ["type": "constant", "value": .double(0.9)])
    geometry("7,0,100,1\n7,100,110,2\n")
  }

  /// Sets options of the fit.
  mutating func setFit(_ options: JSONObject) {
    var config = options
    config["source"] = "computed"
    set(
      "system/hydro_production_models.json", "production_models[0].stage_ranges[0].fpha_config", .object(config))
  }

  /// Lays a grid of corners only.
  mutating func fitCorners() {
    setFit([
      "volume_discretization_points": 2, "turbine_discretization_points": 2, "spillage_discretization_points": 2,
    ])
  }
}

extension PlaneFitTests {
  /// Plants of random systems, with bent level curves and both kinds of tailrace and losses.
  static func plants(seed: Int) throws -> [(hydro: Hydro, settings: FPHASettings, fit: FittedPlanes)] {
    let features: SystemFeatures = [.fittedPlanes]
    let study = try RandomSystem(seed: UInt64(seed), features: features).text.study()
    return study.hydros.indices.compactMap { hydro in
      guard let fit = study.fittedPlanes[hydro], let settings = study.production(stage: 0, hydro: hydro).fpha else {
        return nil
      }
      return (study.hydros[hydro], settings, fit)
    }
  }

  /// Highest planes are nowhere on the grid below the function, least planes are off by no more than the stated error.
  ///
  /// The former without κ, the latter with it. The function, φ(v, q, s) = 9.81·10⁻³·η·q·max(0, h(v) − t(q + s) − loss),
  /// is written out here once more.
  @Test(arguments: 1...12)
  func planesStayWithinTheStatedError(seed: Int) throws {
    for (hydro, settings, fit) in try Self.plants(seed: seed) {
      let function = try #require(ProductionFunction(hydro))
      let grid = try PlaneFit(function, hydro: hydro, settings: settings)
      #expect(grid.points.count == settings.volumePoints * settings.turbinePoints * settings.spillagePoints)
      #expect(fit.kappa > 0 && fit.kappa <= 1)
      var worst = 0.0
      for point in grid.points {
        let exact = Self.power(hydro, point)
        #expect(abs(exact - function.power(point)) <= 1e-9 * max(1, exact))
        let values = fit.planes.map {
          $0.gamma0 + $0.gammaVolume * point.volume + $0.gammaTurbined * point.turbined
            + $0.gammaSpilled * point.spilled
        }
        #expect((values.max() ?? 0) >= exact - 2e-8)
        let least = zip(fit.planes, values).map { $1 + (fit.kappa - 1) * $0.gamma0 }.min() ?? 0
        #expect(least >= exact * (1 - fit.largestRelativeError) - 1e-9)
        worst = max(worst, abs(least - exact) / exact)
      }
      #expect(abs(worst - fit.largestRelativeError) <= 1e-9)
      #expect(fit.meanRelativeError <= fit.largestRelativeError)
    }
  }

  private static func power(_ hydro: Hydro, _ point: ProductionPoint) -> Double {
    var level = hydro.geometry[hydro.geometry.count - 1].height
    for (low, high) in zip(hydro.geometry, hydro.geometry.dropFirst()).reversed() where point.volume <= high.volume {
      level = low.height + (high.height - low.height) * (point.volume - low.volume) / (high.volume - low.volume)
    }
    let flow = point.turbined + point.spilled
    var tail = 0.0
    switch hydro.tailrace {
    case .polynomial(let c): tail = c[0] + c[1] * flow + c[2] * flow * flow
    case .piecewise(let p):
      tail =
        flow <= p[1].outflow
        ? p[0].height + (p[1].height - p[0].height) * flow / p[1].outflow
        : p[1].height + (p[2].height - p[1].height) * (flow - p[1].outflow) / (p[2].outflow - p[1].outflow)
    case nil: break
    }
    let gross = level - tail
    var loss = 0.0
    switch hydro.hydraulicLosses {
    case .factor(let share): loss = share * gross
    case .constant(let height): loss = height
    case nil: break
    }
    return 9.81e-3 * (hydro.efficiency ?? 1) * point.turbined * max(0, gross - loss)
  }

  /// Steps 3 to 6 of the recipe, written plainly: every removal is tried on the whole grid.
  @Test(arguments: 1...12)
  func fitFollowsTheRecipe(seed: Int) throws {
    for (hydro, settings, fit) in try Self.plants(seed: seed) {
      let function = try #require(ProductionFunction(hydro))
      let grid = try PlaneFit(function, hydro: hydro, settings: settings)
      func envelope(_ planes: [ProductionPlane], _ point: ProductionPoint) -> Double {
        planes.map { $0.value(at: point) }.max() ?? -.infinity
      }
      let tangents = grid.points.compactMap(function.tangent)
      var planes: [ProductionPlane] = []
      for plane in tangents
      where grid.points.contains(where: { plane.value(at: $0) >= envelope(tangents, $0) - 1e-8 }) {
        let isKnown = planes.contains {
          max(
            abs($0.constant - plane.constant), abs($0.volume - plane.volume), abs($0.turbined - plane.turbined),
            abs($0.spilled - plane.spilled)) <= 1e-8
        }
        if !isKnown { planes.append(plane) }
      }
      while planes.count > settings.maxPlanes {
        var best: (index: Int, error: Double)?
        for index in planes.indices {
          var rest = planes
          rest.remove(at: index)
          let errors = grid.points.map { envelope(rest, $0) - function.power($0) }
          guard let smallest = errors.min(), let largest = errors.max(), smallest >= -1e-8 else { continue }
          if max(0, largest) < best?.error ?? .infinity { best = (index, max(0, largest)) }
        }
        guard let victim = best?.index else { break }
        planes[victim] = planes[planes.count - 1]
        planes.removeLast()
      }
      let kappa = grid.points.filter { function.power($0) > 0 && envelope(planes, $0) > 0 }.map {
        function.power($0) / envelope(planes, $0)
      }.min()
      #expect(fit.kappa == min(1, kappa ?? 1))
      #expect(fit.planes.map(\.gamma0) == planes.map(\.constant))
      #expect(fit.planes.map(\.gammaVolume) == planes.map(\.volume))
      #expect(fit.planes.map(\.gammaTurbined) == planes.map(\.turbined))
      #expect(fit.planes.map(\.gammaSpilled) == planes.map(\.spilled))
    }
  }
}
