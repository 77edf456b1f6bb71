"""A study from its history to its bound, against regressions by numpy and one linear program over the whole tree by HiGHS."""

import json
import sqlite3
import subprocess

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from conftest import WORKER
from test_inflow import Case, quarter, quarters, recursion

STAGES, OPENINGS = 4, 5
STORAGE, STORED, TURBINED, LOAD = 150.0, 60.0, 120.0, 90.0
SPILL, EXCESS, VIRTUAL, DEFICIT = 0.01, 0.5, 1000.0, 900.0
THERMAL = 50.0, 25.0
PAST = 62.0


def build(path, ids, values, noise):
    """One reservoir, one thermal plant and four unequal seasons whose inflow is estimated from a history."""
    stages = [(quarter(4 * 202 + k), quarter(4 * 202 + k + 1), ids[k % 4]) for k in range(STAGES)]
    case = Case(path, [1], quarters(ids), stages, {"max_order": 1})
    document = json.loads((path / "stages.json").read_text())
    for stage in document["stages"]:
        stage["num_scenarios"] = OPENINGS
    case.save("stages.json", document)
    document = json.loads((path / "penalties.json").read_text())
    document["bus"] = {"deficit_segments": [{"depth_mw": None, "cost": DEFICIT}], "excess_cost": EXCESS}
    document["hydro"] |= {"spillage_cost": SPILL, "inflow_nonnegativity_cost": VIRTUAL, "fpha_turbined_cost": 0.02}
    case.save("penalties.json", document)
    document = json.loads((path / "system/hydros.json").read_text())
    document["hydros"][0]["reservoir"]["max_storage_hm3"] = STORAGE
    document["hydros"][0]["generation"] |= {"max_turbined_m3s": TURBINED, "max_generation_mw": TURBINED}
    case.save("system/hydros.json", document)
    case.save("system/thermals.json", {"thermals": [
        {"id": 1, "name": "T", "bus_id": 1, "cost_per_mwh": THERMAL[0], "generation": {"min_mw": 0.0, "max_mw": THERMAL[1]}}]})
    case.save("initial_conditions.json", {
        "storage": [{"hydro_id": 1, "value_hm3": STORED}], "filling_storage": [],
        "past_inflows": [{"hydro_id": 1, "values_m3s": [PAST] * 4}]})
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (1, quarter(200 + k), repr(float(v))) for k, v in enumerate(values)])
    case.table("load_seasonal_stats.csv", "bus_id,stage_id,mean_mw,std_mw", [(1, t, LOAD, 0.0) for t in range(STAGES)])
    case.table("noise_openings.csv", "stage_id,opening_index,entity_index,value", [
        (t, k, 0, repr(float(noise[t, k]))) for t in range(STAGES) for k in range(OPENINGS)])
    return [24 * (end - start).days for start, end, _ in stages]


def optimum(values, noise, hours):
    """Cost of the whole tree, with the first-order periodic model of the history (pairs one season apart in time)."""
    mean, std = (np.array([f(values[q::4]) for q in range(4)]) for f in (np.mean, np.std))
    normal = (values - np.tile(mean, len(values) // 4)) / np.tile(std, len(values) // 4)
    phi = np.array([np.mean([normal[k] * normal[k - 1] for k in range(1, len(values)) if k % 4 == q]) for q in range(4)])
    # Beyond the limit of the test on partial autocorrelations, so that each season keeps its lag.
    assert (np.abs(phi) > 1.96 / np.sqrt(len(values) / 4)).all()
    cost, low, high, rows, right = [], [], [], [], []

    def variable(price, most=None):
        cost.append(price)
        low.append(0.0)
        high.append(most)
        return len(cost) - 1

    def grow(t, before, lag, probability):
        for k in range(OPENINGS):
            inflow = mean[t] + phi[t] * std[t] / std[t - 1] * (lag - mean[t - 1])
            inflow += std[t] * np.sqrt(1 - phi[t] ** 2) * noise[t, k]
            share, flow = probability / OPENINGS, hours[t] * 0.0036
            weight = share * hours[t]
            storage, turbined, spilt = variable(0, STORAGE), variable(0, TURBINED), variable(weight * SPILL)
            thermal, deficit = variable(weight * THERMAL[0], THERMAL[1]), variable(weight * DEFICIT)
            excess, bought = variable(weight * EXCESS), variable(weight * VIRTUAL)
            balance = {storage: 1, turbined: flow, spilt: flow, bought: -flow}
            if before is not None:
                balance[before] = -1
            rows.append(balance)
            right.append(inflow * flow + (STORED if before is None else 0))
            rows.append({turbined: 1, thermal: 1, deficit: 1, excess: -1})
            right.append(LOAD)
            if t + 1 < STAGES:
                grow(t + 1, storage, inflow, share)

    grow(0, None, PAST, 1.0)
    matrix = csr_array((
        [v for row in rows for v in row.values()],
        ([i for i, row in enumerate(rows) for _ in row], [j for row in rows for j in row])), shape=(len(rows), len(cost)))
    solved = linprog(cost, A_eq=matrix, b_eq=right, bounds=list(zip(low, high)), method="highs")
    assert solved.status == 0, solved.message
    return solved.fun


@pytest.mark.parametrize("seed", [1, 2])
def test_a_study_of_custom_seasons_converges_to_its_extensive_form(tmp_path, seed):
    random = np.random.default_rng(500 + seed)
    # Wide enough that there are both deficits and spills.
    values = 60 + 2.5 * (recursion(random, 4 * 60, 0.5) - 60)
    noise = random.normal(size=(STAGES, OPENINGS))
    bounds = {}
    for ids in [(0, 1, 2, 3), (7, 3, 12, 5)]:
        case, run = tmp_path / f"case-{ids[0]}", tmp_path / f"run-{ids[0]}"
        hours = build(case, ids, values, noise)
        subprocess.run(
            [WORKER, "train", case, "--output", run, "--iterations", "60", "--forward-passes", "8", "--simulate", "0"],
            check=True, capture_output=True, timeout=300)
        with sqlite3.connect(run / "run.sqlite") as database:
            bounds[ids] = [row[0] for row in database.execute("SELECT lower_bound FROM convergence ORDER BY iteration")]
    best = optimum(values, noise, hours)
    reached = bounds[0, 1, 2, 3]
    # Ids are names: in another order they change no bit.
    assert bounds[7, 3, 12, 5] == reached
    assert reached[0] < 0.999 * best
    assert reached[-1] == pytest.approx(best, rel=1e-6)
    assert max(reached) <= best * (1 + 1e-9)
