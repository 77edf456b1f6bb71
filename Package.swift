// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// A package for machines without Swift carries the runtime inside of libcobre. --static-swift-stdlib alone does not reach shared
// libraries, so COBRE_STATIC=1 repeats it for this one; COBRE_STATIC_RUNTIME names the folder in this package with the data of Foundation
// that goes along (scripts/trim-icu.py), which is a target of its own.
let languageData = Context.environment["COBRE_STATIC_RUNTIME"]
let isStatic = languageData != nil || Context.environment["COBRE_STATIC"] == "1"
let runtimeFlags: [LinkerSetting] = isStatic ? [.unsafeFlags(["-static-stdlib"])] : []

// What uses the engine names its layers too, since a file imports the modules whose declarations it uses.
let engine: [Target.Dependency] = ["CobreBase", "CobreCase", "CobreCommunication", "CobreEngine"]
let runs = engine + ["CobreRuns"]

let package = Package(
  name: "cobre",
  products: [
    .library(name: "CobreEngine", targets: ["CobreEngine"]),
    .library(name: "cobre", type: .dynamic, targets: ["CobreLibrary"]),
    .executable(name: "cobre-mcp", targets: ["cobre-mcp"]),
    .executable(name: "cobre-worker", targets: ["cobre-worker"]),
  ],
  traits: [
    .trait(name: "HiGHS", description: "Lets runs solve with HiGHS (make COBRE_HIGHS=1 fetches it).")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // The C boundary: one target per library, reached from one folder each.
    .systemLibrary(name: "CClp", pkgConfig: "clp", providers: [.apt(["coinor-libclp-dev"])]),
    .systemLibrary(name: "CHiGHS", pkgConfig: "highs", providers: [.apt(["libhighs-dev"])]),
    .target(name: "CobreClpShim", dependencies: ["CClp"]),
    .target(
      name: "CobreHiGHSShim",
      dependencies: [.target(name: "CHiGHS", condition: .when(traits: ["HiGHS"]))],
      cxxSettings: [.define("COBRE_HIGHS", .when(traits: ["HiGHS"]))]),
    // Opens an MPI library at run time; none is linked.
    .target(name: "CobreMPIShim", cSettings: [.define("_GNU_SOURCE")]),
    // No C boundary but numerical code of our own, in C++ for its vector types.
    .target(name: "CobreSimplex"),
    .target(name: "CobrePlatformShim", cSettings: [.define("_GNU_SOURCE")]),
    .target(name: "CobreSobolTable", exclude: ["joe_kuo_6_21201.inc"]),
    // Compression of tables; the headers of the four libraries lie where every compiler looks.
    .target(
      name: "CobreCodecShim",
      linkerSettings: [
        .linkedLibrary("zstd"), .linkedLibrary("snappy"), .linkedLibrary("lz4"), .linkedLibrary("z"),
      ]),
    // Digests and proofs of messages.
    .target(name: "CobreDigestShim", linkerSettings: [.linkedLibrary("nettle")]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo", providers: [.apt(["libcairo2-dev"])]),

    // Table files, without knowledge of what is in them.
    .target(name: "CobreParquet", dependencies: ["CobreCodecShim"], swiftSettings: swiftSettings),

    // Files, paths and facts about the process that every layer needs.
    .target(name: "CobreBase", dependencies: ["CobrePlatformShim"], swiftSettings: swiftSettings),
    // Ranks and their collective operations, without knowledge of what they compute.
    .target(
      name: "CobreCommunication",
      dependencies: [
        "CobreBase", "CobreDigestShim", "CobrePlatformShim", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),

    // Cases of both formats: reading, checking, fitting and editing them, without knowledge of how they are solved.
    .target(name: "CobreCase", dependencies: ["CobreBase", "CobreParquet"], swiftSettings: swiftSettings),

    // The engine, and what only the worker may link.
    .target(
      name: "CobreEngine",
      dependencies: [
        "CobreBase", "CobreCase", "CobreClpShim", "CobreCommunication", "CobreCutKernel", "CobreHiGHSShim",
        "CobrePlatformShim", "CobreSimplex", "CobreSobolTable",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: swiftSettings),
    // Runs: their files, supervisor, ranks and results, and the questions people ask about them.
    .target(
      name: "CobreRuns",
      dependencies: engine + [
        "CobreParquet", "CobrePlatformShim", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "CobreMPI", dependencies: ["CobreCommunication", "CobreMPIShim"], swiftSettings: swiftSettings),

    // The shared library for other languages; its header is the contract, and nothing but that is exported.
    .target(name: "CobreHeader", exclude: ["cobre.exports"]),
    .target(name: "CobreCutKernel"),
    .target(
      name: "CobreLibrary",
      dependencies: runs + [
        "CobreCutKernel", "CobreHeader", "CobreMCP", "CobrePlatformShim", "CobreServerProgram", "CobreWorkerProgram",
      ] + (languageData == nil ? [] : ["LanguageData"]),
      swiftSettings: swiftSettings,
      linkerSettings: [
        .unsafeFlags(["-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/CobreHeader/cobre.exports"])
      ] + runtimeFlags),

    // The server, and the two executables.
    .target(name: "CobrePlot", dependencies: ["CCairo"], swiftSettings: swiftSettings),
    .target(
      name: "CobreMCP",
      dependencies: runs + [
        "CobrePlatformShim", "CobrePlot", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    // What the two programs do is in libraries, so that one file can be both of them in a package for users.
    .target(
      name: "CobreServerProgram",
      dependencies: runs + [
        "CobreMCP", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: swiftSettings),
    .target(
      name: "CobreWorkerProgram",
      dependencies: runs + [
        "CobreMPI", "CobreParquet", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: swiftSettings),
    .executableTarget(name: "cobre-mcp", dependencies: ["CobreServerProgram"], swiftSettings: swiftSettings),
    .executableTarget(name: "cobre-worker", dependencies: ["CobreWorkerProgram"], swiftSettings: swiftSettings),

    // Measurements; not a product, so that users of the package get none of it.
    .executableTarget(
      name: "cobre-bench",
      dependencies: runs + [
        "CobreParquet", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks/Sources/cobre-bench", swiftSettings: swiftSettings),

    // Tests.
    .target(name: "CobreTestSupport", dependencies: runs, path: "Tests/CobreTestSupport", swiftSettings: swiftSettings),
    .testTarget(
      name: "CobreEngineTests",
      dependencies: runs + ["CobreTestSupport", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CobreParquetTests", dependencies: ["CobreParquet", "CobreTestSupport"], exclude: ["Fixtures"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "CommunicationTests",
      dependencies: runs + ["CobreMPI", "CobreTestSupport", "cobre-worker"], swiftSettings: swiftSettings),
    .testTarget(
      name: "CobreMCPTests",
      dependencies: runs + [
        "CobreMCP", "CobrePlot", "CobreTestSupport", "cobre-worker", .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: swiftSettings),
    .testTarget(
      name: "ProcessTests",
      dependencies: runs + ["CobreTestSupport", "cobre-mcp", "cobre-worker"], swiftSettings: swiftSettings),
    .testTarget(name: "ArchitectureTests", dependencies: ["CobreTestSupport"], swiftSettings: swiftSettings),
  ] + (languageData.map { [.target(name: "LanguageData", path: $0, exclude: ["part.dat"])] } ?? []),
  cxxLanguageStandard: .cxx17
)
