#!/bin/sh
# novomodelo-python 0.19.1 starts a reservoir that initial_conditions.json leaves out at its minimum, not empty and not with an error.
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
found = {}
for name, entries in (("left out", []), ("at the minimum", [dict(hydro_id=7, value_hm3=10.0)]), ("at 20", [dict(hydro_id=7, value_hm3=20.0)])):
    case = tiny_case.documents()
    case["system/hydros.json"]["hydros"][0]["reservoir"]["min_storage_hm3"] = 10.0
    case["initial_conditions.json"]["storage"] = entries
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
    folder = work / name.replace(" ", "-")
    tiny_case.write(folder / "case", case, load=62.0)
    bound = tiny_case.train(folder / "case", folder / "out")
    row = pq.ParquetFile(folder / "out/simulation/hydros/scenario_id=0000/data.parquet").read().to_pylist()[0]
    found[name] = (row["storage_initial_hm3"], round(bound, 6))
    print(f"novomodelo-python 0.19.1, volume {name}: {found[name][0]} hm3 at the start, bound {found[name][1]}")
assert found["left out"] == found["at the minimum"] != found["at 20"], "a missing volume means something else now"
assert found["left out"][0] == 10.0
END
