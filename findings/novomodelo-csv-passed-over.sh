#!/bin/sh
# novomodelo-python 0.19.1 does not read a table that is given as CSV and does not say so: the case runs with another load.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import tiny_case

work = pathlib.Path(sys.argv[1])
bounds = {}
for kind in ("parquet", "csv"):
    tiny_case.write(work / kind, tiny_case.documents(), load=62.0, csv_load=kind == "csv")
    bounds[kind] = tiny_case.train(work / kind, work / (kind + "-out"))
print(f"novomodelo-python 0.19.1: lower bound {bounds['parquet']:.2f} with the load as Parquet, "
      f"{bounds['csv']:.2f} with the same load as CSV, no message")
assert abs(bounds["parquet"] - 3544140) < 1e-3, "the case with Parquet changed"
assert bounds["csv"] < 1000, "the load of the CSV file was read"
END
