#!/bin/sh
# novomodelo-python 0.19.1: a source with statistics at one stage has no power at the stages without a row, although without any
# statistics it has its full capacity at all of them. The case trains without a message.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])


def bound(name: str, stages: list) -> float:
    case = work / name
    tiny_case.write(case, tiny_case.documents(sources=True), load=62.0)
    if stages:
        count = len(stages)
        table = pa.table({
            "ncs_id": pa.array([5] * count, pa.int32()), "stage_id": pa.array(stages, pa.int32()),
            "mean": pa.array([1.0] * count), "std": pa.array([0.0] * count)})
        pq.write_table(table, case / "scenarios/non_controllable_stats.parquet", compression="zstd")
    return tiny_case.train(case, work / (name + "-out"))


none, both, first = bound("none", []), bound("both", [0, 1]), bound("first", [0])
print(f"novomodelo-python 0.19.1: lower bound {none:.1f} without statistics, {both:.1f} with a row of mean 1 for both stages, "
      f"{first:.1f} with that row for the first stage alone")
assert abs(none - 357927.6) < 1e-3 and abs(both - none) < 1e-6, "the case with full power changed"
assert abs(first - 1870028.4) < 1e-3, "the stage without a row has power now, or is refused"
END
