"""Runs as a client sees them: their states, their life beyond a server, what is refused."""

import contextlib
import json
import os
import pathlib
import time

import jsonschema
import pytest

from conftest import EXAMPLES

LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000}


@pytest.fixture
def checked(server):
    """Calls a tool and checks the result against its output schema and its text form."""
    schemas = {}

    def call(name, arguments=None, timeout=60):
        result = server.call(name, arguments, timeout)
        assert not result["isError"], result["content"]
        if name not in schemas:
            schemas[name] = server.ok("more_tools", {"tool": name})["definition"]["outputSchema"]
        jsonschema.validate(result["structuredContent"], schemas[name])
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
        assert len(result["content"][0]["text"]) < 8192
        return result["structuredContent"]

    return call


def test_states_of_a_run_match_the_output_schema(checked):
    run = checked("train", {**LONG, "num_workers": 2, "backend": "shm", "wait_seconds": 0})
    assert run["state"] in ("queued", "starting", "running")
    assert run["next"] and run["created"] is True
    deadline = time.monotonic() + 30
    while (status := checked("status", {"since_iteration": 0}))["iteration"] < 2:
        assert status["state"] in ("queued", "starting", "running"), status
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status["state"] == "running" and status["backend"] == "shm" and status["num_workers"] == 2
    assert [worker["rank"] for worker in status["workers"]] == [0, 1]
    assert all(worker["pid"] > 0 and worker["lp_solves"] >= 0 for worker in status["workers"])
    cancelled = checked("cancel", {"run_id": run["run_id"]})
    assert cancelled["state"] in ("cancelling", "cancelled")
    ended = checked("status", {"run_id": run["run_id"], "wait_seconds": 30, "since_iteration": 0})
    assert ended["state"] == "cancelled"
    assert ended["iteration"] >= 2 and ended["lower_bound"] > 0
    assert ended["convergence"]["iterations"] == ended["iteration"]
    assert checked("cancel", {"run_id": run["run_id"]})["state"] == "cancelled"
    assert [row["state"] for row in checked("list_runs")["runs"]] == ["cancelled"]
    assert checked("list_runs", {"state": "failed"})["runs"] == []


def test_run_whose_ranks_keep_dying_fails_and_others_go_on(checked):
    """A rank that dies is replaced, but not for ever."""
    run = checked("train", {**LONG, "num_workers": 1, "wait_seconds": 0})
    killed = set()
    deadline = time.monotonic() + 60
    while (status := checked("status", {"run_id": run["run_id"]}))["state"] not in ("failed", "interrupted"):
        assert time.monotonic() < deadline, status
        for worker in status["workers"]:
            if worker["state"] == "running" and worker["pid"] not in killed:
                killed.add(worker["pid"])
                # It may be gone already: its rank was replaced since the status was written.
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker["pid"], 9)
        time.sleep(0.05)
    assert status["state"] == "failed" and len(killed) >= 2
    assert status["error"] and status["next"]
    assert checked("train", {"case_dir": "examples/single-hydro", "iterations": 2, "wait_seconds": 30})[
        "state"] == "succeeded"


def test_cancelled_run_is_resumed_and_deleted(checked, server):
    request = {**LONG, "iterations": 12, "num_workers": 1}
    whole = checked("train", {**request, "wait_seconds": 40})
    assert whole["state"] == "succeeded"
    run = checked("train", {**request, "wait_seconds": 0})
    assert "cancel" in server.error_text("delete_run", {"run_id": run["run_id"]}).lower()
    checked("cancel", {"run_id": run["run_id"]})
    stopped = checked("status", {"run_id": run["run_id"], "wait_seconds": 40})
    # A cancel that comes after the last iteration finds nothing left to stop.
    if stopped["state"] == "cancelled":
        resumed = checked("resume", {"run_id": run["run_id"], "wait_seconds": 40})
        assert resumed["state"] == "succeeded"
        assert [resumed[key] for key in ("iteration", "lower_bound", "upper_bound", "simulation")] == [
            whole[key] for key in ("iteration", "lower_bound", "upper_bound", "simulation")]
    assert "continue_from" in server.error_text("resume", {"run_id": whole["run_id"]})
    assert checked("delete_run", {"run_id": run["run_id"]})["deleted"] is True
    assert [row["run_id"] for row in checked("list_runs")["runs"]] == [whole["run_id"]]


def test_long_convergence_is_thinned(checked):
    run = checked(
        "train", {"case_dir": "examples/single-hydro", "iterations": 150, "num_workers": 1, "wait_seconds": 40})
    assert run["state"] == "succeeded"
    table = checked("status", {"since_iteration": 0})["convergence"]
    iterations = [row[0] for row in table["rows"]]
    assert table["iterations"] == 150 and len(iterations) <= 100
    assert iterations[0] == 1 and iterations[-1] == 150 and iterations == sorted(iterations)
    later = checked("status", {"since_iteration": 147})["convergence"]
    assert [row[0] for row in later["rows"]] == [148, 149, 150]


def test_simulation_after_training(checked):
    run = checked(
        "train",
        {"case_dir": "examples/single-hydro", "iterations": 5, "simulate_scenarios": 50, "wait_seconds": 40})
    assert run["state"] == "succeeded"
    assert run["simulation"]["scenarios"] == 50
    assert run["simulation"]["mean_cost"] > 0 and run["simulation"]["mean_cost_ci95"] >= 0


def test_same_name_returns_the_same_run(checked, server):
    request = {"case_dir": "examples/single-hydro", "iterations": 3, "run_name": "once", "wait_seconds": 30}
    first = checked("train", request)
    again = checked("train", {**request, "wait_seconds": 0})
    assert again["run_id"] == first["run_id"] and (first["created"], again["created"]) == (True, False)
    refused = server.error_text("train", {**request, "iterations": 4})
    assert "once" in refused and "iterations" in refused


def test_closing_the_input_leaves_the_run_going(start):
    first = start()
    run = first.ok("train", {**LONG, "wait_seconds": 0})
    # The server ends while one of its calls waits. The call is still answered.
    waiting = first.post_call("status", {"wait_seconds": 30})
    time.sleep(0.5)
    assert first.close() < 1.0
    assert first.reply(waiting)["result"]["structuredContent"]["run_id"] == run["run_id"]
    second = start()
    before = second.ok("status")
    assert before["run_id"] == run["run_id"] and before["state"] in ("starting", "running")
    deadline = time.monotonic() + 30
    while (after := second.ok("status"))["iteration"] <= before["iteration"]:
        assert after["state"] in ("starting", "running"), after
        assert time.monotonic() < deadline
        time.sleep(0.1)
    second.ok("cancel", {"run_id": run["run_id"]})
    assert second.ok("status", {"wait_seconds": 30})["state"] == "cancelled"


def test_killed_server_leaves_the_run_going(start):
    first = start()
    run = first.ok("train", {**LONG, "wait_seconds": 0})
    os.killpg(first.process.pid, 9)
    first.process.wait(5)
    second = start()
    before = second.ok("status", {"run_id": run["run_id"]})
    assert before["state"] in ("queued", "starting", "running")
    deadline = time.monotonic() + 30
    while (after := second.ok("status"))["iteration"] <= before["iteration"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert after["state"] == "running"


def test_cancelled_wait_sends_nothing_and_the_run_lives(server):
    run = server.ok("train", {**LONG, "wait_seconds": 0})
    waiting = server.post_call("status", {"wait_seconds": 20}, meta={"progressToken": "t"})
    time.sleep(0.5)
    server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": waiting}})
    server.request("ping")
    sent = len(server.lines)
    time.sleep(1.5)
    assert len(server.lines) == sent
    assert server.ok("status")["state"] in ("starting", "running")
    # The id is free again.
    assert server.request("ping", id=waiting)["result"] == {}
    server.ok("cancel", {"run_id": run["run_id"]})


def test_status_is_quick_while_calls_wait(server):
    server.ok("train", {**LONG, "wait_seconds": 0})
    for _ in range(100):
        server.post_call("status", {"wait_seconds": 5})
    times = []
    for _ in range(10):
        started = time.monotonic()
        server.ok("list_runs")
        times.append(time.monotonic() - started)
    # Two cores are busy with the training. The target of a quiet machine is 50 ms.
    assert sorted(times)[5] < 0.5, times


def test_wait_is_bounded(server):
    run = server.ok("train", {**LONG, "wait_seconds": 0})
    started = time.monotonic()
    status = server.ok("status", {"run_id": run["run_id"], "wait_seconds": 1})
    assert 0.9 < time.monotonic() - started < 5
    assert 0.9 < status["waited_seconds"] < 3
    assert "from 0 to 45" in server.error_text("status", {"wait_seconds": 46})


def test_case_that_cannot_be_read_is_answered_at_once_and_starts_nothing(start, case, runs_dir, tmp_path):
    broken = case("single-hydro")
    (broken / "stages.json").write_text("{")
    (broken / "config.json").write_text('{"trainin": {}}')
    server = start("--allow-dir", tmp_path)
    server.request("ping")
    children = children_of(server.process.pid)
    started = time.monotonic()
    text = server.error_text("train", {"case_dir": str(broken), "wait_seconds": 20})
    elapsed = time.monotonic() - started
    assert "stages.json" in text and "config.json" in text
    assert elapsed < 0.1, elapsed
    assert children_of(server.process.pid) == children == []
    assert server.ok("list_runs")["runs"] == []
    report = server.ok("validate_case", {"case_dir": str(broken)})
    assert report["valid"] is False and report["errors"] >= 2
    assert {finding["file"] for finding in report["findings"]} >= {"stages.json", "config.json"}


def children_of(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def test_paths_are_bounded(start, tmp_path, case):
    inside = case("single-hydro")
    (tmp_path / "link").symlink_to("/etc")
    server = start("--allow-dir", tmp_path)
    assert server.ok("validate_case", {"case_dir": str(inside)})["valid"] is True
    for path in ("/etc", str(tmp_path / "link"), str(tmp_path / "../.."), "examples/single-hydro", "/nowhere"):
        text = server.error_text("validate_case", {"case_dir": path})
        assert "--allow-dir" in text and str(tmp_path) in text
    assert "no directory" in server.error_text("validate_case", {"case_dir": str(tmp_path / "nothing")})
    assert "a directory" in server.error_text("validate_case", {"case_dir": str(inside / "config.json")})


def test_select_backend_sets_the_default_of_the_runs_directory(checked, start):
    report = checked("select_backend", {"backend": "tcp", "num_workers": 2})
    assert report["backend"] == "tcp" and report["previous"] == "auto" and report["chosen"] == "tcp"
    assert [entry["backend"] for entry in report["backends"]] == ["local", "shm", "tcp", "mpi"]
    assert all(entry["reason"] for entry in report["backends"])
    assert report["auto_choice"] == "shm"
    other = start()
    run = other.ok(
        "train", {"case_dir": "examples/single-hydro", "iterations": 2, "num_workers": 2, "forward_passes": 2,
                  "wait_seconds": 30})
    assert (run["state"], run["backend"], run["num_workers"]) == ("succeeded", "tcp", 2), run
    back = checked("select_backend", {"backend": "auto"})
    assert back["previous"] == "tcp" and back["backend"] == "auto"


@pytest.mark.parametrize("backend", ["auto", "local", "shm", "tcp", "mpi"])
def test_one_worker_is_local_whatever_was_asked(checked, backend):
    run = checked(
        "train",
        {"case_dir": "examples/single-hydro", "iterations": 2, "backend": backend, "num_workers": 1,
         "wait_seconds": 30})
    assert (run["state"], run["backend"], run["num_workers"]) == ("succeeded", "local", 1), run
    assert run["backend_reason"]


def test_local_ignores_the_number_of_workers(checked):
    run = checked(
        "train",
        {"case_dir": "examples/single-hydro", "iterations": 2, "backend": "local", "num_workers": 3,
         "wait_seconds": 30})
    assert (run["state"], run["backend"], run["num_workers"]) == ("succeeded", "local", 1), run


def test_every_backend_gives_the_same_bits(checked):
    request = {"case_dir": "examples/four-areas", "iterations": 5, "seed": 7, "forward_passes": 4, "wait_seconds": 40}
    found = {}
    for backend, workers in [("local", 1), ("shm", 2), ("shm", 3), ("tcp", 2), ("mpi", 2)]:
        run = checked("train", {**request, "backend": backend, "num_workers": workers})
        assert (run["state"], run["backend"], run["num_workers"]) == ("succeeded", backend, workers), run
        rows = checked("status", {"run_id": run["run_id"], "since_iteration": 0})["convergence"]["rows"]
        # All but the clock and the number of linear programs.
        found[backend, workers] = ([row[:5] for row in rows], run["simulation"])
    reference = found.pop(("local", 1))
    assert len(reference[0]) == 5
    for key, figures in found.items():
        assert figures == reference, key


def test_describe_case(checked):
    described = checked("describe_case", {"case_dir": "examples/four-areas"})
    assert described["case_dir"].endswith("examples/four-areas")
    system = EXAMPLES / "four-areas" / "system"
    for kind in ("buses", "lines", "hydros", "thermals"):
        assert described["counts"][kind] == len(json.loads((system / f"{kind}.json").read_text())[kind])
    stages = json.loads((EXAMPLES / "four-areas" / "stages.json").read_text())["stages"]
    assert described["horizon"]["stages"] == len(stages)
    assert described["horizon"]["start"] == stages[0]["start_date"]
    assert described["state_dimension"] == described["counts"]["hydros"]
    assert described["training"]["seed"] == "4711" and described["training"]["iteration_limit"] == 60


def test_describing_a_broken_case_tells_its_errors(start, case, tmp_path):
    broken = case("single-hydro")
    (broken / "stages.json").unlink()
    assert "stages.json" in start("--allow-dir", tmp_path).error_text("describe_case", {"case_dir": str(broken)})


def test_unknown_run_is_refused_with_advice(server):
    unknown = "run_" + "a" * 26
    for tool in ("status", "cancel"):
        text = server.error_text(tool, {"run_id": unknown})
        assert unknown in text and "list_runs" in text
        assert "no-such-run" in server.error_text(tool, {"run_id": "no-such-run"})
    assert "run_id" in server.error_text("cancel", {})
    assert "run_id" in server.error_text("status", {"run_id": "../../etc"})


def test_lines_written_at_once_see_what_earlier_ones_did(server):
    """As a script that writes all its lines and then reads."""
    train = server.post_call("train", {**LONG, "run_name": "first", "wait_seconds": 3})
    again = server.post_call("train", {**LONG, "run_name": "first", "wait_seconds": 0})
    status = server.post_call("status", {})
    facts = [server.reply(id, 30)["result"]["structuredContent"] for id in (status, again, train)]
    assert len({fact["run_id"] for fact in facts}) == 1
    assert (facts[1]["created"], facts[2]["created"]) == (False, True)
