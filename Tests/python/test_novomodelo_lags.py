"""Lags of a study whose stages change from months to quarters, against sums that need no program."""

import calendar
import io
import os
import pathlib
import re
import subprocess

import numpy as np
import pandas
import pytest

from conftest import WORKER
from novomodelo_draft import SINCE, Draft
from novomodelo_random import PRICES

CASES = pathlib.Path(os.environ.get("COBRE_NOVOMODELO_CASES", WORKER.parents[2].parent / "shared" / "novomodelo-cases"))


@pytest.mark.skipif(not CASES.exists(), reason="the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
def test_the_optimum_of_months_and_quarters_is_the_cost_of_its_water(tmp_path):
    """The load is always served, so all that costs money is water at 0.01 $ per m³/s and hour, less what the full reservoir keeps.

    The expectation of a linear recursion is the recursion of the expectations, and the lag of a quarter is the quarter before.
    """
    case = CASES / "d30-multi-resolution-monthly-quarterly"
    done = subprocess.run([WORKER, "openings", case], check=True, capture_output=True, text=True, timeout=100)
    noise = pandas.read_csv(io.StringIO(done.stdout)).groupby("stage_id").value.mean()
    hours = np.array([744, 696, 744, 720, 744, 720, 2208, 2208, 2160, 2184.0])
    above = []
    for stage in range(10):
        if stage == 0:
            lag = 200.0 - 100.0
        elif stage == 6:
            lag = np.average(above[3:6], weights=hours[3:6])
        else:
            lag = above[-1]
        above.append(0.5 * lag + 20 * 0.75 ** 0.5 * noise[stage])
    expected = 0.01 * (hours * (100 + np.array(above))).sum() - 0.01 * (200 - 100) / 0.0036
    done = subprocess.run([WORKER, "train", case, "--output", tmp_path / "run", "--simulate", "0"], check=True, capture_output=True,
                          text=True, timeout=100)
    assert float(re.search(r"lower bound (-?[\d.e+]+)", done.stdout).group(1)) == pytest.approx(expected, rel=1e-10)


def quarters():
    """January to March, then two quarters; every lag halves what an observation in December leaves above the mean."""
    case = Draft()
    starts = ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01", "2027-07-01", "2027-10-01"]
    hours, seasons = [744.0, 672.0, 744.0, 2184.0, 2208.0], [0, 1, 2, 13, 14]

    def season(number, label, first, last):
        return {"id": number, "label": label, "month_start": first, "day_start": 1, "month_end": last,
                "day_end": calendar.monthrange(2027, last)[1]}

    case.documents["stages.json"] = {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0},
        "season_definitions": {"cycle_type": "custom", "seasons": [
            *(season(month, f"M{month}", month + 1, month + 1) for month in range(12)),
            *(season(12 + k, f"Q{k}", 3 * k + 1, 3 * k + 3) for k in range(4))]},
        "pre_study_stages": [{"id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01", "season_id": 11}],
        "stages": [{"id": k, "start_date": starts[k], "end_date": starts[k + 1], "season_id": seasons[k], "num_openings": 1,
                    "state_variables": {"storage": True, "inflow_lags": True},
                    "blocks": [{"id": 0, "name": "B", "hours": hours[k]}]} for k in range(5)]}
    case.documents["config.json"] = {
        "training": {"selection": {"method": "sampled", "forward_passes": 1}, "scenario_source": {"openings": {"source": "file"}},
                     "stopping_rules": [{"type": "iteration_limit", "limit": 3}]},
        "modeling": {"inflow_non_negativity": {"method": "none"}}}
    case.documents["penalties.json"] = PRICES
    case.documents["initial_conditions.json"] = {
        "storage": [{"hydro_id": 7, "value_hm3": 20.0}], "filling_storage": [], "recent_observations": [
            {"hydro_id": 7, "start_date": "2026-12-01", "end_date": "2027-01-01", "value_m3s": 200.0}]}
    for name in ("lines", "thermals"):
        case.entities(name)
    case.entities("buses").append({"id": 1, "name": "B", "operational_start_date": SINCE})
    limits = {"min_turbined_m3s": 0.0, "max_turbined_m3s": 50.0, "min_generation_mw": 0.0, "max_generation_mw": 50.0}
    case.entities("hydros").append({
        "id": 7, "name": "H", "operational_start_date": SINCE, "downstream_id": None,
        "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": 100.0},
        "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None}, "generation": {"model": "constant_productivity", **limits},
        "unit_groups": [{"id": 0, "name": "G", "bus_id": 1, **limits}]})
    case.documents["system/hydro_production_models.json"] = {"production_models": [
        {"hydro_id": 7, "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": 0, "end_stage_id": None, "model": "constant_productivity", "productivity_mw_per_m3s": 0.9}]}]}
    for stage in range(-1, 5):
        case.add("scenarios/inflow_seasonal_stats", hydro_id=7, stage_id=stage, mean_m3s=100.0, std_m3s=20.0)
    for stage in range(5):
        case.add("scenarios/inflow_ar_coefficients", hydro_id=7, stage_id=stage, lag=1, coefficient=0.5)
        case.add("scenarios/load_seasonal_stats", bus_id=1, stage_id=stage, mean_mw=40.0, std_mw=0.0)
        case.add("scenarios/noise_openings", stage_id=stage, opening_index=0, entity_index=0, value=0.0)
    return case


def test_a_quarter_follows_the_quarter_before(tmp_path):
    """By hand: the months are 50, 25 and 12.5 above the mean, which is 29.306 over their 744, 672 and 744 hours.

    One observed month is all that the study needs of its past: the quarter before the first one lies within it.
    """
    quarters().write(tmp_path / "case")
    for arguments in (["train", tmp_path / "case", "--output", tmp_path / "run", "--simulate", "1", "--keep", "blocks"],
                      ["export", tmp_path / "run", tmp_path / "out", "--format", "novomodelo"]):
        subprocess.run([WORKER, *arguments], check=True, capture_output=True, timeout=100)
    found = pandas.read_parquet(tmp_path / "out" / "simulation" / "hydros").sort_values("stage_id").incremental_inflow_m3s
    months = (744 * 50 + 672 * 25 + 744 * 12.5) / 2160
    np.testing.assert_allclose(found, [150, 125, 112.5, 100 + months / 2, 100 + months / 4], rtol=1e-12)
