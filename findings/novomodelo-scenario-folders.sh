#!/bin/sh
# Tables that novomodelo-python 0.19.1 writes for a simulation carry scenario_id in the folder name and again in the file: pandas and
# pyarrow refuse the folder as one table, DuckDB gives the column as text, polars reads it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1 pandas==3.1.1 polars==2.1.0 duckdb==2.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])
case = tiny_case.documents()
case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=3))
tiny_case.write(work / "case", case, load=62.0, deviation=5.0)
tiny_case.train(work / "case", work / "out")
table = work / "out/simulation/hydros"


def outcome(read) -> str:
    try:
        return read()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


seen = {
    "pandas": outcome(lambda: str(len(pandas.read_parquet(table)))),
    "pyarrow": outcome(lambda: str(pq.read_table(table).num_rows)),
    "duckdb": outcome(lambda: duckdb.sql(f"select distinct typeof(scenario_id) from '{table}/**/*.parquet'").fetchall()[0][0]),
    "polars": outcome(lambda: str(polars.read_parquet(table).schema["scenario_id"])),
}
for reader, result in seen.items():
    print(f"novomodelo-python 0.19.1, simulation/hydros read by {reader}: {result}")
for reader in ("pandas", "pyarrow"):
    assert "scenario_id has incompatible types" in seen[reader], f"{reader} reads the folder now"
assert seen["duckdb"] == "VARCHAR", "DuckDB gives another type now"
assert seen["polars"] == "Int32", "polars gives another type now"
END
