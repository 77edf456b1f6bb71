"""Batteries against a linear program by HiGHS that is written here from the case files alone."""

import json
import shutil
import sqlite3
import subprocess

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from conftest import WORKER

BLOCKS = 6
# By how much loads (MW) and contents (MWh) are moved to find slopes.
STEP = 0.01


def reference(case, first=0, contents=None, water=None, more=None):
    """The template `battery` without noise as one program, from a stage on: its optimum.

    What is in store when it begins may be given, and an addition to the load of one stage and block.
    """
    stages = json.loads((case / "stages.json").read_text())["stages"]
    penalties = json.loads((case / "penalties.json").read_text())
    read = lambda name: json.loads((case / name).read_text())
    thermals = read("system/thermals.json")["thermals"]
    battery = read("system/batteries.json")["batteries"][0]
    hydro = read("system/hydros.json")["hydros"][0]
    source = read("system/non_controllable_sources.json")["non_controllable_sources"][0]
    shape = {f["stage_id"]: f["block_factors"] for f in read("scenarios/load_factors.json")["load_factors"]}
    sun = {f["stage_id"]: f["block_factors"] for f in
           read("scenarios/non_controllable_factors.json")["non_controllable_factors"]}
    table = lambda name: [line.split(",") for line in (case / name).read_text().split()[1:]]
    load = {int(row[1]): float(row[2]) for row in table("scenarios/load_seasonal_stats.csv")}
    inflow = {int(row[1]): float(row[2]) for row in table("scenarios/inflow_seasonal_stats.csv")}
    mean = {int(row[1]): float(row[2]) for row in table("scenarios/non_controllable_stats.csv")}
    names, costs, bounds = {}, [], []
    rows = {"equal": {}, "below": {}}

    def column(name, lower, upper, cost):
        names[name] = len(names)
        costs.append(cost)
        bounds.append((lower, upper))

    def row(name, lower, upper, terms):
        """An equation where both sides are given, else lower ≤ or ≤ upper."""
        kind, sign = ("equal", 1) if lower == upper else ("below", 1 if lower == -np.inf else -1)
        rows[kind][name] = (sign * (upper if sign == 1 else lower), [(names[n], sign * v) for n, v in terms])

    def matrix(kind):
        entries = [(r, c, v) for r, (_, terms) in enumerate(rows[kind].values()) for c, v in terms]
        r, c, v = zip(*entries)
        return coo_array((v, (r, c)), shape=(len(rows[kind]), len(names))).tocsr(), [b for b, _ in rows[kind].values()]

    energy, power, reservoir = battery["energy"], battery["power"], hydro["reservoir"]
    if water is None:
        water = read("initial_conditions.json")["storage"][0]["value_hm3"]
        contents = energy["initial_mwh"]
    hours = 24 / BLOCKS
    before = None
    for t in range(first, len(stages)):
        # Missing water is bought at a price for the whole stage.
        column(("virtual", t), 0, np.inf, 24 * penalties["hydro"]["inflow_nonnegativity_cost"])
        for k in range(BLOCKS):
            here = (t, k)
            for thermal in thermals:
                column(("thermal", thermal["id"], *here), thermal["generation"]["min_mw"],
                       thermal["generation"]["max_mw"], hours * thermal["cost_per_mwh"])
            column(("turbined", *here), 0, min(hydro["generation"]["max_turbined_m3s"],
                   hydro["generation"]["max_generation_mw"] / hydro["generation"]["productivity_mw_per_m3s"]), 0)
            column(("spilled", *here), 0, np.inf, hours * penalties["hydro"]["spillage_cost"])
            column(("storage", *here), reservoir["min_storage_hm3"], reservoir["max_storage_hm3"], 0)
            column(("sun", *here), 0, source["max_generation_mw"] * mean[t] * sun[t][k]["factor"],
                   -hours * penalties["non_controllable_source"]["curtailment_cost"])
            column(("deficit", *here), 0, np.inf, hours * penalties["bus"]["deficit_segments"][0]["cost"])
            column(("excess", *here), 0, np.inf, hours * penalties["bus"]["excess_cost"])
            column(("charge", *here), 0, power["max_charge_mw"], 0)
            column(("discharge", *here), 0, power["max_discharge_mw"], hours * battery["degradation_cost"])
            column(("energy", *here), energy["min_mwh"], energy["max_mwh"], 0)
            demand = load[t] * shape[t][k]["factor"] + (more or {}).get(here, 0)
            row(("load", *here), demand, demand, [(("thermal", g["id"], *here), 1) for g in thermals] + [
                (("turbined", *here), hydro["generation"]["productivity_mw_per_m3s"]), (("sun", *here), 1),
                (("deficit", *here), 1), (("excess", *here), -1), (("charge", *here), -1), (("discharge", *here), 1)])
            volume = 0.0036 * hours
            right = volume * inflow[t] + (water if before is None else 0)
            row(("water", *here), right, right, [
                (("storage", *here), 1), (("turbined", *here), volume), (("spilled", *here), volume),
                (("virtual", t), -volume)] + ([] if before is None else [(("storage", *before), -1)]))
            kept = (1 - battery["self_discharge_per_hour"]) ** hours
            right = kept * contents if before is None else 0
            row(("store", *here), right, right, [
                (("energy", *here), 1), (("charge", *here), -hours * battery["charge_efficiency"]),
                (("discharge", *here), hours / battery["discharge_efficiency"])]
                + ([] if before is None else [(("energy", *before), -kept)]))
            row(("time", *here), -np.inf, 1, [
                (("charge", *here), 1 / power["max_charge_mw"]),
                (("discharge", *here), 1 / power["max_discharge_mw"])])
            before = here
    column("missing", 0, np.inf, energy["target_violation_cost"])
    row("target", energy["target_mwh"], np.inf, [(("energy", *before), 1), ("missing", 1)])
    (equal, right), (below, limit) = matrix("equal"), matrix("below")
    found = linprog(costs, A_ub=below, b_ub=limit, A_eq=equal, b_eq=right, bounds=bounds, method="highs")
    assert found.status == 0
    return found.fun


@pytest.fixture
def still(start, tmp_path):
    """A server, and a copy of the template that it has made."""
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "still"
    server.ok("create_case", {"template": "battery", "directory": str(case)})
    return server, case


def quiet(case):
    """Takes the noise out."""
    table = case / "scenarios/inflow_seasonal_stats.csv"
    lines = table.read_text().split()
    table.write_text("\n".join([lines[0]] + [line.rsplit(",", 1)[0] + ",0" for line in lines[1:]]) + "\n")
    stages = json.loads((case / "stages.json").read_text())
    for stage in stages["stages"]:
        stage["num_scenarios"] = 1
    (case / "stages.json").write_text(json.dumps(stages))


def values(runs_dir, answer):
    with sqlite3.connect(runs_dir / answer["run_id"] / "run.sqlite") as base:
        found = base.execute(
            "SELECT q.entity_kind, q.name, v.entity, v.stage, v.block, v.value FROM simulation_value v "
            "JOIN simulation_quantity q ON q.id = v.quantity WHERE v.scenario = 0")
        return {(kind, name, entity, stage, block): value for kind, name, entity, stage, block, value in found}


def test_agrees_with_a_program_of_its_own(still, runs_dir):
    server, case = still
    quiet(case)
    answer = server.ok("train", {
        "case_dir": str(case), "iterations": 80, "forward_passes": 1, "simulate_scenarios": 0, "num_workers": 1,
        "wait_seconds": 45}, 60)
    assert answer["state"] == "succeeded", answer
    kept = server.ok("simulate", {
        "run_id": answer["run_id"], "scenarios": 1, "detail": "blocks", "num_workers": 1, "wait_seconds": 45}, 60)
    battery = json.loads((case / "system/batteries.json").read_text())["batteries"][0]
    optimum = reference(case)
    assert answer["lower_bound"] == pytest.approx(optimum, rel=1e-8)
    found = values(runs_dir, kept)
    before, hours, used = battery["energy"]["initial_mwh"], 24 / BLOCKS, 0
    water = json.loads((case / "initial_conditions.json").read_text())["storage"][0]["value_hm3"]
    for t in range(12):
        start, lake = before, water
        water = found["hydro", "storage", 1, t, -1]
        for k in range(BLOCKS):
            charge, discharge, energy = (found["battery", name, 1, t, k] for name in ("charge", "discharge", "energy"))
            kept = (1 - battery["self_discharge_per_hour"]) ** hours
            stored = charge * battery["charge_efficiency"] - discharge / battery["discharge_efficiency"]
            assert energy == pytest.approx(kept * before + hours * stored, abs=1e-6), (t, k)
            assert charge / 30 + discharge / 30 <= 1 + 1e-9
            assert battery["energy"]["min_mwh"] - 1e-6 <= energy <= battery["energy"]["max_mwh"] + 1e-6
            before, used = energy, used + discharge
        # Where an optimum has a kink, a price is between the slopes on both sides.
        level = reference(case, t, start, lake)
        for k in range(BLOCKS):
            less, more = (reference(case, t, start, lake, {(t, k): step}) - level for step in (-STEP, STEP))
            price = found["bus", "marginal_cost", 1, t, k] * hours * STEP
            assert -less - 1e-6 <= price <= more + 1e-6, (t, k)
        less, more = (reference(case, t, start + step, lake) - level for step in (-STEP, STEP))
        assert -more - 1e-6 <= found["battery", "energy_value", 1, t, -1] * STEP <= less + 1e-6, t
    assert used * hours > 100, "the battery has work to do"
    # The parts of the cost add up, wear among them.
    cost = sum(found["system", "cost", 0, t, -1] for t in range(12))
    wear = sum(found["system", "cost.batteries", 0, t, -1] for t in range(12))
    assert wear == pytest.approx(used * hours * battery["degradation_cost"], rel=1e-9)
    assert cost == pytest.approx(optimum, rel=1e-8)


def test_a_killed_run_goes_on_with_the_same_bits(still, tmp_path):
    """Contents of batteries are part of checkpoints and policies: in two halves as in one piece."""
    case = still[1]
    bounds = []
    whole = tmp_path / "whole"
    for directory, steps in ((whole, [9]), (tmp_path / "halves", [4, 9])):
        for index, iterations in enumerate(steps):
            command = [WORKER, "train", case, "--output", directory if index == 0 else f"{directory}-on",
                       "--iterations", str(iterations), "--simulate", "0"]
            if index:
                command += ["--from", directory]
            subprocess.run(command, check=True, timeout=60, capture_output=True)
        last = directory if len(steps) == 1 else f"{directory}-on"
        with sqlite3.connect(f"{last}/run.sqlite") as base:
            bounds.append(base.execute(
                "SELECT lower_bound FROM convergence ORDER BY iteration DESC LIMIT 1").fetchone()[0])
        policy = f"{last}/policy"
        exported = tmp_path / "cuts.json"
        subprocess.run([WORKER, "export-cuts", policy, "--output", exported], check=True, timeout=30)
        assert "battery[1]" in json.loads(exported.read_text())[0]["single_cuts"][0]["coefficients"]
    assert bounds[0] == bounds[1]
    shutil.rmtree(whole)
