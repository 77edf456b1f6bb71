"""The worker as a program for the command line: its verbs, what they say, and how they end."""

import csv
import io
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import EXAMPLES, ROOT, WORKER

CASE = EXAMPLES / "cascade"
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def worker(*arguments, code=0):
    done = subprocess.run([WORKER, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return done


def bits(run):
    """Everything that a training has learnt, as it is stored."""
    with sqlite3.connect(f"file:{run}/run.sqlite?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY iteration").fetchall()
        cuts = database.execute("SELECT stage, position, iteration, coefficients FROM cut ORDER BY 1, 2").fetchall()
        return rows, cuts


def test_a_run_is_continued_with_the_bits_of_one_long_run(tmp_path):
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 8)
    worker("train", CASE, "--output", tmp_path / "half", "--iterations", 4)
    done = worker("train", "--from", tmp_path / "half", "--output", tmp_path / "next", "--iterations", 8)
    assert "going on after iteration 4" in done.stdout
    assert bits(tmp_path / "next") == bits(tmp_path / "whole")
    refused = worker("train", "--from", tmp_path / "half", "--output", tmp_path / "no", "--iterations", 4, code=64)
    assert "has completed 4 iterations" in refused.stderr and not (tmp_path / "no").exists()


def test_a_run_is_continued_over_shared_memory(tmp_path):
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 8)
    worker("train", CASE, "--output", tmp_path / "half", "--iterations", 4)
    ranks = [
        subprocess.Popen(
            [WORKER, "train", "--from", tmp_path / "half", "--output", tmp_path / "next", "--iterations", "8"],
            env=os.environ | {
                "COBRE_COMM_BACKEND": "shm", "COBRE_SHM_SIZE": "2", "COBRE_SHM_RANK": str(rank),
                "COBRE_SHM_NAME": f"/cobre-continue-{os.getpid()}"},
            stdout=subprocess.DEVNULL) for rank in range(2)]
    assert [rank.wait(60) for rank in ranks] == [0, 0]
    assert bits(tmp_path / "next") == bits(tmp_path / "whole")


def test_header_and_closing_line(tmp_path):
    lines = worker("train", CASE, "--output", tmp_path / "run", "--iterations", 3, "--simulate", 5).stdout.splitlines()
    assert re.match(r"cobre-worker \S+ trains .*/cascade in .*/run; local, 1 rank of 1 thread; solver", lines[0])
    assert lines[1].split() == ["iteration", "lower", "bound", "upper", "bound", "+-", "gap", "seconds"]
    assert [line.split()[0] for line in lines[2:5]] == ["1", "2", "3"]
    assert lines[5].startswith("done (iteration_limit); 3 of 3 iterations; lower bound ") and "over 5 scenarios" in lines[5]
    assert len(lines) == 6


def test_logs_for_programs(tmp_path):
    done = worker("train", CASE, "--output", tmp_path / "a", "--iterations", 3, "--log", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [int(row["iteration"]) for row in rows] == [1, 2, 3]
    assert [float(row["lower_bound"]) for row in rows] == [row[1] for row in bits(tmp_path / "a")[0]]
    assert done.stderr.splitlines()[-1].startswith("done (iteration_limit)")
    done = worker("train", CASE, "--output", tmp_path / "b", "--iterations", 3, "--log", "json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["start"] + ["iteration"] * 3 + ["end"]
    assert events[-1]["exit_code"] == 0 and events[-1]["stop_reason"] == "iteration_limit"
    assert events[0]["iteration_limit"] == 3 and events[2]["lower_bound"] == float(rows[1]["lower_bound"])


def test_wrong_arguments_and_broken_cases(tmp_path):
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 0, code=64)
    worker("train", "--output", tmp_path / "run", code=64)
    assert "There is no run" in worker("status", tmp_path / "run", code=64).stderr
    assert "There is no run" in worker("resume", tmp_path / "run", code=64).stderr
    broken = tmp_path / "broken"
    shutil.copytree(CASE, broken)
    hydros = json.loads((broken / "system/hydros.json").read_text())
    for hydro in hydros["hydros"][:2]:
        hydro["reservoir"]["min_storage_hm3"] = 1e9
    (broken / "system/hydros.json").write_text(json.dumps(hydros))
    stated = worker("validate", broken, code=65).stdout.splitlines()
    assert len([line for line in stated if line.startswith("error")]) >= 2 and "cannot be trained" in stated[-1]
    # Training names every error too, not the first alone.
    refused = worker("train", broken, "--output", tmp_path / "run", code=65).stderr
    assert len([line for line in refused.splitlines() if line.startswith("error")]) >= 2
    assert "is valid: 0 errors" in worker("validate", CASE).stdout


def test_describe_simulate_and_status(tmp_path):
    described = json.loads(worker("describe", CASE, "--log", "json").stdout)
    assert described["counts"]["hydros"] == 3 and described["state_dimension"] >= 3
    worker("train", CASE, "--output", tmp_path / "run", "--iterations", 3)
    worker("simulate", tmp_path / "run", "--output", tmp_path / "sim", "--scenarios", 4, "--keep", "stages")
    state = json.loads(worker("status", tmp_path / "sim", "--log", "json").stdout)
    assert state["state"] == "succeeded" and state["simulation"]["scenarios"] == 4
    with sqlite3.connect(tmp_path / "sim/run.sqlite") as database:
        names = {row[0] for row in database.execute("SELECT name FROM element WHERE kind = 'hydro'")}
        figures = database.execute(
            "SELECT element, start_date, mean FROM named_statistics WHERE quantity = 'storage' AND stage = 0").fetchall()
        assert {figure[0] for figure in figures} == names and len(names) == 3
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", figure[1]) for figure in figures)
        # The mean of the single values, added up here.
        sums = dict(database.execute(
            "SELECT element, AVG(value) FROM named_value WHERE quantity = 'storage' AND stage = 0 GROUP BY element"))
        assert {figure[0]: pytest.approx(figure[2], rel=1e-12) for figure in figures} == sums


def test_a_stop_is_no_success_and_is_resumed(tmp_path):
    process = subprocess.Popen(
        [WORKER, "train", CASE, "--output", tmp_path / "run", "--iterations", "400"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    while not re.match(r"\s+3 ", process.stdout.readline()):
        pass
    process.send_signal(signal.SIGTERM)
    rest = process.stdout.read()
    assert process.wait(30) == 3 and rest.splitlines()[-1].startswith("stopped (cancelled)")
    assert "cobre-worker resume" in rest
    assert json.loads(worker("status", tmp_path / "run", "--log", "json").stdout)["state"] == "cancelled"


def kill_and_resume(tmp_path, command, environment, victims):
    """Kills ranks in the middle and resumes by the same launcher."""
    worker("train", CASE, "--output", tmp_path / "whole", "--iterations", 100)
    run = tmp_path / "run"
    process = subprocess.Popen(
        [*command, WORKER, "train", CASE, "--output", run, "--iterations", "100"], env=os.environ | environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True)
    assert process.stdout
    while not re.match(r"\s+5 ", line := process.stdout.readline()):
        assert line, "the training ended before it could be killed"
    for pid in victims(process):
        os.kill(pid, signal.SIGKILL)
    assert process.wait(60) != 0
    deadline = time.monotonic() + 30
    while (state := json.loads(worker("status", run, "--log", "json").stdout)["state"]) not in ("interrupted", "failed"):
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    # In a session of its own, since a launcher that fails sends signals to its group.
    resumed = subprocess.run(
        [*command, WORKER, "resume", run], env=os.environ | environment, capture_output=True, text=True, timeout=120,
        check=False, stdin=subprocess.DEVNULL, start_new_session=True)
    assert resumed.returncode == 0, resumed.stderr
    assert "goes on with" in resumed.stdout and "done (iteration_limit)" in resumed.stdout
    assert bits(run) == bits(tmp_path / "whole")
    refused = subprocess.run([WORKER, "resume", run], capture_output=True, text=True, timeout=30, check=False)
    assert refused.returncode == 64 and "train --from" in refused.stderr


def test_a_killed_run_is_resumed(tmp_path):
    kill_and_resume(tmp_path, [], {}, lambda process: [process.pid])


@pytest.mark.skipif(shutil.which("mpiexec") is None, reason="there is no mpiexec")
@pytest.mark.parametrize("rank", [0, 1])
def test_a_run_that_lost_a_rank_under_mpiexec_is_resumed(tmp_path, rank):
    def victims(process):
        # The rank by its environment, among the processes of this launcher alone.
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.getsid(int(entry)) == process.pid:
                    with open(f"/proc/{entry}/environ", "rb") as file:
                        if f"OMPI_COMM_WORLD_RANK={rank}".encode() in file.read().split(b"\0"):
                            return [int(entry)]
            except OSError:
                continue
        raise AssertionError("no such rank")

    kill_and_resume(tmp_path, ["mpiexec", "--oversubscribe", "-n", "2"], MPI, victims)
