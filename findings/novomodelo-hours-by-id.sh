#!/bin/sh
# novomodelo-python 0.19.1 looks up the hours of a stage by its id, as if ids counted from 0, in a list that begins with the pre-study
# stages: with other ids, or with a pre-study stage, the MWh of its simulation tables are over another stage's hours, or over one hour,
# although the costs are right. (Some simulations end in a panic for the same reason, which is not shown here.)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import pyarrow.compute as pc
import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])
MONTHS = [744.0, 672.0, 744.0]
PAST = dict(start_date="2026-12-01", end_date="2027-01-01", value_m3s=10.0)


def cascade() -> dict:
    case = tiny_case.cascade([[hours] for hours in MONTHS], 300.0, PAST)
    del case["system/hydros.json"]["hydros"][0]["travel_time_hours"]
    del case["initial_conditions.json"]["past_defluences"]
    return case


def begin_at(case: dict, folder: pathlib.Path, first: int) -> None:
    """Writes the case with stage ids from `first` on."""
    for stage in case["stages.json"]["stages"]:
        stage["id"] += first
    for model in case["system/hydro_production_models.json"]["production_models"]:
        model["stage_ranges"][0]["start_stage_id"] += first
    tiny_case.write_cascade(folder, case)
    for path in folder.rglob("*.parquet"):
        table = pq.ParquetFile(path).read()
        place = table.column_names.index("stage_id")
        shifted = pc.add(table.column(place), first).cast(table.schema.field(place).type)
        pq.write_table(table.set_column(place, "stage_id", shifted), path, compression="zstd")


def hours(name: str, case: dict, first: int = 0) -> list:
    """MWh over MW of the load at each stage, and what the thermal plant costs at 75 $/MWh over its MW."""
    folder = work / name
    begin_at(case, folder / "case", first)
    tiny_case.train(folder / "case", folder / "out")

    def rows(family: str) -> list:
        return pq.ParquetFile(folder / f"out/simulation/{family}/scenario_id=0000/data.parquet").read().to_pylist()

    paid = [round(row["generation_cost"] / row["generation_mw"] / 75, 6) for row in rows("thermals") if row["generation_mw"] > 0]
    assert set(paid) <= set(MONTHS), paid
    return [round(row["load_mwh"] / row["load_mw"], 6) for row in rows("buses")]


plain = hours("plain", cascade())
later = hours("later", cascade(), first=1)
before = cascade()
before["stages.json"]["pre_study_stages"] = [dict(id=-1, start_date="2026-12-01", end_date="2027-01-01", season_id=11)]
past = hours("past", before)
print(f"novomodelo-python 0.19.1, stages of {MONTHS} h: MWh are over {plain} h; with ids 1, 2, 3 over {later} h; with a pre-study "
      f"stage over {past} h")
assert plain == MONTHS
assert later == [672.0, 744.0, 1.0], "hours are looked up in another way now"
assert past != MONTHS, "pre-study stages are left out now"
END
