"""Writes a tiny valid case of Novomodelo 0.19 (one bus, one thermal plant, one reservoir, two months) and runs it."""

import copy
import datetime
import json
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq
from novomodelo import run

INT, REAL = pa.int32(), pa.float64()


def documents(sources: bool = False, openings: int = 1, method: str = "saa") -> dict:
    hours = (744.0, 672.0)
    starts = ("2027-01-01", "2027-02-01", "2027-03-01")
    stages = [
        dict(id=k, start_date=starts[k], end_date=starts[k + 1], season_id=k, num_openings=openings,
             sampling_method=method, blocks=[dict(id=0, name="ALL", hours=hours[k])])
        for k in range(2)
    ]
    limits = dict(min_turbined_m3s=0.0, max_turbined_m3s=50.0, min_generation_mw=0.0, max_generation_mw=45.0)
    since = "2000-01-01"
    case = {
        "config.json": dict(
            training=dict(tree_seed=11, selection=dict(method="sampled", forward_passes=1),
                          stopping_rules=[dict(type="iteration_limit", limit=20)]),
            modeling=dict(inflow_non_negativity=dict(method="none")), exports=dict(stochastic=True)),
        "stages.json": dict(
            policy_graph=dict(type="finite_horizon", annual_discount_rate=0.0), stages=stages,
            season_definitions=dict(
                cycle_type="monthly", seasons=[dict(id=m, label=str(m), month_start=m + 1) for m in range(12)])),
        "initial_conditions.json": dict(storage=[dict(hydro_id=7, value_hm3=60.0)], filling_storage=[]),
        "penalties.json": dict(
            bus=dict(deficit_segments=[dict(depth_mw=None, cost=900.0)], excess_cost=0.5),
            line=dict(exchange_cost=0.1), non_controllable_source=dict(curtailment_cost=0.005),
            hydro=dict(
                spillage_cost=0.01, turbined_cost=0.0, diversion_cost=0.02, storage_violation_below_cost=2000.0,
                filling_target_violation_cost=400.0, turbined_violation_below_cost=300.0,
                outflow_violation_below_cost=320.0, outflow_violation_above_cost=340.0,
                generation_violation_below_cost=350.0, evaporation_violation_cost=400.0,
                water_withdrawal_violation_cost=380.0)),
        "system/buses.json": dict(buses=[dict(id=1, name="B", operational_start_date=since)]),
        "system/lines.json": dict(lines=[]),
        "system/thermals.json": dict(thermals=[
            dict(id=3, name="T", bus_id=1, cost_per_mwh=75.0, generation=dict(min_mw=0.0, max_mw=35.0),
                 operational_start_date=since)]),
        "system/hydros.json": dict(hydros=[
            dict(id=7, name="H", downstream_id=None, operational_start_date=since,
                 reservoir=dict(min_storage_hm3=10.0, max_storage_hm3=150.0),
                 outflow=dict(min_outflow_m3s=0.0, max_outflow_m3s=None),
                 generation=dict(model="constant_productivity", **limits),
                 unit_groups=[dict(id=0, name="G", bus_id=1, **limits)])]),
        "system/hydro_production_models.json": dict(production_models=[
            dict(hydro_id=7, selection_mode="stage_ranges", stage_ranges=[
                dict(start_stage_id=0, end_stage_id=None, model="constant_productivity",
                     productivity_mw_per_m3s=0.9)])]),
    }
    if sources:
        case["system/non_controllable_sources.json"] = dict(non_controllable_sources=[
            dict(id=5, name="W", bus_id=1, max_generation_mw=30.0, operational_start_date=since)])
    return case


def cascade(blocks: list, travel: float, past: dict) -> dict:
    """Two plants with water that takes hours between them, in months from January 2027 on with these hours of their blocks."""
    case = documents()
    starts = [str(datetime.date(2027, month, 1)) for month in range(1, len(blocks) + 2)]
    case["stages.json"]["stages"] = [
        dict(id=k, start_date=starts[k], end_date=starts[k + 1], season_id=k, num_openings=1,
             block_mode="parallel" if len(hours) == 1 else "chronological",
             blocks=[dict(id=b, name=f"B{b}", hours=part) for b, part in enumerate(hours)]) for k, hours in enumerate(blocks)]
    upper = case["system/hydros.json"]["hydros"][0]
    case["system/hydros.json"]["hydros"].append(dict(copy.deepcopy(upper), id=9, name="L"))
    upper.update(downstream_id=9, travel_time_hours=travel)
    models = case["system/hydro_production_models.json"]["production_models"]
    models.append(dict(copy.deepcopy(models[0]), hydro_id=9))
    case["initial_conditions.json"].update(
        storage=[dict(hydro_id=7, value_hm3=60.0), dict(hydro_id=9, value_hm3=60.0)], past_defluences=[dict(past, hydro_id=7)])
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
    return case


def write_cascade(directory: pathlib.Path, case: dict) -> None:
    write(directory, case, load=62.0)
    stages = list(range(len(case["stages.json"]["stages"])))
    for name, key, ids, value in (("inflow", "hydro_id", (7, 9), "mean_m3s"), ("load", "bus_id", (1,), "mean_mw")):
        table = {key: pa.array([i for i in ids for _ in stages], INT), "stage_id": pa.array(stages * len(ids), INT),
                 value: pa.array([22.0] * len(stages) * len(ids), REAL),
                 value.replace("mean", "std"): pa.array([0.0] * len(stages) * len(ids), REAL)}
        pq.write_table(pa.table(table), directory / f"scenarios/{name}_seasonal_stats.parquet", compression="zstd")


def write(directory: pathlib.Path, case: dict, load: float, deviation: float = 0.0, csv_load: bool = False) -> None:
    for name, document in case.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document))
    scenarios = directory / "scenarios"
    scenarios.mkdir(exist_ok=True)
    inflow = pa.table({
        "hydro_id": pa.array([7, 7], INT), "stage_id": pa.array([0, 1], INT),
        "mean_m3s": pa.array([22.0, 22.0], REAL), "std_m3s": pa.array([deviation, deviation], REAL)})
    pq.write_table(inflow, scenarios / "inflow_seasonal_stats.parquet", compression="zstd")
    if csv_load:
        (scenarios / "load_seasonal_stats.csv").write_text(
            f"bus_id,stage_id,mean_mw,std_mw\n1,0,{load},0\n1,1,{load},0\n")
        return
    loads = pa.table({
        "bus_id": pa.array([1, 1], INT), "stage_id": pa.array([0, 1], INT),
        "mean_mw": pa.array([load, load], REAL), "std_mw": pa.array([0.0, 0.0], REAL)})
    pq.write_table(loads, scenarios / "load_seasonal_stats.parquet", compression="zstd")


def train(directory: pathlib.Path, output: pathlib.Path) -> float:
    """The last lower bound."""
    run.run(str(directory), str(output), threads=1)
    return pq.ParquetFile(output / "training/convergence.parquet").read().column("lower_bound").to_pylist()[-1]
