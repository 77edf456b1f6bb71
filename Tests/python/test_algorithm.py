"""The settings of training and simulation as a user of the server meets them: what stops, what bounds, what is kept."""

import json
import os
import re
import sqlite3
import subprocess

import pytest

from conftest import EXAMPLES, WORKER

# Rungs of the ladder that a failed solve climbs.
RUNGS = 5
QUICK = {"num_workers": 1, "wait_seconds": 40}


def merge(base, changes):
    for key, value in changes.items():
        base[key] = merge(base.get(key, {}), value) if isinstance(value, dict) else value
    return base


@pytest.fixture
def shape(case, tmp_path):
    """A copy of an example with other settings."""

    def make(name="single-hydro", config=None, stages=None):
        directory = case(name).rename(tmp_path / f"case{len(list(tmp_path.iterdir()))}")
        for file, changes in (("config.json", config), ("stages.json", stages)):
            path = directory / file
            document = json.loads(path.read_text())
            if callable(changes):
                changes(document)
            path.write_text(json.dumps(merge(document, changes if isinstance(changes, dict) else {})))
        return str(directory)

    return make


@pytest.fixture
def train(start, tmp_path):
    """Trains on a server that may read the test's directory; the run must succeed."""
    server = start("--allow-dir", tmp_path, "--allow-dir", EXAMPLES)

    def run(case_dir, **arguments):
        answer = server.ok("train", {"case_dir": case_dir, **QUICK, **arguments}, 60)
        assert answer["state"] == "succeeded", answer
        return answer

    run.server = server
    return run


def rules(*others, limit=200):
    return [{"type": "iteration_limit", "limit": limit}, *others]


def database(runs_dir, run):
    return sqlite3.connect(runs_dir / run["run_id"] / "run.sqlite")


def test_every_way_of_keeping_cuts_reaches_the_optimum(train, shape):
    expected = json.loads((EXAMPLES / "single-hydro" / "expected.json").read_text())
    ways = [
        {},
        {"cut_formulation": "multi"},
        {"cut_selection": {"enabled": True, "method": "level1", "check_frequency": 3}},
        {"cut_selection": {"enabled": True, "method": "lml1", "memory_window": 8}},
        {"cut_selection": {"enabled": True, "method": "domination"}},
        {"cut_selection": {"max_active_per_stage": 60}},
    ]
    for way in ways:
        run = train(shape(config={"training": way}), iterations=60)
        assert run["lower_bound"] == pytest.approx(expected["lower_bound"], rel=1e-6), way


def test_rules_stop_alone_or_together(train, shape):
    stalled = {"type": "bound_stalling", "iterations": 5, "tolerance": 1e-6}
    simulated = {"type": "simulation", "replications": 20, "period": 7, "bound_window": 3, "distance_tol": 0.01,
                 "bound_tol": 0.01}
    alone = train(shape(config={"training": {"stopping_rules": rules(stalled)}}))
    assert alone["stop_reason"] == "bound_stalling" and alone["iteration"] < 200
    other = train(shape(config={"training": {"stopping_rules": rules(simulated)}}))
    assert other["stop_reason"] == "simulation" and other["iteration"] % 7 == 0 and other["iteration"] > 7
    both = {"stopping_rules": [{"type": "iteration_limit", "limit": 10}, stalled], "stopping_mode": "all"}
    together = train(shape(config={"training": both}))
    assert together["stop_reason"] == "all_rules" and together["iteration"] >= max(10, alone["iteration"])


def test_gaps_stop_and_bounds_enclose(train, shape):
    upper = {"upper_bound_evaluation": {"enabled": True}}
    run = train(shape(config=upper), target_gap=1e-4, iterations=300, simulate_scenarios=0)
    assert run["stop_reason"] == "target_gap" and run["iteration"] < 300
    assert run["lower_bound"] <= run["deterministic_upper_bound"] * (1 + 1e-9)
    assert run["deterministic_upper_bound"] - run["lower_bound"] <= 1e-4 * run["deterministic_upper_bound"]
    sampled = train(str(EXAMPLES / "cascade"), statistical_gap=0.2, iterations=300, simulate_scenarios=0)
    assert sampled["stop_reason"] == "statistical" and sampled["iteration"] % 10 == 0
    # Without a price on missing water nothing bounds its value from above, which is said before any iteration.
    refused = train.server.call("train", {"case_dir": shape("cascade", upper), **QUICK}, 60)
    assert "fallback_value" in json.dumps(refused), refused


def test_risk_raises_the_bound(train, shape):
    measures = [None, {"cvar": {"alpha": 0.5, "lambda": 0.5}}, {"cvar": {"alpha": 0.25, "lambda": 1.0}}]

    def averse(measure):
        def change(document):
            for stage in document["stages"]:
                if measure:
                    stage["risk_measure"] = measure

        return change

    bounds = []
    for measure in measures:
        for formulation in ("single", "multi"):
            case_dir = shape("single-hydro", {"training": {"cut_formulation": formulation}}, averse(measure))
            run = train(case_dir, iterations=80)
            bounds.append(run["lower_bound"])
            # No sampled cost bounds a risk-adjusted value.
            assert (run["gap"] is None) == (measure is not None)
        assert bounds[-1] == pytest.approx(bounds[-2], rel=1e-6)
    assert bounds[0] < bounds[2] < bounds[4]


def test_risk_measures_are_ordered_and_enclosed(train, shape):
    mixed = [{"weight": 0.5, "measure": "expectation"}, {"weight": 0.5, "measure": "worst_case"}]
    measures = ["expectation", {"wasserstein": {"radius": 0.2}}, {"modified_chi_squared": {"radius": 0.7}},
                {"entropic": {"gamma": 1e-6}}, {"convex_combination": mixed}, "worst_case"]
    bounds = []
    for measure in measures:
        def change(document):
            for stage in document["stages"]:
                stage["risk_measure"] = measure

        config = {"upper_bound_evaluation": {"enabled": True}}
        case_dir = shape("single-hydro", config, change)
        run = train(case_dir, iterations=60)
        bounds.append(run["lower_bound"])
        assert run["lower_bound"] <= run["deterministic_upper_bound"] * (1 + 1e-9)
        assert run["deterministic_upper_bound"] <= run["lower_bound"] * (1 + 1e-3)
        described = train.server.ok("describe_case", {"case_dir": case_dir})["risk_measure"]
        assert described == (measure if isinstance(measure, str) else
                             "worst_case" if "convex_combination" in measure else next(iter(measure)))
    assert all(bounds[0] < bound < bounds[-1] for bound in bounds[1:-1]), bounds


def test_a_cycle_is_worth_more_than_its_first_round(train, shape):
    def discounted(document):
        document["policy_graph"]["annual_discount_rate"] = 100.0

    once = train(shape(stages=discounted), iterations=60)["lower_bound"]

    def cycle(document):
        document["policy_graph"] = {
            "type": "cyclic", "annual_discount_rate": 100.0,
            "transitions": [{"source_id": s, "target_id": (s + 1) % 3, "probability": 1.0} for s in range(3)]}

    for way in ({}, {"cut_formulation": "multi"}):
        run = train(shape(config={"training": way}, stages=cycle), iterations=30, simulate_scenarios=200)
        assert run["lower_bound"] > once
        cost = run["simulation"]
        assert abs(cost["mean_cost"] - run["lower_bound"]) < 2 * cost["mean_cost_ci95"] + 0.01 * run["lower_bound"]


def test_a_policy_goes_on_elsewhere(train, shape, runs_dir, tmp_path):
    first = train(shape("cascade"), iterations=20, simulate_scenarios=0)
    policy = runs_dir / first["run_id"] / "policy"
    exported = tmp_path / "cuts.json"
    subprocess.run([WORKER, "export-cuts", policy, "--output", exported], check=True, timeout=30)
    nodes = json.loads(exported.read_text())
    assert [node["node"] for node in nodes] == [str(stage + 1) for stage in range(len(nodes))]
    cut = nodes[0]["single_cuts"][0]
    assert set(cut) >= {"intercept", "coefficients"} and all(name.startswith("storage[") for name in cut["coefficients"])

    begun = []
    for source in (str(policy), str(exported)):
        settings = {"policy": {"path": source, "mode": "warm_start"}}
        warm = train(shape("cascade", settings), iterations=1, simulate_scenarios=0)
        assert warm["iteration"] == 1 and warm["lower_bound"] >= first["lower_bound"] * (1 - 1e-9)
        begun.append(warm["lower_bound"])
    assert begun[0] == pytest.approx(begun[1], rel=1e-9)

    on = train(shape("cascade", {"policy": {"path": str(policy), "mode": "resume"}}), iterations=30, simulate_scenarios=0)
    with database(runs_dir, on) as rows:
        iterations = [row[0] for row in rows.execute("SELECT iteration FROM convergence ORDER BY iteration")]
    assert iterations == list(range(21, 31))
    whole = train(shape("cascade"), iterations=30, simulate_scenarios=0)
    assert on["lower_bound"] == pytest.approx(whole["lower_bound"], rel=1e-6)

    frozen = {"training": {"enabled": False}, "policy": {"path": str(policy)}}
    simulated = train(shape("cascade", frozen), simulate_scenarios=100)
    assert simulated["stop_reason"] == "training_disabled" and simulated["simulation"]["scenarios"] == 100


def test_a_boundary_gives_the_end_a_value(train, shape, runs_dir):
    first = train(shape("cascade"), iterations=20, simulate_scenarios=0)
    policy = str(runs_dir / first["run_id"] / "policy")
    bounded = train(
        shape("cascade", {"policy": {"boundary": {"path": policy, "source_stage": 0}}}), iterations=20, simulate_scenarios=20)
    assert bounded["lower_bound"] > first["lower_bound"]
    # Another system is recognised by the names of its state.
    other = shape("single-hydro", {"policy": {"boundary": {"path": policy, "source_stage": 0}}})
    text = train.server.ok("train", {"case_dir": other, **QUICK}, 60)
    assert text["state"] == "failed" and "boundary" in text["error"], text
    missing = shape("cascade", {"policy": {"mode": "warm_start", "path": "/nowhere/policy"}})
    answer = train.server.call("train", {"case_dir": missing, **QUICK}, 60)
    told = json.dumps(answer)
    assert "/nowhere/policy" in told, told


def test_simulations_keep_what_was_asked_for(train, shape, runs_dir):
    run = train(shape("cascade"), iterations=15, simulate_scenarios=64)
    counts = {}
    for detail in ("statistics", "stages", "blocks"):
        told = train.server.ok(
            "simulate", {"run_id": run["run_id"], "scenarios": 64, "detail": detail, **QUICK}, 60)
        assert told["state"] == "succeeded" and told["simulation"] == run["simulation"]
        with database(runs_dir, told) as rows:
            counts[detail] = rows.execute("SELECT COUNT(*), MAX(block) FROM simulation_value").fetchone()
            statistics = rows.execute(
                "SELECT name, entity, stage, mean, standard_deviation, minimum, p05, p25, p50, p75, p95, maximum "
                "FROM simulation_statistics JOIN simulation_quantity ON quantity = simulation_quantity.id").fetchall()
            if detail == "stages":
                values = {}
                for name, entity, stage, value in rows.execute(
                        "SELECT name, entity, stage, value FROM simulation_value "
                        "JOIN simulation_quantity ON quantity = simulation_quantity.id WHERE block = -1"):
                    values.setdefault((name, entity, stage), []).append(value)
    assert counts["statistics"] == (0, None) and counts["stages"][0] > 0 and counts["stages"][1] == -1
    assert counts["blocks"][0] > counts["stages"][0] and counts["blocks"][1] == 2
    numpy = pytest.importorskip("numpy")
    assert len(statistics) > 50
    for name, entity, stage, *figures in statistics:
        sample = numpy.array(values[name, entity, stage])
        expected = [sample.mean(), sample.std(ddof=1), sample.min(), *numpy.percentile(sample, [5, 25, 50, 75, 95]),
                    sample.max()]
        assert figures == pytest.approx(expected, rel=1e-9, abs=1e-6), (name, entity, stage)


def test_solvers_are_named_and_the_absent_one_is_refused(train):
    case_dir = str(EXAMPLES / "single-hydro")
    found = {}
    for solver in ("auto", "clp", "highs", "simplex"):
        answer = train.server.call("train", {"case_dir": case_dir, "solver": solver, "iterations": 40, **QUICK}, 60)
        if answer["isError"]:
            reason = {"highs": "COBRE_HIGHS=1", "simplex": "AVX2"}[solver]
            assert reason in answer["content"][0]["text"]
            continue
        run = answer["structuredContent"]
        assert run["state"] == "succeeded"
        assert run["solver"] == solver if solver != "auto" else run["solver"] in ("clp", "simplex")
        found[solver] = run["lower_bound"]
    assert found["auto"] == found.get("simplex", found["clp"])
    assert found.get("highs", found["clp"]) == pytest.approx(found["clp"], rel=1e-6)
    assert found.get("simplex", found["clp"]) == pytest.approx(found["clp"], rel=1e-6)


def test_every_rung_of_the_ladder_is_counted_and_reaches_the_bound(start, train):
    case_dir = "examples/single-hydro"
    bound = train(case_dir, iterations=60)["lower_bound"]
    for rung in range(1, RUNGS + 1):
        server = start(env={**os.environ, "COBRE_SOLVE_FAULT": f"4:{rung}"})
        run = server.ok("train", {"case_dir": case_dir, "iterations": 60, "simulate_scenarios": 20, **QUICK}, 60)
        assert run["state"] == "succeeded" and run["retried_solves"] > 60, run
        assert run["lower_bound"] == pytest.approx(bound, rel=1e-6)
        assert any(re.search(r"\d+ stage LPs of the simulation needed", text) for text in run["warnings"])


def test_a_problem_that_no_rung_solves_is_kept(start, runs_dir):
    server = start(env={**os.environ, "COBRE_SOLVE_FAULT": f"9:{RUNGS + 1}"})
    run = server.ok("train", {"case_dir": "examples/cascade", "iterations": 5, **QUICK}, 60)
    assert run["state"] == "failed"
    found = re.search(r"The program is in (\S+\.mps)\.", run["error"])
    assert found and "could not solve the stage LP at stage" in run["error"], run["error"]
    text = open(found[1], encoding="utf-8").read()
    assert found[1].startswith(str(runs_dir / run["run_id"]))
    assert all(f"\n{section}" in text for section in ("ROWS", "COLUMNS", "RHS", "ENDATA"))
