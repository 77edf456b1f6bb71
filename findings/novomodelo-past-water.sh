#!/bin/sh
# novomodelo-python 0.19.1 lets water that was released before the study reach a stage of chronological blocks when the releases of
# the stages in between do, and not when its own travel ends: here in hours 256 to 672 of the stage, though it is due in the first 256.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])
BLOCKS = [[744.0], [200.0, 280.0, 192.0], [744.0]]

case = tiny_case.cascade(BLOCKS, 1000.0, dict(start_date="2026-11-01", end_date="2027-01-01", value_m3s=10.0))
tiny_case.write_cascade(work / "case", case)
tiny_case.train(work / "case", work / "out")
rows = pq.ParquetFile(work / "out/simulation/hydros/scenario_id=0000/data.parquet").read().to_pylist()


def arrived(row: dict) -> float:
    """What the balance of the lower plant in a block cannot have from its own inflow, in hm3."""
    change = row["storage_final_hm3"] - row["storage_initial_hm3"]
    return change - 0.0036 * BLOCKS[1][row["block_id"]] * (row["incremental_inflow_m3s"] - row["outflow_m3s"] - row["evaporation_m3s"])


released = sum(0.0036 * 744 * row["outflow_m3s"] for row in rows if row["hydro_id"] == 7 and row["stage_id"] == 0)
found = [arrived(row) for row in sorted(rows, key=lambda r: r["block_id"]) if row["hydro_id"] == 9 and row["stage_id"] == 1]
past = 0.0036 * 256 * 10
total = released * 416 / 744 + past
print("novomodelo-python 0.19.1:", [round(value, 6) for value in found], f"hm3 in the blocks, of which {past:.3f} are from before the study")
assert abs(found[0]) < 1e-6 and abs(found[1] - total * 224 / 416) < 1e-6 and abs(found[2] - total * 192 / 416) < 1e-6, "spread in another way now"
END
