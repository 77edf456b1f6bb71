#!/bin/sh
# novomodelo-python 0.19.1 applies the block factors of non_controllable_factors.json to external availabilities only where the source has
# rows of statistics as well, which external values make needless; without them each block gets the whole value.
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

INT, REAL = pa.int32(), pa.float64()
work = pathlib.Path(sys.argv[1])
# A source of 30 MW at availability 0.5, with factors 0.4 and 1.6 in two blocks of the same length.
case = tiny_case.documents(sources=True)
for stage in case["stages.json"]["stages"]:
    stage["blocks"] = [dict(id=k, name=str(k), hours=stage["blocks"][0]["hours"] / 2) for k in range(2)]
case["scenarios/non_controllable_factors.json"] = dict(non_controllable_factors=[
    dict(ncs_id=5, stage_id=k, block_factors=[dict(block_id=0, factor=0.4), dict(block_id=1, factor=1.6)]) for k in range(2)])
case["config.json"]["training"]["scenario_source"] = dict(seed=1, ncs=dict(scheme="external"))
case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))


def available(has_statistics: bool) -> list:
    """MW at stage 0, by block."""
    folder = work / str(has_statistics)
    tiny_case.write(folder / "case", case, load=62.0)
    key = {"stage_id": pa.array([0, 1], INT), "ncs_id": pa.array([5, 5], INT)}
    pq.write_table(
        pa.table({**key, "scenario_id": pa.array([0, 0], INT), "availability_factor": pa.array([0.5, 0.5], REAL)}),
        folder / "case/scenarios/external_ncs_scenarios.parquet", compression="zstd")
    if has_statistics:
        pq.write_table(
            pa.table({**key, "mean": pa.array([0.9, 0.9], REAL), "std": pa.array([0.0, 0.0], REAL)}),
            folder / "case/scenarios/non_controllable_stats.parquet", compression="zstd")
    tiny_case.train(folder / "case", folder / "out")
    rows = pq.ParquetFile(folder / "out/simulation/non_controllables/scenario_id=0000/data.parquet").read().to_pylist()
    return [round(row["available_mw"], 6) for row in rows if row["stage_id"] == 0]


with_rows, without = available(True), available(False)
print(f"novomodelo-python 0.19.1, 15 MW with factors 0.4 and 1.6: {with_rows} MW with rows of statistics, {without} MW without")
assert with_rows == [6.0, 24.0], "external values are taken in another way now"
assert without == [15.0, 15.0], "factors do without statistics now"
END
