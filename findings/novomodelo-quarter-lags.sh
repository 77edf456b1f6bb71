#!/bin/sh
# In a study of months and then quarters, novomodelo-python 0.19.1 takes the wrong period as lag of a quarter in its simulations: the
# first quarter follows the last month instead of the quarter before, and the second one that quarter instead of the first. Its cuts
# count another lag again, the stage before. Here every lag halves what an observation of 200 m³/s leaves above the mean of 100 m³/s.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import calendar
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])
INT, REAL, UNSIGNED = pa.int32(), pa.float64(), pa.uint32()
# January to March, then the quarters from April and from July on; seasons 12 to 15 are quarters.
STARTS = ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01", "2027-07-01", "2027-10-01"]
HOURS, SEASONS = [744.0, 672.0, 744.0, 2184.0, 2208.0], [0, 1, 2, 13, 14]
STAGES = list(range(5))


def last(month: int) -> int:
    return calendar.monthrange(2027, month)[1]


case = tiny_case.documents()
case["stages.json"].update(
    season_definitions=dict(cycle_type="custom", seasons=[
        dict(id=m, label=f"M{m}", month_start=m + 1, day_start=1, month_end=m + 1, day_end=last(m + 1)) for m in range(12)] + [
        dict(id=12 + q, label=f"Q{q}", month_start=3 * q + 1, day_start=1, month_end=3 * q + 3, day_end=last(3 * q + 3))
        for q in range(4)]),
    pre_study_stages=[dict(id=-1, start_date="2026-12-01", end_date="2027-01-01", season_id=11)],
    stages=[dict(id=k, start_date=STARTS[k], end_date=STARTS[k + 1], season_id=SEASONS[k], num_openings=1,
                 state_variables=dict(storage=True, inflow_lags=True), blocks=[dict(id=0, name="ALL", hours=HOURS[k])])
            for k in STAGES])
case["initial_conditions.json"]["recent_observations"] = [
    dict(hydro_id=7, start_date="2026-12-01", end_date="2027-01-01", value_m3s=200.0)]
case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
case["config.json"]["training"]["scenario_source"] = dict(openings=dict(source="file"))
tiny_case.write(work / "case", case, load=62.0)


def put(name: str, **columns: tuple) -> None:
    table = pa.table({key: pa.array(values, kind) for key, (values, kind) in columns.items()})
    pq.write_table(table, work / f"case/scenarios/{name}.parquet", compression="zstd")


put("inflow_seasonal_stats", hydro_id=([7] * 6, INT), stage_id=([-1, *STAGES], INT), mean_m3s=([100.0] * 6, REAL),
    std_m3s=([20.0] * 6, REAL))
put("inflow_ar_coefficients", hydro_id=([7] * 5, INT), stage_id=(STAGES, INT), lag=([1] * 5, INT), coefficient=([0.5] * 5, REAL))
put("load_seasonal_stats", bus_id=([1] * 5, INT), stage_id=(STAGES, INT), mean_mw=([62.0] * 5, REAL), std_mw=([0.0] * 5, REAL))
put("noise_openings", stage_id=(STAGES, INT), opening_index=([0] * 5, UNSIGNED), entity_index=([0] * 5, UNSIGNED),
    value=([0.0] * 5, REAL))
tiny_case.train(work / "case", work / "out")
rows = pq.ParquetFile(work / "out/simulation/hydros/scenario_id=0000/data.parquet").read().to_pylist()
found = [row["incremental_inflow_m3s"] for row in rows]
first = sum(value * hours for value, hours in zip(found, HOURS[:3])) / sum(HOURS[:3])
expected = [100 + (first - 100) / 2, 100 + (first - 100) / 4]
print(f"novomodelo-python 0.19.1: inflows {[round(value, 3) for value in found]}; the months are {first:.3f} on average, so that "
      f"the quarters should have {expected[0]:.3f} and {expected[1]:.3f}")
assert [round(value, 9) for value in found[:3]] == [150, 125, 112.5], found
assert abs(found[3] - (100 + (found[2] - 100) / 2)) < 1e-6, "the first quarter does not follow the last month any more"
assert abs(found[4] - expected[0]) < 1e-6, "the second quarter does not follow the months any more"
END
