// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "train-cascade",
  dependencies: [.package(name: "cobre", path: "../..")],
  targets: [
    .executableTarget(name: "train-cascade", dependencies: [.product(name: "CobreEngine", package: "cobre")])
  ]
)
