#!/bin/sh
# novomodelo-python 0.19.1 takes the row of constraints/ncs_bounds that names one block for all blocks of the stage, although the rows of
# other tables of bounds count in their block alone.
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
case = tiny_case.documents(sources=True)
for stage in case["stages.json"]["stages"]:
    stage["blocks"] = [dict(id=k, name=str(k), hours=stage["blocks"][0]["hours"] / 2) for k in range(2)]
case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))


def available(table: str, key: str, entity: int, column: str, family: str, result: str) -> list:
    """What the elements may give at stage 0, by block, where a row for block 1 alone limits them to 12 MW."""
    folder = work / family
    tiny_case.write(folder / "case", case, load=90.0)
    (folder / "case/constraints").mkdir()
    rows = {key: pa.array([entity], pa.int32()), "stage_id": pa.array([0], pa.int32()), "block_id": pa.array([1], pa.int32()),
            column: pa.array([12.0], pa.float64())}
    pq.write_table(pa.table(rows), folder / "case/constraints" / table, compression="zstd")
    tiny_case.train(folder / "case", folder / "out")
    found = pq.ParquetFile(folder / f"out/simulation/{family}/scenario_id=0000/data.parquet").read().to_pylist()
    return [round(row[result], 6) for row in found if row["stage_id"] == 0]


source = available("ncs_bounds.parquet", "ncs_id", 5, "available_generation_mw", "non_controllables", "available_mw")
thermal = available("thermal_bounds.parquet", "thermal_id", 3, "max_generation_mw", "thermals", "generation_mw")
print(f"novomodelo-python 0.19.1, 12 MW in block 1 only: source of 30 MW has {source}, thermal of 35 MW gives {thermal}")
assert source == [12.0, 12.0], "the row counts in another way now"
assert thermal[1] <= 12.0 < thermal[0], "rows of thermal plants count in another way now"
END
