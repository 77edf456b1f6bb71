"""A case with Markov states, operating rules, a lossy line, a battery and a price process: the same bits on every backend and
after kills."""

import json
import os
import shutil
import sqlite3
import time

import pytest


def change(case, name, edit):
    file = case / name
    document = json.loads(file.read_text()) if file.exists() else {}
    edit(document)
    file.write_text(json.dumps(document))


@pytest.fixture
def together(start, tmp_path):
    """A server, and the template `markov` with all of it."""
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "together"
    server.ok("create_case", {"template": "markov", "directory": str(case)})
    change(case, "system/buses.json", lambda d: d["buses"].append({"id": 2, "name": "COAST"}))
    change(case, "system/lines.json", lambda d: d.update(lines=[{
        "id": 1, "name": "LINE", "source_bus_id": 1, "target_bus_id": 2, "capacity": {"direct_mw": 60.0, "reverse_mw": 60.0},
        "reactance_pu": 0.1, "resistance_pu": 0.02}]))
    change(case, "system/batteries.json", lambda d: d.update(batteries=[{
        "id": 1, "name": "CELLS", "bus_id": 2, "energy": {"max_mwh": 4000.0, "initial_mwh": 1000.0},
        "power": {"max_charge_mw": 12.0, "max_discharge_mw": 12.0}, "charge_efficiency": 0.9, "self_discharge_per_hour": 0.0001}]))
    change(case, "system/price_processes.json", lambda d: d.update(price_processes=[{
        "id": 1, "name": "SPOT", "initial_price": 80.0, "mean_price": 95.0, "coefficient": 0.7, "deviation": 15.0}]))
    contract = {"bus_id": 2, "price_process_id": 1, "limits": {"min_mw": 0.0, "max_mw": 25.0}}
    change(case, "system/energy_contracts.json", lambda d: d.update(contracts=[
        {"id": 1, "name": "BUY", "type": "import", "price_per_mwh": 4.0, **contract},
        {"id": 2, "name": "SELL", "type": "export", "price_per_mwh": 1.0, **contract}]))
    change(case, "system/hydros.json", lambda d: d["hydros"][0].update(operating_rules={
        "alert_storage_hm3": 80.0, "alert_storage_cost": 5000.0,
        "min_outflow_curve": [{"storage_hm3": 20.0, "flow_m3s": 10.0}, {"storage_hm3": 200.0, "flow_m3s": 20.0},
                              {"storage_hm3": 400.0, "flow_m3s": 60.0}],
        "water_uses": [{"name": "TOWN", "demand_m3s": 3.0, "shortfall_cost": 400.0}]}))
    loads = case / "scenarios/load_seasonal_stats.csv"
    loads.write_text(loads.read_text() + "".join(f"2,{stage},15,3\n" for stage in range(12)))
    report = server.ok("validate_case", {"case_dir": str(case)})
    assert report["valid"], report
    return server, case


def ended(server, answer):
    """A run after its end, however long the machine takes."""
    for _ in range(10):
        if answer["state"] in ("succeeded", "failed", "interrupted", "cancelled"):
            break
        answer = server.ok("status", {"run_id": answer["run_id"], "wait_seconds": 45}, 90)
    assert answer["state"] == "succeeded", answer
    return answer


def bits(runs_dir, run):
    with sqlite3.connect(runs_dir / run / "run.sqlite") as base:
        bounds = base.execute("SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY iteration").fetchall()
        costs = base.execute("SELECT * FROM simulation_scenario ORDER BY 1, 2").fetchall()
    with sqlite3.connect(runs_dir / run / "policy/policy.sqlite") as base:
        cuts = base.execute("SELECT stage, position, coefficients FROM cut ORDER BY stage, position").fetchall()
    return [tuple(map(repr, row)) for row in bounds + costs], cuts


def test_every_backend_gives_the_same_bits(together, runs_dir):
    server, case = together
    kept = []
    ways = [("local", 1, 1), ("local", 1, 3), ("shm", 2, 1), ("tcp", 3, 1)]
    if shutil.which("mpiexec"):
        ways.append(("mpi", 2, 1))
    for backend, workers, threads in ways:
        answer = server.ok("train", {
            "case_dir": str(case), "backend": backend, "num_workers": workers, "threads_per_worker": threads, "iterations": 12,
            "forward_passes": 3, "simulate_scenarios": 6, "wait_seconds": 45}, 90)
        ended(server, answer)
        kept.append(bits(runs_dir, answer["run_id"]))
        assert len(kept[-1][1]) > 100
    assert all(other == kept[0] for other in kept[1:])


def test_a_run_that_is_stopped_goes_on_with_the_same_bits(together, runs_dir):
    server, case = together
    options = {"case_dir": str(case), "iterations": 30, "forward_passes": 3, "simulate_scenarios": 6, "backend": "local"}
    whole = server.ok("train", {**options, "wait_seconds": 45}, 90)
    ended(server, whole)
    for attempt in range(5):
        run = server.ok("train", {**options, "wait_seconds": 0, "run_name": f"stopped-{attempt}"})["run_id"]
        while (status := server.ok("status", {"run_id": run}))["iteration"] < 3 and status["state"] != "succeeded":
            time.sleep(0.01)
        server.ok("cancel", {"run_id": run})
        if (stopped := server.ok("status", {"run_id": run, "wait_seconds": 45}, 90))["state"] == "cancelled":
            break
    assert stopped["state"] == "cancelled" and 3 <= stopped["iteration"] < 30, stopped
    ended(server, server.ok("resume", {"run_id": run, "wait_seconds": 45}, 90))
    assert bits(runs_dir, run) == bits(runs_dir, whole["run_id"])


@pytest.mark.parametrize("backend", ["shm", "mpi"])
def test_a_run_whose_ranks_are_killed_ends_with_the_same_bits(together, runs_dir, backend):
    if backend == "mpi" and shutil.which("mpiexec") is None:
        pytest.skip("mpiexec is not installed")
    server, case = together
    options = {
        "case_dir": str(case), "backend": backend, "iterations": 40, "forward_passes": 3, "simulate_scenarios": 6,
        "num_workers": 2}
    whole = server.ok("train", {**options, "wait_seconds": 45}, 90)
    ended(server, whole)
    killed = 0
    for attempt in range(5):
        run = server.ok("train", {**options, "wait_seconds": 0, "run_name": f"killed-{attempt}"})["run_id"]
        deadline, victims = time.monotonic() + 400, set()
        while (status := server.ok("status", {"run_id": run}))["state"] not in ("succeeded", "failed", "interrupted"):
            assert time.monotonic() < deadline, status
            for worker in status["workers"][-1:]:
                alive = worker["state"] == "running" and worker["pid"] not in victims
                if alive and status["iteration"] >= 5 and len(victims) < 1:
                    victims.add(worker["pid"])
                    try:
                        os.kill(worker["pid"], 9)
                        killed += 1
                    except ProcessLookupError:
                        pass
            time.sleep(0.02)
        if status["state"] != "succeeded":
            ended(server, server.ok("resume", {"run_id": run, "wait_seconds": 45}, 90))
        assert bits(runs_dir, run) == bits(runs_dir, whole["run_id"])
        if killed:
            break
    assert killed, "no run lasted long enough to be killed"
