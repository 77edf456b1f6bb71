"""Tasks: a client that declares the extension gets a handle at once, from any server, and what has ended stays ended."""

import time

import pytest

from conftest import ROOT, SERVER
from rawclient import MODERN_META

TASKS_META = {
    **MODERN_META,
    "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
}
LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "num_workers": 1}
# A handle is an answer of a moment, also on a busy machine.
HAND_OVER_SECONDS = 1.0 if SERVER.parent.name == "release" else 5.0


def get(server, task):
    return server.request("tasks/get", {"taskId": task, "_meta": TASKS_META})["result"]


def ended(server, task, timeout=60):
    deadline = time.monotonic() + timeout
    while (state := get(server, task))["status"] == "working":
        assert time.monotonic() < deadline, state
        time.sleep(0.1)
    return state


def run_of(server, task, timeout=60):
    """The stretch of a run that a task is, or goes on as where the run took its time to be there."""
    if task["taskId"].startswith("run_"):
        return task["taskId"]
    deadline = time.monotonic() + timeout
    while not (message := get(server, task["taskId"])["statusMessage"]).startswith("run_"):
        assert time.monotonic() < deadline, message
        time.sleep(0.1)
    return message.split(":")[0]


def test_the_estimate_of_a_budget_is_part_of_the_task(start):
    server = start()
    server.call("status")
    began = time.monotonic()
    task = server.call("train", {**LONG, "budget_seconds": 600}, meta=TASKS_META)
    took = time.monotonic() - began
    assert task["resultType"] == "task" and task["taskId"].startswith("call_"), task
    assert took < HAND_OVER_SECONDS, took
    run = run_of(server, task)
    assert get(server, task["taskId"])["status"] == "working"
    assert "budget_seconds" in " ".join(server.ok("status", {"run_id": run})["warnings"])
    server.close()
    other = start()
    state = get(other, task["taskId"])
    assert state["taskId"] == task["taskId"] and state["status"] == "working"
    # It is the run that ends, whichever of both names is used.
    other.request("tasks/cancel", {"taskId": task["taskId"], "_meta": TASKS_META})
    assert ended(other, task["taskId"])["status"] == "cancelled"
    assert get(other, run)["status"] == "cancelled"
    assert other.ok("status", {"run_id": run, "wait_seconds": 20})["state"] == "cancelled"


def test_a_task_cancelled_before_its_run_is_there_starts_none(start):
    server = start()
    task = server.call("train", {**LONG, "budget_seconds": 600}, meta=TASKS_META)
    server.request("tasks/cancel", {"taskId": task["taskId"], "_meta": TASKS_META})
    assert get(server, task["taskId"])["status"] == "cancelled"
    time.sleep(8)
    states = [run["state"] for run in server.ok("list_runs")["runs"]]
    assert all(state in ("cancelled", "cancelling") for state in states), states
    assert get(server, task["taskId"])["status"] == "cancelled"


def test_the_handle_comes_at_once_and_any_server_answers_for_it(start):
    server = start()
    server.call("status")
    began = time.monotonic()
    # The usual wait of 20 seconds is the client's affair now.
    task = server.call("train", LONG, meta=TASKS_META)
    took = time.monotonic() - began
    assert task["resultType"] == "task" and task["status"] == "working", task
    assert took < HAND_OVER_SECONDS, took
    server.close()
    other = start()
    assert get(other, task["taskId"])["status"] == "working"
    assert other.request("tasks/cancel", {"taskId": task["taskId"], "_meta": TASKS_META})["result"]["resultType"] == "complete"
    assert ended(other, task["taskId"])["status"] == "cancelled"

    # A resumed run is a task of its own; the ended one stays as it is.
    run = run_of(other, task)
    began = time.monotonic()
    resumed = other.call("resume", {"run_id": run}, meta=TASKS_META)
    assert time.monotonic() - began < HAND_OVER_SECONDS
    assert resumed["resultType"] == "task" and run_of(other, resumed) == run + ".2"
    before = get(other, run)
    assert before["status"] == "cancelled" and "result" not in before
    assert get(other, resumed["taskId"])["status"] == "working"
    # Cancelling the ended task does nothing to the run.
    other.request("tasks/cancel", {"taskId": run, "_meta": TASKS_META})
    assert get(other, resumed["taskId"])["status"] == "working"
    other.request("tasks/cancel", {"taskId": resumed["taskId"], "_meta": TASKS_META})
    assert ended(start(), resumed["taskId"])["status"] == "cancelled"
    assert get(other, run) == before


def test_a_run_that_ends_gives_its_result(server):
    arguments = {"case_dir": "examples/single-hydro", "iterations": 4, "num_workers": 1}
    answer = server.call("train", arguments, meta=TASKS_META)
    if answer["resultType"] == "task":
        answer = ended(server, answer["taskId"])["result"]
    assert answer["structuredContent"]["state"] == "succeeded"
    policy = answer["structuredContent"]["run_id"]
    simulated = server.call(
        "simulate", {"run_id": policy, "scenarios": 50, "num_workers": 1}, meta=TASKS_META)
    if simulated["resultType"] == "task":
        simulated = ended(server, simulated["taskId"])["result"]
    assert simulated["structuredContent"]["simulation"]["scenarios"] == 50


@pytest.mark.anyio
async def test_the_client_of_fastmcp_drives_tasks(runs_dir, tmp_path):
    """An independent implementation of the extension: fastmcp[tasks]."""
    fastmcp = pytest.importorskip("fastmcp")
    pytest.importorskip("fastmcp_tasks")
    from fastmcp_tasks.client import TasksClientExtension, call_tool_task

    transport = fastmcp.client.transports.StdioTransport(str(SERVER), ["--runs-dir", str(runs_dir)], cwd=str(ROOT))
    async with fastmcp.Client(transport, extensions=[TasksClientExtension()]) as client:
        result = await client.call_tool(
            "train", {"case_dir": "examples/four-areas", "iterations": 30, "num_workers": 1})
        assert result.structured_content["state"] == "succeeded"
        began = time.monotonic()
        task = await call_tool_task(client, "train", LONG)
        assert time.monotonic() - began < HAND_OVER_SECONDS
        assert (await task.status()).status == "working"
        await task.cancel()
        deadline = time.monotonic() + 30
        while (await task.status()).status == "working":
            assert time.monotonic() < deadline
        assert (await task.status()).status == "cancelled"
