"""Runs that were made elsewhere and put into a runs directory are taken in or refused with a reason; none waits for ever."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from conftest import EXAMPLES, ROOT, WORKER

CASE = EXAMPLES / "cascade"
MPI = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def learnt(run):
    with sqlite3.connect(f"file:{run}/run.sqlite?mode=ro", uri=True) as database:
        return (database.execute("SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY 1").fetchall(),
                database.execute("SELECT stage, position, coefficients FROM cut ORDER BY 1, 2").fetchall())


def killed_under_mpiexec(directory, iterations):
    """A run of two ranks, one of which was killed after a few iterations."""
    log = directory.parent / "log"
    with log.open("w") as sink:
        launcher = subprocess.Popen(
            ["mpiexec", "--oversubscribe", "-n", "2", WORKER, "train", CASE, "--output", directory, "--iterations",
             str(iterations)], env=os.environ | MPI, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL,
            start_new_session=True)
    deadline = time.monotonic() + 200
    while not re.search(r"^ +2 ", log.read_text(), re.M):
        assert time.monotonic() < deadline and launcher.poll() is None, log.read_text()
        time.sleep(0.02)
    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0")
            rank = b"OMPI_COMM_WORLD_RANK=1" in (entry / "environ").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if rank and str(directory).encode() in command:
            os.kill(int(entry.name), signal.SIGKILL)
    assert launcher.wait(60) != 0


def use(server, runs):
    """Lets the server make the index of a runs directory without runs."""
    runs.mkdir(mode=0o700)
    assert server.ok("list_runs")["runs"] == []
    assert (runs / "index.sqlite").exists()


def put(run, runs):
    """Moves a run into a runs directory, under its id."""
    name = json.loads((run / "run.json").read_text())["runID"]
    shutil.move(run, runs / name)
    return name


def test_a_run_killed_under_mpiexec_is_taken_in_and_goes_on(start, runs_dir, tmp_path):
    iterations = 12
    killed_under_mpiexec(tmp_path / "run", iterations)
    subprocess.run([WORKER, "train", CASE, "--output", tmp_path / "whole", "--iterations", str(iterations)], check=True,
                   capture_output=True)
    server = start("--allow-dir", ROOT)
    use(server, runs_dir)
    name = put(tmp_path / "run", runs_dir)
    listed = server.ok("list_runs")["runs"]
    assert [row["run_id"] for row in listed] == [name] and listed[0]["state"] in ("failed", "interrupted")
    assert server.ok("resume", {"run_id": name, "wait_seconds": 45}, 90)["state"] == "succeeded"
    assert learnt(runs_dir / name) == learnt(tmp_path / "whole")
    # Its ranks have the bounds of the server by now.
    assert json.loads((runs_dir / name / "run.json").read_text())["settings"]["caseRoots"] == [str(ROOT.resolve())]
    assert server.call("delete_run", {"run_id": name})["isError"] is not True and not (runs_dir / name).exists()


def test_a_run_is_resumed_by_its_id_without_being_listed(server, runs_dir, tmp_path):
    subprocess.run([WORKER, "train", CASE, "--output", tmp_path / "run", "--iterations", "3"], check=True, capture_output=True)
    with sqlite3.connect(tmp_path / "run/run.sqlite") as database:
        database.execute("UPDATE transition SET state = 'cancelled' WHERE state = 'succeeded'")
    use(server, runs_dir)
    name = put(tmp_path / "run", runs_dir)
    assert server.ok("resume", {"run_id": name, "wait_seconds": 30}, 60)["state"] == "succeeded"


def test_a_copied_run_that_waited_is_not_started_and_does_not_wait(server, runs_dir, tmp_path):
    other = tmp_path / "other"
    subprocess.run(
        [WORKER, "start", CASE, "--runs-dir", other, "--iterations", "3", "--wait", "30"], check=True, capture_output=True)
    copy = next(other.glob("run_*"))
    with sqlite3.connect(copy / "run.sqlite") as database:
        # The supervisor may still be about to leave.
        supervisor, = database.execute("SELECT supervisor_pid FROM run").fetchone()
        deadline = time.monotonic() + 20
        while supervisor and pathlib.Path(f"/proc/{supervisor}").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        # As it was before a supervisor took it up.
        database.execute("DELETE FROM transition WHERE state <> 'queued'")
        database.execute("UPDATE run SET supervisor_pid = NULL, stop_reason = NULL, ended_at = NULL, elapsed = NULL")
    use(server, runs_dir)
    name = put(copy, runs_dir)
    state = server.ok("status", {"run_id": name})
    assert state["state"] == "cancelled" and "put into this runs directory" in state["error"]
    assert server.ok("resume", {"run_id": name, "wait_seconds": 30}, 60)["state"] == "succeeded"


def test_directories_that_are_not_named_by_their_run_are_refused_with_the_name(server, runs_dir, tmp_path):
    subprocess.run([WORKER, "train", CASE, "--output", tmp_path / "run", "--iterations", "2"], check=True, capture_output=True)
    use(server, runs_dir)
    name = json.loads((tmp_path / "run/run.json").read_text())["runID"]
    shutil.copytree(tmp_path / "run", runs_dir / "mine")
    listed = server.call("list_runs")
    assert listed["structuredContent"]["runs"] == []
    assert f"holds run {name}. Rename it to {name}" in json.dumps(listed)
    for tool in ("status", "resume"):
        refused = server.call(tool, {"run_id": "mine"})
        assert refused["isError"] and f"Rename it to {name}" in refused["content"][0]["text"]
    # A second copy under another id.
    shutil.move(runs_dir / "mine", runs_dir / name)
    stranger = "run_" + "a" * 26
    shutil.copytree(runs_dir / name, runs_dir / stranger)
    refused = server.call("status", {"run_id": stranger})
    assert refused["isError"] and "is in this runs directory already" in refused["content"][0]["text"]
    assert [row["run_id"] for row in server.ok("list_runs")["runs"]] == [name]


def test_a_finished_run_points_to_going_on(server, runs_dir):
    run = server.ok("train", {"case_dir": str(CASE), "iterations": 2, "wait_seconds": 30}, 60)
    refused = server.call("resume", {"run_id": run["run_id"]})
    text = refused["content"][0]["text"]
    assert refused["isError"] and f'`continue_from` "{run["run_id"]}"' in text and "above 2" in text
    longer = server.ok("train", {"continue_from": run["run_id"], "iterations": 4, "wait_seconds": 30}, 60)
    whole = server.ok("train", {"case_dir": str(CASE), "iterations": 4, "wait_seconds": 30}, 60)
    assert longer["iteration"] == 4 and learnt(runs_dir / longer["run_id"]) == learnt(runs_dir / whole["run_id"])
    simulated = server.ok("simulate", {"run_id": run["run_id"], "scenarios": 3, "wait_seconds": 30}, 60)
    refused = server.call("resume", {"run_id": simulated["run_id"]})
    assert refused["isError"] and "call `simulate` again" in refused["content"][0]["text"]
