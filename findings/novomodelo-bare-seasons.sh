#!/bin/sh
# novomodelo-python 0.19.1 derives the deviation of the residual from the supplied coefficients only until a stage before the study, with
# statistics for its lags and without coefficients, has the season of a stage of the study: then the residual gets all of it.
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
STARTS = ["2027-01-01"] + [f"2026-{month:02}-01" for month in range(12, 0, -1)]


def ratio(before: int) -> float:
    """Residual deviation by that of the inflow at stage 0, whose coefficient is 0.5, with so many months before the study."""
    folder = work / str(before)
    case = tiny_case.documents(openings=2)
    case["stages.json"]["pre_study_stages"] = [
        dict(id=-1 - k, start_date=STARTS[k + 1], end_date=STARTS[k], season_id=11 - k) for k in range(before)]
    for stage in case["stages.json"]["stages"]:
        stage["state_variables"] = dict(storage=True, inflow_lags=True)
    case["initial_conditions.json"]["recent_observations"] = [
        dict(hydro_id=7, start_date=STARTS[k + 1], end_date=STARTS[k], value_m3s=22.0) for k in range(before)]
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=12))
    tiny_case.write(folder / "case", case, load=62.0)
    stages = [0, 1] + [-1 - k for k in range(before)]
    statistics = {"hydro_id": pa.array([7] * len(stages), pa.int32()), "stage_id": pa.array(stages, pa.int32()),
                  "mean_m3s": pa.array([22.0] * len(stages)), "std_m3s": pa.array([3.0] * len(stages))}
    pq.write_table(pa.table(statistics), folder / "case/scenarios/inflow_seasonal_stats.parquet", compression="zstd")
    coefficients = {"hydro_id": pa.array([7, 7], pa.int32()), "stage_id": pa.array([0, 1], pa.int32()),
                    "lag": pa.array([1, 1], pa.int32()), "coefficient": pa.array([0.5, 0.3])}
    pq.write_table(pa.table(coefficients), folder / "case/scenarios/inflow_ar_coefficients.parquet", compression="zstd")
    tiny_case.train(folder / "case", folder / "out")
    noise = [row["value"] for row in pq.ParquetFile(folder / "out/stochastic/noise_openings.parquet").read().to_pylist()
             if row["stage_id"] == 0]
    inflows = {pq.ParquetFile(path).read().to_pylist()[0]["incremental_inflow_m3s"]
               for path in (folder / "out/simulation/hydros").glob("*/data.parquet")}
    return (max(inflows) - min(inflows)) / 3.0 / (max(noise) - min(noise))


alone, whole = ratio(1), ratio(12)
print(f"novomodelo-python 0.19.1, coefficient 0.5: residual ratio {alone:.6f} with December before the study, {whole:.6f} with a year")
assert abs(alone - 0.75 ** 0.5) < 1e-6, "the ratio is derived in another way now"
assert abs(whole - 1) < 1e-6, "a year before the study leaves the ratio alone now"
END
