"""Going on from a run that has ended or was killed, with the bits of one long run and a bound that never falls."""

import csv
import io
import json
import os
import shutil
import sqlite3
import subprocess
import time

import pytest

import cobre
from conftest import EXAMPLES, WORKER


def bounds(run):
    return [(row.iteration, row.lower_bound.hex(), row.upper_bound.hex()) for row in run.convergence]


@pytest.mark.parametrize("workers", [1, 2])
def test_python_goes_on_from_a_run(runs_dir, workers):
    case = EXAMPLES / "cascade"
    options = {"runs_dir": runs_dir, "progress": False, "num_workers": workers}
    whole = cobre.train(case, iterations=6, **options)
    half = cobre.train(case, iterations=3, run_name="half", **options)
    # By id, by name, and without the case, which is that of the run.
    for source in (half.run_id, "half"):
        longer = cobre.train(continue_from=source, iterations=6, **options)
        assert longer.iterations == 6 and bounds(longer.run) == bounds(whole.run)
    assert bounds(half.run) == bounds(whole.run)[:3]
    with pytest.raises(cobre.CobreError, match="has completed 3 iterations"):
        cobre.train(continue_from="half", iterations=3, **options)


def test_the_server_and_python_go_on_from_runs_of_each_other(server, runs_dir):
    case = EXAMPLES / "cascade"
    whole = cobre.train(case, iterations=5, runs_dir=runs_dir, progress=False)
    first = server.ok("train", {"case_dir": str(case), "iterations": 2, "num_workers": 1, "wait_seconds": 40}, 60)
    second = cobre.train(continue_from=first["run_id"], iterations=4, runs_dir=runs_dir, progress=False)
    third = server.ok("train", {"continue_from": second.run_id, "iterations": 5, "wait_seconds": 40}, 60)
    assert third["iteration"] == 5 and third["continued_from"] == second.run_id
    assert bounds(cobre.Run(third["run_id"], runs_dir)) == bounds(whole.run)


def logged(*words):
    """The bounds that a command of the worker logs."""
    done = subprocess.run(
        [WORKER, *map(str, words), "--log", "csv"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [(int(row["iteration"]), float(row["lower_bound"])) for row in csv.DictReader(io.StringIO(done.stdout))]


def killed(runs_dir, case, iteration, *words):
    """The directory of a run over shared memory whose second rank was killed in an iteration, and stayed so."""
    name = subprocess.run(
        [WORKER, "start", case, "--runs-dir", runs_dir, "--backend", "shm", "--workers", "2", "--restarts", "0",
         *map(str, words)], env=os.environ | {"COBRE_COMM_FAULT": f"9:1:backward:{iteration}"}, capture_output=True,
        text=True, timeout=30, check=True).stdout.split()[0]
    deadline = time.monotonic() + 60
    while (state := cobre.Run(name, runs_dir).status["state"]) not in ("failed", "interrupted"):
        assert state != "succeeded" and time.monotonic() < deadline, state
        time.sleep(0.05)
    return runs_dir / name


# Rules that drop cuts, with one cut or several at a state, and the trajectories that walk together.
DROPPING = {
    "level1": ({"method": "level1", "max_active_per_stage": 5}, "single", 0),
    "lml1": ({"method": "lml1", "memory_window": 1}, "multi", 1),
    "domination": ({"method": "domination", "domination_epsilon": 1e4}, "single", 2),
    "budget": ({"max_active_per_stage": 4}, "multi", 0),
}


@pytest.mark.parametrize("rule", DROPPING)
def test_the_bound_never_falls_whatever_is_dropped_or_killed(rule, tmp_path):
    """To the last bit, in the log and in the database, and through kills and continued runs."""
    selection, formulation, together = DROPPING[rule]
    case = tmp_path / "case"
    shutil.copytree(EXAMPLES / "cascade", case)
    config = json.loads((case / "config.json").read_text())
    config["training"] |= {
        "cut_formulation": formulation,
        "cut_selection": {"enabled": "method" in selection, "check_frequency": 1, **selection}}
    (case / "config.json").write_text(json.dumps(config))
    options = ["--iterations", 16, "--simulate", 0, "--passes-together", together]
    whole, half, last = (tmp_path / name for name in ("whole", "half", "last"))
    logs = {whole: logged("train", case, "--output", whole, *options)}
    with sqlite3.connect(whole / "policy/policy.sqlite") as policy:
        assert policy.execute("SELECT count(*) FROM cut WHERE active = 0").fetchone()[0] > 20
    halved = logged("train", case, "--output", half, *options, "--iterations", 9)
    logs[last] = halved + logged("train", "--from", half, "--output", last, *options)
    run = killed(tmp_path / "runs", case, 7, *options)
    logs[run] = logs[whole][:6] + logged("resume", run)
    for directory, log in logs.items():
        with sqlite3.connect(directory / "run.sqlite") as database:
            assert database.execute("SELECT iteration, lower_bound FROM convergence ORDER BY 1").fetchall() == log
        assert [iteration for iteration, _ in log] == list(range(1, 17))
        assert all(later[1] >= earlier[1] for earlier, later in zip(log, log[1:], strict=False)), log
    assert logs[whole] == logs[last] == logs[run]
