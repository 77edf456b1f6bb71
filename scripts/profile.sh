#!/bin/sh
# Shows where a training spends its time: profile.sh CASE [ITERATIONS]
#
# With perf, a sampled call graph of the release worker. Otherwise valgrind's callgrind, which counts instructions and
# is some fifty times slower, so with fewer iterations. The listing goes to stdout, the data to .build/profile.
set -eu
cd "$(dirname "$0")/.."
case=${1:?usage: profile.sh CASE [ITERATIONS]}
worker=.build/release/cobre-worker
[ -x "$worker" ] || { echo "profile: $worker is missing; run make build." >&2; exit 2; }
mkdir -p .build/profile
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
if command -v perf >/dev/null 2>&1; then
  perf record -q -F 997 --call-graph dwarf,16384 -o .build/profile/perf.data \
    "$worker" train "$case" --output "$output/run" --iterations "${2:-20}" >/dev/null
  perf report -i .build/profile/perf.data --stdio --no-children -g none --percent-limit 0.5
  # A flame graph where Brendan Gregg's scripts are at hand.
  if command -v stackcollapse-perf.pl >/dev/null 2>&1; then
    perf script -i .build/profile/perf.data | stackcollapse-perf.pl | flamegraph.pl > .build/profile/flame.svg
    echo "The flame graph is .build/profile/flame.svg."
  fi
elif command -v valgrind >/dev/null 2>&1; then
  valgrind -q --tool=callgrind --callgrind-out-file=.build/profile/callgrind.out \
    "$worker" train "$case" --output "$output/run" --iterations "${2:-3}" >/dev/null
  callgrind_annotate --threshold=95 .build/profile/callgrind.out
else
  echo "profile: needs perf (linux-perf) or valgrind; install one of them with apt." >&2
  exit 2
fi
