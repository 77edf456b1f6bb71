#!/bin/sh
# novomodelo-python 0.19.1 makes cuts without slopes in the storages that a stage receives where that stage says
# `state_variables.storage: false`. Such cuts are no bounds: the "lower bound" lies above the cost of a dispatch that exists, and the
# policy lets water go. What it computes is not the same problem with fewer states.
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


def solve(name: str, storage: bool) -> tuple:
    """Bound in $, cost of the simulated dispatch in $, and the volume after the first stage in hm3."""
    case = tiny_case.documents()
    for stage in case["stages.json"]["stages"]:
        stage["state_variables"] = dict(storage=storage, inflow_lags=False)
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
    folder = work / name
    tiny_case.write(folder / "case", case, load=62.0)
    bound = tiny_case.train(folder / "case", folder / "out")
    costs = pq.ParquetFile(folder / "out/simulation/costs/scenario_id=0000/data.parquet").read().to_pylist()
    rows = pq.ParquetFile(folder / "out/simulation/hydros/scenario_id=0000/data.parquet").read().to_pylist()
    return bound, sum(row["immediate_cost"] for row in costs), rows[0]["storage_final_hm3"]


with_slopes, without = solve("with", True), solve("without", False)
for name, (bound, cost, volume) in (("true", with_slopes), ("false", without)):
    print(f"novomodelo-python 0.19.1, storage {name}: bound {bound:.2f}, dispatch {cost:.2f}, {volume:.4f} hm3 kept")
assert abs(with_slopes[0] - with_slopes[1]) < 1e-6 * with_slopes[0], "the small case is solved another way now"
assert without[0] > with_slopes[1] * 1.0001, "cuts without storages are bounds now"
assert without[2] < with_slopes[2] - 1, "the policy keeps water without slopes now"
END
