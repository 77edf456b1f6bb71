"""Text and numbers that a client must never see unchanged, and requests that are never allowed."""

import json
import os
import pathlib
import re
import shutil
import sqlite3
import stat
import time

from conftest import ROOT, SERVER

LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "wait_seconds": 0}
SHORT = {"case_dir": "examples/single-hydro", "iterations": 2, "num_workers": 1, "wait_seconds": 40}


def interrupted(server, runs_dir):
    """A run whose supervisor was killed; its directory."""
    run = server.ok("train", LONG)["run_id"]
    directory = pathlib.Path(runs_dir) / run
    deadline = time.monotonic() + 30
    while server.ok("status")["iteration"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with sqlite3.connect(f"file:{directory}/run.sqlite?mode=ro", uri=True) as database:
        os.kill(database.execute("SELECT supervisor_pid FROM run").fetchone()[0], 9)
    while server.ok("status")["state"] != "interrupted":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return directory


def test_bytes_of_logs_reach_nobody_as_they_are(server, runs_dir):
    """Escape sequences, bytes that are no text, marks that reorder text; and no more than fits."""
    directory = interrupted(server, runs_dir)
    with open(directory / "supervisor.log", "ab") as log:
        log.write(b"first\n" * 5000)
        log.write(b"\x1b[31mred\x1b[0m\x07 \x80\x81\xfe\xff \xe2\x80\xaereversed\x00 tab\tend\r\n")
        log.write(b"x" * 10_000 + b"\nlast\n")
    status = server.ok("status")
    text = json.dumps(status["log_tail"], ensure_ascii=False)
    assert "red" in text and "reversed" in text and "last" in text
    assert len(text) < 8192
    for line in status["log_tail"]:
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b-\u200f]", line), line
    contents = server.request("resources/read", {"uri": f"cobre://runs/{status['run_id']}/log"})["result"]["contents"]
    assert "\x1b" not in contents[0]["text"] and len(contents[0]["text"]) < 1_000_000


def test_numbers_that_are_not_finite_are_null(server, runs_dir):
    run = server.ok("train", SHORT, timeout=60)
    with sqlite3.connect(f"{runs_dir}/{run['run_id']}/run.sqlite") as database:
        database.execute("UPDATE convergence SET lower_bound = 9e999, upper_bound = -9e999, gap = NULL")
        # As of an engine that wrote no checksums; else the changed bounds are damage.
        database.execute("UPDATE iteration_checksum SET figures = NULL")
    status = server.ok("status", {"since_iteration": 0})
    assert (status["lower_bound"], status["upper_bound"], status["gap"]) == (None, None, None)
    assert all(row[1] is None for row in status["convergence"]["rows"])
    uri = f"cobre://runs/{run['run_id']}/convergence"
    assert server.request("resources/read", {"uri": uri})["result"]["contents"][0]["text"]


def test_ids_of_runs_have_the_bits_to_be_unguessable(server):
    names = {server.ok("train", {**SHORT, "iterations": 1, "wait_seconds": 0})["run_id"] for _ in range(6)}
    assert len(names) == 6 and all(re.fullmatch(r"run_[a-z2-7]{26}", name) for name in names)
    # 128 random bits: no two share even the first five characters but by a chance of one in a million.
    assert len({name[:9] for name in names}) == 6


def test_files_of_runs_are_their_owners_alone(server, runs_dir):
    run = server.ok("train", {**SHORT, "backend": "tcp", "num_workers": 2, "forward_passes": 2})
    assert run["state"] == "succeeded"
    for path in [pathlib.Path(runs_dir), *pathlib.Path(runs_dir).rglob("*")]:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode & 0o077 == 0, f"{path}: {mode:o}"


def test_case_names_reach_no_shell(start, tmp_path):
    """A directory whose name a shell would obey is a name and nothing more, all the way down to the ranks."""
    name = tmp_path / "a $(touch SHELL) `touch SHELL`; touch SHELL | x 'q' \"q\" &"
    shutil.copytree(ROOT / "examples/single-hydro", name)
    server = start("--allow-dir", tmp_path, cwd=tmp_path)
    for backend, workers in [("shm", 2), ("mpi", 2)]:
        run = server.ok("train", {
            "case_dir": str(name), "iterations": 2, "backend": backend, "num_workers": workers,
            "forward_passes": 2, "wait_seconds": 40})
        assert run["state"] == "succeeded", run
    assert not list(tmp_path.rglob("SHELL")) and not (ROOT / "SHELL").exists()


def test_environment_of_the_server_stays_there(runs_dir, start):
    secret = "hunter2-of-the-environment"
    server = start(env={**os.environ, "API_KEY": secret, "LD_PRELOAD_NOT": secret})
    server.ok("train", LONG)
    deadline = time.monotonic() + 30
    while (status := server.ok("status"))["iteration"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for worker in status["workers"]:
        names = {
            entry.split("=")[0]
            for entry in pathlib.Path(f"/proc/{worker['pid']}/environ").read_bytes().decode().split("\0") if entry}
        assert "API_KEY" not in names and "PATH" in names
        allowed = re.compile(
            r"PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|LD_LIBRARY_PATH|XDG_RUNTIME_DIR|OMP_NUM_THREADS|"
            r"SWIFT_BACKTRACE|COBRE_[A-Z_]+|(OMPI|PMIX|PRTE)_[A-Za-z_]+")
        assert all(allowed.fullmatch(name) for name in names), names
    server.ok("cancel", {"run_id": status["run_id"]})
    server.ok("status", {"wait_seconds": 30})
    server.close()
    assert all(secret.encode() not in line for line in server.lines)
    for path in pathlib.Path(runs_dir).rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path


def test_policies_are_read_within_the_bounds_alone(start, tmp_path):
    """A case may name a policy anywhere; where that leads out, also by a link, the run fails with a sentence."""
    (tmp_path / "inside").mkdir()
    server = start("--allow-dir", tmp_path / "inside", "--allow-dir", "examples")
    first = server.ok("train", SHORT, timeout=60)
    policy = pathlib.Path(server.ok("status")["directory"]) / "policy" / "policy.sqlite"
    outside = tmp_path / "outside" / "policy.sqlite"
    outside.parent.mkdir()
    shutil.copy(policy, outside)
    case = tmp_path / "inside" / "case"
    shutil.copytree(ROOT / "examples/single-hydro", case)
    (case / "policy").mkdir()
    (case / "policy" / "policy.sqlite").symlink_to(outside)
    config = json.loads((case / "config.json").read_text())
    for path, state in [(outside.parent, "failed"), (case / "policy", "failed"), (policy.parent, "succeeded")]:
        config["policy"] = {"path": str(path), "mode": "warm_start"}
        (case / "config.json").write_text(json.dumps(config))
        run = server.ok("train", {**SHORT, "case_dir": str(case)}, 60)
        assert run["state"] == state, run
        assert state != "failed" or "outside the directories that may be read" in run["error"], run
    assert first["state"] == "succeeded"
