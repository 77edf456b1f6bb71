"""Results checked against the wire types of both versions, and the tasks extension over real runs."""

import time

import pytest
from mcp_types import methods

from rawclient import MODERN_META

TASKS_META = {
    **MODERN_META,
    "io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}},
}
LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "wait_seconds": 0}


@pytest.mark.parametrize("version", ["2025-11-25", "2026-07-28"])
def test_results_match_the_wire_types(server, version):
    modern = version == "2026-07-28"
    params = {"_meta": MODERN_META} if modern else {}
    listed = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"]
    for method in listed + (["server/discover"] if modern else ["ping"]):
        methods.validate_server_result(method, version, server.request(method, params)["result"])
    if not modern:
        result = server.request("initialize", {"protocolVersion": version, "capabilities": {}})["result"]
        methods.validate_server_result("initialize", version, result)
    for name, arguments in [
        ("status", {}), ("list_runs", {}), ("select_backend", {"backend": "auto"}),
        ("validate_case", {"case_dir": "examples/single-hydro"}), ("train", {"iterations": 0}),
        ("train", {"case_dir": "examples/single-hydro", "iterations": 2, "wait_seconds": 30}),
    ]:
        result = server.call(name, arguments, 60, meta=params.get("_meta"))
        methods.validate_server_result("tools/call", version, result)


def test_no_progress_without_a_token_and_no_log_messages(server):
    server.ok("train", {"case_dir": "examples/single-hydro", "iterations": 3, "wait_seconds": 30})
    assert server.notifications == []


def task_request(server, method, task, meta=TASKS_META):
    return server.request(method, {"taskId": task, "_meta": meta})


def test_run_as_a_task_is_cancelled(server):
    made = server.call("train", LONG, meta=TASKS_META)
    assert made["resultType"] == "task" and made["status"] == "working"
    task = made["taskId"]
    state = task_request(server, "tasks/get", task)["result"]
    assert state["resultType"] == "complete" and state["status"] == "working" and "result" not in state
    assert server.ok("status")["run_id"] == task
    assert task_request(server, "tasks/cancel", task)["result"]["resultType"] == "complete"
    deadline = time.monotonic() + 30
    while (state := task_request(server, "tasks/get", task)["result"])["status"] == "working":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert state["status"] == "cancelled"
    assert task_request(server, "tasks/cancel", task)["result"]["resultType"] == "complete"


def test_run_as_a_task_completes_with_its_result(server):
    request = {"case_dir": "examples/single-hydro", "iterations": 30, "num_workers": 1, "wait_seconds": 0}
    task = server.call("train", request, meta=TASKS_META)["taskId"]
    deadline = time.monotonic() + 60
    while (state := task_request(server, "tasks/get", task)["result"])["status"] == "working":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert state["status"] == "completed"
    assert state["result"]["isError"] is False
    assert state["result"]["structuredContent"]["iteration"] == 30
    methods.validate_server_result("tools/call", "2025-11-25", state["result"])


def test_tasks_need_the_capability_and_a_known_id(server):
    assert "structuredContent" in server.call("train", LONG, meta=MODERN_META)
    run = server.ok("status")["run_id"]
    for method in ("tasks/get", "tasks/cancel", "tasks/update"):
        assert task_request(server, method, run, MODERN_META)["error"]["code"] == -32021
        for unknown in ("run_" + "a" * 26, "../../etc", ""):
            assert task_request(server, method, unknown)["error"]["code"] == -32602
    server.ok("cancel", {"run_id": run})
