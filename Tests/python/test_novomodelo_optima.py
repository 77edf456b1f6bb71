"""Simulations of Novomodelo cases whose stage LPs have several optima."""

import subprocess

import numpy as np
import pandas

from conftest import WORKER
from novomodelo_draft import SINCE, Draft
from novomodelo_random import PRICES


def cascade():
    """Three months of two plants, where the stage LPs have several optima that the cuts value alike."""
    case = Draft()
    starts = ["2027-01-01", "2027-02-03", "2027-03-01", "2027-04-01"]
    stages = [{"id": k, "start_date": starts[k], "end_date": ("2027-02-01", "2027-03-04", "2027-04-01")[k], "num_openings": 1,
               "blocks": [{"id": 0, "name": "A", "hours": hours}]} for k, hours in enumerate((744.0, 672.0, 744.0))]
    case.documents["stages.json"] = {"policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0}, "stages": stages}
    case.documents["config.json"] = {
        "training": {"tree_seed": 3, "selection": {"method": "sampled", "forward_passes": 2},
                     "stopping_rules": [{"type": "iteration_limit", "limit": 40}]},
        "modeling": {"inflow_non_negativity": {"method": "none"}},
        "simulation": {"enabled": True, "selection": {"method": "sampled", "num_scenarios": 3}}}
    case.documents["penalties.json"] = PRICES
    case.documents["initial_conditions.json"] = {
        "storage": [{"hydro_id": 7, "value_hm3": 30.0}, {"hydro_id": 8, "value_hm3": 30.0}], "filling_storage": []}
    case.entities("buses").append({"id": 1, "name": "B", "operational_start_date": SINCE})
    case.entities("lines")
    for number, least, most, price in ((2, 0.0, 120.0, 80.0), (9, 18.0, 18.0, 140.0)):
        case.entities("thermals").append({"id": number, "name": f"T{number}", "operational_start_date": SINCE, "bus_id": 1,
                                          "cost_per_mwh": price, "generation": {"min_mw": least, "max_mw": most}})
    models = case.documents["system/hydro_production_models.json"] = {"production_models": []}
    for number, below, low, high, flow, power, inflows in (
            (7, 8, 10.0, 60.0, 50.0, 45.0, (22.0, 18.0, 16.0)), (8, None, 5.0, 90.0, 80.0, 72.0, (4.0, 4.0, 4.0))):
        limits = {"min_turbined_m3s": 0.0, "max_turbined_m3s": flow, "min_generation_mw": 0.0, "max_generation_mw": power}
        case.entities("hydros").append({
            "id": number, "name": f"H{number}", "operational_start_date": SINCE, "downstream_id": below,
            "reservoir": {"min_storage_hm3": low, "max_storage_hm3": high},
            "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None},
            "generation": {"model": "constant_productivity", **limits},
            "unit_groups": [{"id": 1, "name": "G", "bus_id": 1, **limits}]})
        models["production_models"].append({"hydro_id": number, "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": 0, "end_stage_id": None, "model": "constant_productivity", "productivity_mw_per_m3s": 0.9}]})
        for stage, inflow in zip(stages, inflows):
            case.add("scenarios/inflow_seasonal_stats", hydro_id=number, stage_id=stage["id"], mean_m3s=inflow, std_m3s=0.0)
    for stage, load in zip(stages, (90.0, 92.0, 95.0)):
        case.add("scenarios/load_seasonal_stats", bus_id=1, stage_id=stage["id"], mean_mw=load, std_mw=0.0)
    return case


def costs_of(run, out):
    subprocess.run([WORKER, "export", run, out, "--format", "novomodelo"], check=True, capture_output=True, timeout=100)
    return pandas.read_parquet(out / "simulation" / "scenario_summary.parquet").discounted_immediate_cost.tolist()


def test_what_is_certain_costs_its_bound(tmp_path):
    # The least cost, which Novomodelo 0.19.1 simulates, too. Scenarios that started without what training had found cost 10 % more.
    cascade().write(tmp_path / "case")
    done = subprocess.run([WORKER, "train", tmp_path / "case", "--output", tmp_path / "run", "--keep", "blocks"], check=True,
                          capture_output=True, text=True, timeout=300)
    assert "lower bound 10555170.2946666" in done.stdout
    own = costs_of(tmp_path / "run", tmp_path / "out")
    np.testing.assert_allclose(own, 10_555_170.294666668, rtol=1e-12)
    # A simulation of its own begins in the same place.
    subprocess.run([WORKER, "simulate", tmp_path / "run", "--output", tmp_path / "again", "--scenarios", "3", "--keep", "blocks"],
                   check=True, capture_output=True, timeout=300)
    assert costs_of(tmp_path / "again", tmp_path / "out again") == own
