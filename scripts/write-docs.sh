#!/bin/sh
# Writes the documentation of the engine's public interface: write-docs.sh BIN_DIRECTORY, after a debug build of CobreEngine.
set -eu
cd "$(dirname "$0")/.."
bin=$1
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
symbols=$(mktemp -d)
trap 'rm -rf "$symbols"' EXIT
# The C targets that the engine is built with, each with its module map.
maps=""
for map in "$bin"/Cobre*.build/module.modulemap \
  .build/checkouts/GRDB.swift/Sources/GRDBSQLite/module.modulemap; do
  maps="$maps -Xcc -fmodule-map-file=$map"
done
# shellcheck disable=SC2086
"$toolchain/swift-symbolgraph-extract" -module-name CobreEngine -I "$bin/Modules" $maps \
  -target "$("$toolchain/swiftc" -print-target-info | sed -n 's/.*"triple": "\(.*\)",.*/\1/p' | head -1)" \
  -minimum-access-level public -output-dir "$symbols"
"$toolchain/docc" convert Sources/CobreEngine/CobreEngine.docc --additional-symbol-graph-dir "$symbols" \
  --fallback-display-name CobreEngine --fallback-bundle-identifier cobre.engine --warnings-as-errors \
  --output-path .build/docs
echo "The documentation is in .build/docs; show it with: python3 -m http.server -d .build/docs"
