"""Batteries against a linear program by HiGHS that is written here from the case files alone."""

import json
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


def bounds_by_stage(case):
    """What the table of battery limits says of each stage."""
    table = case / "constraints/battery_bounds.csv"
    if not table.exists():
        return {}
    names, *lines = [line.split(",") for line in table.read_text().split()]
    return {int(line[1]): {name: float(text) for name, text in zip(names[2:], line[2:]) if text} for line in lines}


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
    changes = bounds_by_stage(case)
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
        most = {**power, "min_energy_mwh": energy["min_mwh"], "max_energy_mwh": energy["max_mwh"], **changes.get(t, {})}
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
            column(("charge", *here), 0, most["max_charge_mw"], 0)
            column(("discharge", *here), 0, most["max_discharge_mw"], hours * battery["degradation_cost"])
            column(("energy", *here), most["min_energy_mwh"], most["max_energy_mwh"], 0)
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
            if most["max_charge_mw"] > 0 and most["max_discharge_mw"] > 0:
                row(("time", *here), -np.inf, 1, [
                    (("charge", *here), 1 / most["max_charge_mw"]),
                    (("discharge", *here), 1 / most["max_discharge_mw"])])
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
    # Worn cells in some stages, repairs in others.
    (case / "constraints").mkdir(exist_ok=True)
    (case / "constraints/battery_bounds.csv").write_text(
        "battery_id,stage_id,min_energy_mwh,max_energy_mwh,max_charge_mw,max_discharge_mw\n"
        "1,3,,90,20,\n1,4,,,,0\n1,6,,,12,25\n1,8,,60,,15\n")
    answer = server.ok("train", {
        "case_dir": str(case), "iterations": 80, "forward_passes": 1, "simulate_scenarios": 0, "num_workers": 1,
        "wait_seconds": 45}, 60)
    assert answer["state"] == "succeeded", answer
    kept = server.ok("simulate", {
        "run_id": answer["run_id"], "scenarios": 1, "detail": "blocks", "num_workers": 1, "wait_seconds": 45}, 60)
    battery = json.loads((case / "system/batteries.json").read_text())["batteries"][0]
    optimum = reference(case)
    assert answer["lower_bound"] == pytest.approx(optimum, rel=1e-8)
    kept_run = kept["run_id"]
    found = values(runs_dir, kept)
    before, hours, used, taken = battery["energy"]["initial_mwh"], 24 / BLOCKS, 0, 0
    water = json.loads((case / "initial_conditions.json").read_text())["storage"][0]["value_hm3"]
    for t in range(12):
        start, lake = before, water
        water = found["hydro", "storage", 1, t, -1]
        for k in range(BLOCKS):
            charge, discharge, energy = (found["battery", name, 1, t, k] for name in ("charge", "discharge", "energy"))
            kept = (1 - battery["self_discharge_per_hour"]) ** hours
            stored = charge * battery["charge_efficiency"] - discharge / battery["discharge_efficiency"]
            assert energy == pytest.approx(kept * before + hours * stored, abs=1e-6), (t, k)
            most = {**battery["power"], "min_energy_mwh": 8, "max_energy_mwh": 120, **bounds_by_stage(case).get(t, {})}
            assert charge / most["max_charge_mw"] + discharge / max(most["max_discharge_mw"], 1e-9) <= 1 + 1e-9
            assert most["min_energy_mwh"] - 1e-6 <= energy <= most["max_energy_mwh"] + 1e-6
            before, used, taken = energy, used + discharge, taken + charge
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
    # The view of energies and the charts count the battery, too.
    with sqlite3.connect(runs_dir / kept_run / "run.sqlite") as base:
        given, stored, sun = base.execute(
            "SELECT SUM(battery_discharge), SUM(battery_charge), SUM(source) FROM energy_by_source").fetchone()
    assert given == pytest.approx(used * hours, rel=1e-9) and stored == pytest.approx(taken * hours, rel=1e-9)
    assert sun > 0
    text = server.call("plot", {"run_id": kept_run, "kind": "battery"})["content"][0]["text"]
    assert "CELLS" in text and "MWh" in text
    assert "batteries" in server.call("plot", {"run_id": kept_run, "kind": "generation"})["content"][0]["text"]


def test_a_killed_run_goes_on_with_the_same_bits(still, tmp_path):
    """Contents of batteries are part of checkpoints and policies: killed and resumed as in one piece."""
    case = still[1]
    learnt = []
    for name in ("whole", "killed"):
        run = tmp_path / name
        command = [WORKER, "train", case, "--output", run, "--iterations", "14", "--simulate", "0"]
        if name == "whole":
            subprocess.run(command, check=True, timeout=60, capture_output=True)
        else:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            for line in process.stdout:
                if line.split()[:1] == ["4"]:
                    break
            process.kill()
            process.wait()
            with sqlite3.connect(run / "run.sqlite") as base:
                assert 3 <= base.execute("SELECT MAX(iteration) FROM convergence").fetchone()[0] < 14
            subprocess.run([WORKER, "resume", run], check=True, timeout=60, capture_output=True)
        with sqlite3.connect(run / "run.sqlite") as base:
            bounds = base.execute("SELECT iteration, lower_bound FROM convergence ORDER BY iteration").fetchall()
        exported = tmp_path / f"{name}.json"
        subprocess.run([WORKER, "export-cuts", run / "policy", "--output", exported], check=True, timeout=30)
        learnt.append((bounds, exported.read_text()))
        assert "battery[1]" in json.loads(exported.read_text())[0]["single_cuts"][0]["coefficients"]
    assert len(learnt[0][0]) == 14 and learnt[0] == learnt[1]
