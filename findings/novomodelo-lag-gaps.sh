#!/bin/sh
# novomodelo-python 0.19.1 takes the rows of scenarios/inflow_ar_coefficients.parquet in the order of their lags and does not look at the
# lags themselves: a model whose only coefficient belongs to lag 2 follows the month before instead of the month before that.
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
INT, REAL, UNSIGNED = pa.int32(), pa.float64(), pa.uint32()


def inflows(lag: int) -> list:
    """What a simulation without noise has in January and February, where the mean is 22 m³/s and every deviation 1 m³/s."""
    folder = work / f"lag{lag}"
    case = tiny_case.documents()
    case["stages.json"]["pre_study_stages"] = [
        dict(id=-1, start_date="2026-12-01", end_date="2027-01-01", season_id=11),
        dict(id=-2, start_date="2026-11-01", end_date="2026-12-01", season_id=10)]
    for stage in case["stages.json"]["stages"]:
        stage["state_variables"] = dict(storage=True, inflow_lags=True)
    # 4 m³/s above the mean in November, as the mean in December.
    case["initial_conditions.json"]["recent_observations"] = [
        dict(hydro_id=7, start_date="2026-11-01", end_date="2026-12-01", value_m3s=26.0),
        dict(hydro_id=7, start_date="2026-12-01", end_date="2027-01-01", value_m3s=22.0)]
    case["config.json"]["training"]["scenario_source"] = dict(openings=dict(source="file"))
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
    tiny_case.write(folder / "case", case, load=62.0)

    def put(name: str, **columns: tuple) -> None:
        table = pa.table({key: pa.array(values, kind) for key, (values, kind) in columns.items()})
        pq.write_table(table, folder / f"case/scenarios/{name}.parquet", compression="zstd")

    put("inflow_seasonal_stats", hydro_id=([7] * 4, INT), stage_id=([-2, -1, 0, 1], INT), mean_m3s=([22.0] * 4, REAL),
        std_m3s=([1.0] * 4, REAL))
    put("inflow_ar_coefficients", hydro_id=([7] * 2, INT), stage_id=([0, 1], INT), lag=([lag] * 2, INT), coefficient=([0.5] * 2, REAL))
    put("noise_openings", stage_id=([0, 1], INT), opening_index=([0] * 2, UNSIGNED), entity_index=([0] * 2, UNSIGNED),
        value=([0.0] * 2, REAL))
    tiny_case.train(folder / "case", folder / "out")
    rows = pq.ParquetFile(folder / "out/simulation/hydros/scenario_id=0000/data.parquet").read().to_pylist()
    return [round(row["incremental_inflow_m3s"], 9) for row in rows]


first, second = inflows(1), inflows(2)
print(f"novomodelo-python 0.19.1: inflows with the coefficient 0.5 at lag 1 {first}, at lag 2 {second}; lag 2 should give [24.0, 22.0]")
assert first == [22.0, 22.0], first
assert second == first, "a coefficient of lag 2 alone is no longer that of lag 1"
END
