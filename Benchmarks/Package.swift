// swift-tools-version: 6.2
import PackageDescription

// The engine's API is `package`, which another package cannot see, so the engine is compiled here once more, through
// links in `Sources`. What these measurements need thus never reaches the users of the package above.
let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
  name: "cobre-benchmarks",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    .systemLibrary(name: "CClp", pkgConfig: "clp", providers: [.apt(["coinor-libclp-dev"])]),
    .target(name: "CobreClpShim", dependencies: ["CClp"]),
    // Empty without the trait `HiGHS`, as in the package above.
    .target(name: "CobreHiGHSShim"),
    .target(name: "CobrePlatformShim", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "CobreSobolTable", exclude: ["joe_kuo_6_21201.inc"]),
    .target(
      name: "CobreCodecShim",
      linkerSettings: [
        .linkedLibrary("zstd"), .linkedLibrary("snappy"), .linkedLibrary("lz4"), .linkedLibrary("z"),
      ]),
    .target(name: "CobreParquet", dependencies: ["CobreCodecShim"], swiftSettings: swiftSettings),
    .target(
      name: "CobreEngine",
      dependencies: [
        "CobreClpShim", "CobreHiGHSShim", "CobreParquet", "CobrePlatformShim", "CobreSobolTable",
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(
      name: "cobre-bench",
      dependencies: ["CobreEngine", "CobreParquet", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      swiftSettings: swiftSettings),
  ],
  cxxLanguageStandard: .cxx17
)
