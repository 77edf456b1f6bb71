"""What the options of the server promise: limits that are named when they are reached, and a mode that changes nothing."""

import inspect
import json
import re
import subprocess
import sys
import time

import pytest

import cobre
from conftest import ROOT, SERVER, WORKER
from rawclient import MODERN_META

LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "wait_seconds": 0}
TASKS_META = {
    **MODERN_META,
    "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
}


def test_read_only_server_offers_what_reads_and_makes_nothing(start, runs_dir):
    server = start("--read-only", "--toolsets", "all")
    listed = server.request("tools/list")["result"]["tools"]
    names = {tool["name"] for tool in listed}
    assert all(tool["annotations"]["readOnlyHint"] for tool in listed)
    assert {"status", "list_runs", "validate_case", "describe_case", "get_schema"} <= names
    withheld = {
        "train": LONG, "select_backend": {"backend": "local"}, "cancel": {"run_id": "run_" + "a" * 26},
        "resume": {"run_id": "run_" + "a" * 26}, "delete_run": {"run_id": "run_" + "a" * 26},
        "create_case": {"template": "two-areas", "directory": "x"}}
    assert not names & set(withheld)
    for name, arguments in withheld.items():
        assert "--read-only" in server.error_text(name, arguments)
    assert server.request("tools/call", {"name": "no_such_tool"})["error"]["code"] == -32602
    assert server.ok("status")["state"] == "none" and server.ok("list_runs")["runs"] == []
    assert server.ok("validate_case", {"case_dir": "examples/single-hydro"})["valid"] is True
    assert not runs_dir.exists()


def test_read_only_server_watches_runs_of_others(start):
    other = start()
    run = other.ok("train", LONG)["run_id"]
    server = start("--read-only")
    assert server.ok("status", {"run_id": run, "wait_seconds": 1})["state"] in ("queued", "starting", "running")
    refused = server.request("tasks/cancel", {"taskId": run, "_meta": TASKS_META})
    assert "--read-only" in refused["error"]["message"]
    assert server.request("tasks/get", {"taskId": run, "_meta": TASKS_META})["result"]["status"] == "working"
    other.ok("cancel", {"run_id": run})
    assert server.ok("status", {"run_id": run, "wait_seconds": 30})["state"] == "cancelled"


def test_limits_of_runs_are_named(start):
    server = start("--max-workers", "2", "--max-memory-per-rank", "1", "--max-runs", "1")
    assert "at most 2" in server.error_text("train", {**LONG, "num_workers": 3})
    run = server.ok("train", {**LONG, "num_workers": 1, "wait_seconds": 40})
    assert run["state"] == "failed" and "--max-memory-per-rank" in run["error"]
    server = start("--max-wall-seconds", "1.5", "--max-runs", "1")
    first = server.ok("train", LONG)
    second = server.ok("train", {**LONG, "num_workers": 1})
    assert second["state"] == "queued"
    ended = [server.ok("status", {"run_id": one["run_id"], "wait_seconds": 40}) for one in (first, second)]
    assert [one["stop_reason"] for one in ended] == ["server_wall_limit"] * 2, ended
    # A limit of the server is no success.
    assert {one["state"] for one in ended} == {"cancelled"}
    assert all("--max-wall-seconds" in one["next"] and "--max-wall-seconds" in one["verdict"] for one in ended)


@pytest.mark.parametrize("arguments, words", [
    ({}, "`case_dir` is needed"),
    ({"case_dir": "examples/single-hydro", "run_name": "run_" + "a" * 26}, "reads like the id of a run"),
    ({"case_dir": "examples/single-hydro", "case_edits": [{"file": "nope.json", "merge": {}}]}, "`case_edits`: The edits"),
    ({"case_dir": "examples/single-hydro", "risk_measure": "cvar:0.1"}, "cvar:ALPHA:LAMBDA"),
    ({"case_dir": "examples/single-hydro", "discount_rate": -0.1}, "from 0 to 10"),
    ({"case_dir": "examples/singel-hydro"}, 'Did you mean "single-hydro"?'),
    ({"case_dir": "examples/single-hydro/config.json"}, "must be a directory"),
    ({"case_dir": "examples/single-hydro", "iterations": 0}, "from 1 to 1000000"),
])
def test_what_a_training_cannot_be_asked_for(arguments, words, server, runs_dir):
    assert words in server.error_text("train", arguments)
    assert not runs_dir.exists()


def test_risk_and_discount_are_the_same_by_every_way(server, tmp_path, runs_dir):
    """The server, Python and the worker's command train the same; a simulation may discount otherwise."""
    case = ROOT / "examples/single-hydro"
    options = {"risk_measure": "cvar:0.2:0.7", "discount_rate": 0.15}
    by_server = server.ok(
        "train", {"case_dir": str(case), "iterations": 3, "num_workers": 1, "wait_seconds": 40, **options})
    by_python = cobre.train(case, iterations=3, runs_dir=tmp_path / "runs", progress=False, **options)
    done = subprocess.run(
        [WORKER, "train", case, "--output", tmp_path / "run", "--iterations", "3", "--risk-measure", "cvar:0.2:0.7",
         "--discount-rate", "0.15"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    status = json.loads(subprocess.run(
        [WORKER, "status", tmp_path / "run", "--log", "json"], capture_output=True, text=True).stdout)
    plain = cobre.train(case, iterations=3, runs_dir=tmp_path / "runs", progress=False)
    assert by_server["lower_bound"] == by_python.lower_bound == status["lower_bound"] != plain.lower_bound
    costs = [
        server.ok("simulate", {"run_id": by_server["run_id"], "scenarios": 20, "num_workers": 1, "wait_seconds": 40, **one})
        ["simulation"]["mean_cost"] for one in ({}, {"discount_rate": 0.15}, {"discount_rate": 0.5})]
    assert costs[0] == costs[1] and costs[2] < costs[0]


def test_the_first_stages_are_a_study_of_their_own(server, tmp_path, runs_dir):
    """A case cut to six stages has the bounds of one that was written with six, by every way."""
    scarce = ROOT / "Benchmarks/scarce_case.py"
    for stages in (12, 6):
        subprocess.run(
            [sys.executable, scarce, tmp_path / str(stages), "--hydros", "10", "--stages", str(stages)], check=True,
            capture_output=True)
    whole, short = tmp_path / "12", tmp_path / "6"
    place = {"runs_dir": tmp_path / "runs", "progress": False, "iterations": 4, "simulate": 0}
    expected = cobre.train(short, **place).lower_bound
    assert cobre.train(whole, stages=6, **place).lower_bound == expected != cobre.train(whole, **place).lower_bound
    cobre.copy(whole, tmp_path / "cut", [{"file": "stages.json", "keep_stages": 6}])
    assert cobre.train(tmp_path / "cut", **place).lower_bound == expected
    subprocess.run(
        [WORKER, "train", whole, "--output", tmp_path / "run", "--iterations", "4", "--stages", "6", "--simulate", "0"],
        check=True, capture_output=True)
    status = json.loads(subprocess.run(
        [WORKER, "status", tmp_path / "run", "--log", "json"], capture_output=True, text=True).stdout)
    assert status["lower_bound"] == expected
    case = ROOT / "examples/four-areas"
    by_server = server.ok(
        "train", {"case_dir": str(case), "iterations": 3, "num_workers": 1, "stages": 2, "wait_seconds": 40})
    assert by_server["lower_bound"] == cobre.train(case, stages=2, **(place | {"iterations": 3})).lower_bound
    assert "from 1 to 100000" in server.error_text("train", {"case_dir": str(case), "stages": 0})


def test_waiting_calls_are_bounded_and_say_so(server):
    server.ok("train", LONG)
    waiting = [server.post_call("status", {"wait_seconds": 6}) for _ in range(70)]
    answers = [server.reply(id, 30)["result"]["structuredContent"] for id in waiting]
    told = [answer for answer in answers if "did not wait: 64 calls wait already" in answer["next"]]
    assert len(told) == 70 - 64
    assert all(answer["waited_seconds"] == 0 for answer in told)
    assert sum(answer["waited_seconds"] > 1 for answer in answers) == 64


def test_status_is_answered_between_two_hundred_calls_while_a_run_trains(server):
    """All calls at once, and a status behind every tenth of them."""
    server.ok("train", {**LONG, "num_workers": 1})
    deadline = time.monotonic() + 30
    while server.ok("status")["iteration"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    ids, watched = [], []
    names = [("list_runs", {}), ("describe_case", {"case_dir": "examples/single-hydro"}), ("no_such_tool", {}),
             ("get_schema", {}), ("train", {"iterations": 0})]
    for number in range(200):
        if number % 10 == 9:
            watched.append(server.post_call("status", {}))
            ids.append(watched[-1])
        else:
            ids.append(server.post_call(*names[number % len(names)]))
    replies = [server.receive(30) for _ in ids]
    assert sorted(reply["id"] for reply in replies) == sorted(ids)
    states = [reply["result"]["structuredContent"]["state"] for reply in replies if reply["id"] in watched]
    assert states == ["running"] * len(watched)
    times = []
    for _ in range(15):
        started = time.monotonic()
        server.ok("status")
        times.append(time.monotonic() - started)
    # The target of a quiet machine is 50 ms (Documentation/Benchmarks.md has measured figures).
    assert sorted(times)[7] < 0.25, times


@pytest.mark.parametrize("option,value", [
    ("--max-wall-seconds", "0"), ("--max-memory-per-rank", "0"), ("--max-workers", "0"), ("--max-runs", "-1"),
    ("--keep-runs", "0"), ("--max-disk", "x"), ("--max-wait-seconds", "nan"),
])
def test_options_out_of_range_are_refused_by_name(option, value):
    done = subprocess.run(
        [SERVER, option, value], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=10, check=False)
    assert done.returncode != 0 and option in done.stderr and done.stdout == ""


def test_start_takes_every_option_that_train_takes():
    def flags(command):
        text = subprocess.run([WORKER, command, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        return set(re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE))

    train, start = flags("train"), flags("start")
    assert len(train) >= 11 and train - start == {"--output", "--log"}
    assert {"--backend", "--workers", "--hosts", "--restarts", "--run-name", "--wait"} <= start - train
    for command, needed in (("train", ["--output", "x"]), ("start", ["--runs-dir", "x"])):
        refused = subprocess.run(
            [WORKER, command, "examples/cascade", *needed, "--target-gap", "1.5"], capture_output=True, text=True, timeout=30)
        assert refused.returncode == 64 and "--target-gap must be from 1e-09 to 0.999" in refused.stderr


def test_python_takes_every_option_of_a_training():
    declared = re.findall(r"^\| `(\w+)` \| ([^|]*)\|", (ROOT / "Documentation/RunOptions.md").read_text(), re.MULTILINE)
    # Python has the names of the flags; what only a simulation takes and the hosts of MPI are not for it.
    renamed = {"time_limit_seconds": "time_limit", "simulate_scenarios": "simulate", "simulation_detail": "keep"}
    others = "hosts", "scheme", "scenario_seed"
    wanted = {renamed.get(name, name) for name, flag in declared if flag.strip() and name not in others}
    taken = set(inspect.signature(cobre.train).parameters)
    assert len(wanted) >= 17 and wanted <= taken
    assert taken - wanted == {"case", "runs_dir", "on_iteration", "progress"}
