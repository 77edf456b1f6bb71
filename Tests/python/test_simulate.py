"""`simulate` as a user has it: every backend, every origin of the noise, the same bits."""

import contextlib
import json
import shutil
import sqlite3
import subprocess

import pytest

from conftest import EXAMPLES, WORKER

SCHEMES = ["in_sample", "out_of_sample", "historical", "external"]
HYDRO, STAGES = 1, 3


@pytest.fixture
def valley(tmp_path):
    """The shipped small case with an inflow model, eight past years and five given scenarios."""
    case = tmp_path / "valley"
    shutil.copytree(EXAMPLES / "single-hydro", case)
    scenarios = case / "scenarios"
    (scenarios / "inflow_openings.csv").unlink()

    def table(name, header, rows):
        lines = [header] + [",".join(str(value) for value in row) for row in rows]
        (scenarios / name).write_text("\n".join(lines) + "\n")

    table("inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s",
          [(HYDRO, stage, 18 - 3 * stage, 4) for stage in range(STAGES)])
    table("inflow_ar_coefficients.csv", "hydro_id,stage_id,lag,coefficient,residual_std_ratio",
          [(HYDRO, stage, 1, 0.4, 0.9) for stage in range(STAGES)])
    table("inflow_history.csv", "hydro_id,date,value_m3s",
          [(HYDRO, f"{year}-{month:02d}-01", 12 + (7 * year + 5 * month) % 11)
           for year in range(2001, 2009) for month in range(1, 13)])
    table("external_inflow_scenarios.csv", "stage_id,scenario_id,hydro_id,value_m3s",
          [(stage, scenario, HYDRO, 9 + 2 * scenario + stage) for stage in range(STAGES) for scenario in range(5)])
    stages = json.loads((case / "stages.json").read_text())
    stages["season_definitions"] = {"cycle_type": "monthly", "seasons": [
        {"id": month - 1, "label": str(month), "month_start": month} for month in range(1, 13)]}
    for number, stage in enumerate(stages["stages"]):
        stage["season_id"] = 5 + number
    (case / "stages.json").write_text(json.dumps(stages))
    start = json.loads((case / "initial_conditions.json").read_text())
    start["past_inflows"] = [{"hydro_id": HYDRO, "values_m3s": [15.0]}]
    (case / "initial_conditions.json").write_text(json.dumps(start))
    return case


def test_scenarios_cost_the_same_on_every_backend(start, valley):
    server = start("--allow-dir", valley.parent)
    policy = server.ok("train", {
        "case_dir": str(valley), "iterations": 6, "simulate_scenarios": 10, "num_workers": 1, "wait_seconds": 40}, 60)
    assert policy["state"] == "succeeded", policy

    def simulate(scheme, backend, workers, threads=1):
        run = server.ok("simulate", {
            "run_id": policy["run_id"], "scenarios": 10, "scheme": scheme, "seed": 11, "backend": backend,
            "num_workers": workers, "threads_per_worker": threads, "detail": "stages", "wait_seconds": 40}, 60)
        assert (run["state"], run["backend"], run["num_workers"]) == ("succeeded", backend, workers), run
        assert (run["policy_of"], run["iteration"], run["simulation"]["scenarios"]) == (policy["run_id"], 0, 10)

        def rows(sql):
            return server.ok("query_results", {"run_id": run["run_id"], "sql": sql, "limit": 2000, "max_bytes": 200_000})[
                "rows"]

        costs = rows("SELECT scenario, cost FROM simulation_scenario ORDER BY scenario")
        values = rows("SELECT q.name, v.entity, v.stage, v.scenario, v.value FROM simulation_value AS v JOIN "
                      "simulation_quantity AS q ON q.id = v.quantity WHERE q.name IN ('storage', 'spillage', 'inflow') "
                      "ORDER BY 1, 2, 3, 4")
        assert len(costs) == 10 and len(values) >= 2 * 10 * STAGES
        return costs, values

    found = {scheme: simulate(scheme, "local", 1) for scheme in SCHEMES}
    # Each origin brings other water.
    assert len({json.dumps(costs) for costs, _ in found.values()}) == len(SCHEMES)
    for backend, workers, threads in [("local", 1, 2), ("shm", 2, 1), ("tcp", 2, 1), ("mpi", 2, 1)]:
        for scheme in SCHEMES if backend != "local" else SCHEMES[1:2]:
            assert simulate(scheme, backend, workers, threads) == found[scheme], (backend, scheme)

    # What was given comes back: the five scenarios of the table, the eight past years.
    inflows = {scheme: {(row[2], row[4]) for row in values if row[0] == "inflow"}
               for scheme, (_, values) in found.items()}
    if inflows["external"]:
        given = {(stage, 9.0 + 2 * scenario + stage) for stage in range(STAGES) for scenario in range(5)}
        assert all(min(abs(value - one) for at, one in given if at == stage) < 1e-6
                   for stage, value in inflows["external"])
        past = {(month - 6, float(12 + (7 * year + 5 * month) % 11)) for year in range(2001, 2009) for month in (6, 7, 8)}
        assert all(min(abs(value - one) for at, one in past if at == stage) < 1e-6
                   for stage, value in inflows["historical"])


def test_policy_that_is_being_read_is_kept(start, valley):
    server = start("--allow-dir", valley.parent, "--allow-dir", "examples", "--max-runs", "1")
    policy = server.ok("train", {"case_dir": str(valley), "iterations": 3, "num_workers": 1, "wait_seconds": 40}, 60)
    long = server.ok("train", {
        "case_dir": "examples/four-areas", "iterations": 1_000_000, "num_workers": 1, "wait_seconds": 0})
    waiting = server.ok("simulate", {"run_id": policy["run_id"], "scenarios": 5, "wait_seconds": 0})
    assert waiting["state"] == "queued"
    refused = server.error_text("delete_run", {"run_id": policy["run_id"]})
    assert waiting["run_id"] in refused and "simulates the policy" in refused
    server.ok("cancel", {"run_id": long["run_id"]})
    done = server.ok("status", {"run_id": waiting["run_id"], "wait_seconds": 40}, 60)
    assert done["state"] == "succeeded", done
    assert server.ok("delete_run", {"run_id": policy["run_id"]})["deleted"] is True


# The tables of single values as schema 7 had them.
SCHEMA_7 = """
    CREATE TABLE kept AS SELECT * FROM simulation_value;
    DROP VIEW named_value;
    DROP VIEW price_duration;
    DROP VIEW reservoir_storage;
    DROP VIEW period_statistics;
    DROP VIEW deficit_by_stage;
    DROP VIEW energy_by_source;
    DROP TABLE simulation_period;
    ALTER TABLE stage DROP COLUMN period;
    ALTER TABLE stage DROP COLUMN visits;
    ALTER TABLE simulation_scenario DROP COLUMN probability;
    DROP VIEW simulation_value;
    DROP TABLE simulation_point;
    DROP TABLE simulation_series;
    CREATE TABLE simulation_value (
      quantity INTEGER NOT NULL REFERENCES simulation_quantity (id), entity INTEGER NOT NULL, stage INTEGER NOT NULL,
      scenario INTEGER NOT NULL, block INTEGER NOT NULL, value REAL,
      PRIMARY KEY (quantity, entity, stage, scenario, block)) WITHOUT ROWID;
    INSERT INTO simulation_value SELECT * FROM kept ORDER BY 1, 2, 3, 4, 5;
    DROP TABLE kept;
    CREATE VIEW named_value AS SELECT * FROM simulation_value;
    ALTER TABLE iteration_checksum DROP COLUMN figures;
PRAGMA user_version = 7;
"""


@pytest.mark.parametrize("detail", ["stages", "blocks"])
def test_single_values_are_those_of_older_engines_once_they_are_taken_over(detail, tmp_path):
    run = tmp_path / "run"
    subprocess.run(
        [WORKER, "train", EXAMPLES / "cascade", "--output", run, "--iterations", "2", "--simulate", "9", "--keep", detail],
        check=True, capture_output=True)

    def rows(sql):
        with contextlib.closing(sqlite3.connect(run / "run.sqlite")) as database:
            return database.execute(sql).fetchall()

    values = rows("SELECT * FROM simulation_value ORDER BY 1, 2, 3, 4, 5")
    named = rows("SELECT * FROM named_value ORDER BY entity_kind, quantity, entity, stage, scenario, block")
    prices = rows("SELECT * FROM price_duration ORDER BY bus, stage, block, scenario")
    # Every scenario, and at each stage the mean over its hours or every block.
    assert {row[3] for row in values} == set(range(9)) and len(values) == len(named) > 5000 and len(prices) > 100
    assert {row[4] for row in values} == ({-1} if detail == "stages" else {-1, 0, 1, 2})
    with contextlib.closing(sqlite3.connect(run / "run.sqlite")) as database:
        database.executescript(SCHEMA_7)
    subprocess.run([WORKER, "export", run, tmp_path / "out"], check=True, capture_output=True)
    assert rows("PRAGMA user_version") == [(10,)]
    assert rows("SELECT * FROM simulation_value ORDER BY 1, 2, 3, 4, 5") == values
    assert rows("SELECT * FROM named_value ORDER BY entity_kind, quantity, entity, stage, scenario, block") == named
    assert rows("SELECT * FROM price_duration ORDER BY bus, stage, block, scenario") == prices
    assert len((tmp_path / "out" / "simulation_values.csv").read_text().splitlines()) == len(values) + 1
