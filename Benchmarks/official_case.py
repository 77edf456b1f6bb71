#!/usr/bin/env python3
"""Writes a case of scarce_case.py in the format of Novomodelo, which both programs of race.py read.

Lines lose nothing there, so their losses are left out. Needs pyarrow.

    python3 official_case.py CASE OUT [--passes 4] [--iterations 100]
"""
import argparse, csv, datetime, json, pathlib

import pyarrow as pa
import pyarrow.parquet as pq

SINCE = "2000-01-01"
INTEGERS = {"hydro_id", "bus_id", "stage_id", "lag"}


def table(source: pathlib.Path, target: pathlib.Path, leave_out: set[str] = frozenset()) -> None:
    with source.open(newline="", encoding="utf-8") as file:
        # Statistics of stages before the study mean something else there.
        rows = [row for row in csv.DictReader(file) if int(row["stage_id"]) >= 0]
    columns = {}
    for name in rows[0]:
        if name in leave_out:
            continue
        if name in INTEGERS:
            columns[name] = pa.array([int(row[name]) for row in rows], pa.int32())
        else:
            columns[name] = pa.array([float(row[name]) for row in rows], pa.float64())
    pq.write_table(pa.table(columns), target, compression="zstd")


def hydro(plant: dict) -> dict:
    generation = {k: v for k, v in plant["generation"].items() if k != "productivity_mw_per_m3s"}
    group = {k: generation[k] for k in ("min_generation_mw", "max_generation_mw", "min_turbined_m3s", "max_turbined_m3s")}
    result = {k: plant[k] for k in ("id", "name", "downstream_id", "reservoir", "outflow") if k in plant}
    result.setdefault("downstream_id", None)
    return result | {
        "generation": generation, "operational_start_date": SINCE,
        "unit_groups": [{"id": 0, "name": plant["name"], "bus_id": plant["bus_id"]} | group]}


def production(plant: dict) -> dict:
    return {"hydro_id": plant["id"], "selection_mode": "stage_ranges", "stage_ranges": [{
        "start_stage_id": 0, "end_stage_id": None, "model": "constant_productivity",
        "productivity_mw_per_m3s": plant["generation"]["productivity_mw_per_m3s"]}]}


def convert(case: pathlib.Path, out: pathlib.Path, passes: int, iterations: int) -> None:
    def read(name: str) -> dict:
        return json.loads((case / name).read_text())

    def write(name: str, content: dict) -> None:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text(json.dumps(content, indent=1))

    in_sample = {"scheme": "in_sample"}
    write("config.json", {
        "training": {
            "tree_seed": read("config.json")["training"].get("tree_seed", 42),
            "selection": {"method": "sampled", "forward_passes": passes},
            "stopping_rules": [{"type": "iteration_limit", "limit": iterations}],
            "scenario_source": {"seed": 42, "inflow": in_sample, "load": in_sample, "ncs": in_sample}},
        "simulation": {"enabled": False},
        "modeling": {"inflow_non_negativity": {"method": "penalty"}}})
    penalties = read("penalties.json")
    penalties["hydro"]["turbined_cost"] = penalties["hydro"].pop("fpha_turbined_cost")
    write("penalties.json", penalties)
    stages = read("stages.json")
    for stage in stages["stages"]:
        stage["num_openings"] = stage.pop("num_scenarios")
        stage["state_variables"] = {"storage": True, "inflow_lags": True}
    write("stages.json", stages)
    initial = read("initial_conditions.json")
    # The month before the study gives the first lag.
    start = datetime.date.fromisoformat(stages["stages"][0]["start_date"])
    month = (start - datetime.timedelta(days=1)).replace(day=1)
    initial["recent_observations"] = [
        {"hydro_id": past["hydro_id"], "start_date": str(month), "end_date": str(start), "value_m3s": past["values_m3s"][0]}
        for past in initial.pop("past_inflows")]
    write("initial_conditions.json", initial)
    for name, key in (("buses", "buses"), ("lines", "lines"), ("thermals", "thermals")):
        content = read(f"system/{name}.json")
        for entity in content[key]:
            entity["operational_start_date"] = SINCE
            entity.pop("losses_percent", None)
        write(f"system/{name}.json", content)
    plants = read("system/hydros.json")["hydros"]
    write("system/hydros.json", {"hydros": [hydro(plant) for plant in plants]})
    write("system/hydro_production_models.json", {"production_models": [production(plant) for plant in plants]})
    write("scenarios/correlation.json", read("scenarios/correlation.json"))
    for name in ("inflow_seasonal_stats", "load_seasonal_stats"):
        table(case / f"scenarios/{name}.csv", out / f"scenarios/{name}.parquet")
    table(case / "scenarios/inflow_ar_coefficients.csv", out / "scenarios/inflow_ar_coefficients.parquet",
          leave_out={"residual_std_ratio"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--passes", type=int, default=4)
    parser.add_argument("--iterations", type=int, default=100)
    given = parser.parse_args()
    convert(given.case, given.out, given.passes, given.iterations)


if __name__ == "__main__":
    main()
