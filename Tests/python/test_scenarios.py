"""The public conformance scenarios that apply to a server on stdio, once for each era."""

import json
import os
import signal
import sqlite3
import time

import pytest
from mcp_types import methods

from rawclient import MODERN_META

LEGACY, MODERN = "2025-11-25", "2026-07-28"
ERAS = [LEGACY, MODERN]
TASKS = "io.modelcontextprotocol/tasks"
TASKS_META = {**MODERN_META, "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}}}
CACHED = ["tools/list", "resources/list", "resources/templates/list", "prompts/list"]
LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "wait_seconds": 0}


class Era:
    """One server spoken to by the rules of one era; every result is checked against that era's wire types."""

    def __init__(self, server, version):
        self.server, self.version, self.modern = server, version, version == MODERN
        if not self.modern:
            server.request("initialize", {"protocolVersion": version, "capabilities": {}})

    def ask(self, method, params=None, timeout=30):
        params = dict(params or {})
        if self.modern:
            params["_meta"] = {**MODERN_META, **params.get("_meta", {})}
        return self.server.request(method, params, timeout=timeout)

    def result(self, method, params=None, timeout=30):
        message = self.ask(method, params, timeout)
        assert "result" in message, message
        methods.validate_server_result(method, self.version, message["result"])
        assert ("resultType" in message["result"]) == self.modern
        return message["result"]

    def code(self, method, params=None):
        return self.ask(method, params)["error"]["code"]


@pytest.fixture(params=ERAS)
def era(request, server):
    return Era(server, request.param)


def test_server_capabilities_match_handlers(era):
    """What is advertised answers; what is not advertised is an unknown method."""
    if era.modern:
        capabilities = era.result("server/discover")["capabilities"]
    else:
        capabilities = era.server.request("initialize", {"protocolVersion": LEGACY, "capabilities": {}})[
            "result"]["capabilities"]
    for name, method in [("tools", "tools/list"), ("resources", "resources/list"), ("prompts", "prompts/list")]:
        assert name in capabilities
        era.result(method)
    assert "subscribe" not in capabilities["resources"] and capabilities["tools"] == {"listChanged": True}
    for absent in ("logging", "tasks"):
        assert absent not in capabilities
    for method, params in [
        ("logging/setLevel", {"level": "info"}), ("resources/subscribe", {"uri": "cobre://x"}),
        ("resources/unsubscribe", {"uri": "cobre://x"}),
        ("tasks/list", {}), ("tasks/result", {"taskId": "x"}), ("no/such", {}),
    ]:
        assert era.code(method, params) == -32601, method


def test_tools_list_and_names(era):
    tools = era.result("tools/list")["tools"]
    names = [tool["name"] for tool in tools]
    assert len(set(names)) == len(names) and all(name.replace("_", "").isalnum() for name in names)
    assert tools == era.result("tools/list")["tools"]
    assert "nextCursor" not in era.result("tools/list")
    assert ("ttlMs" in era.result("tools/list")) == era.modern
    assert era.code("tools/list", {"cursor": "1"}) == -32602


def test_tools_call_simple_text_and_error(era):
    good = era.result("tools/call", {"name": "list_runs", "arguments": {}})
    assert good["content"][0]["type"] == "text" and good["isError"] is False
    assert json.loads(good["content"][0]["text"]) == good["structuredContent"]
    absent = era.result("tools/call", {"name": "list_runs"})
    assert absent["structuredContent"] == good["structuredContent"]
    bad = era.result("tools/call", {"name": "train", "arguments": {"iterations": 0}})
    assert bad["isError"] is True and bad["content"][0]["text"]
    assert era.code("tools/call", {"name": "no_such_tool"}) == -32602
    assert era.code("tools/call", {}) == -32602


def test_tools_call_with_progress(era):
    result = era.result(
        "tools/call",
        {"name": "train", "arguments": {**LONG, "wait_seconds": 3}, "_meta": {"progressToken": "token"}})
    seen = [note["params"] for note in era.server.notifications if note["method"] == "notifications/progress"]
    assert seen and all(note["progressToken"] == "token" for note in seen)
    values = [note["progress"] for note in seen]
    assert all(first < second for first, second in zip(values, values[1:]))
    assert all(result["structuredContent"]["run_id"] in note["message"] for note in seen)


def test_resources_read_text_template_and_not_found(era):
    listed, cursor = [], None
    while True:
        page = era.result("resources/list", {"cursor": cursor} if cursor else {})
        assert 0 < len(page["resources"]) <= 50
        listed += page["resources"]
        cursor = page.get("nextCursor")
        if cursor is None:
            break
    assert len({one["uri"] for one in listed}) == len(listed)
    schema = next(one["uri"] for one in listed if one["uri"].endswith("config.json"))
    contents = era.result("resources/read", {"uri": schema})["contents"]
    assert contents[0]["uri"] == schema and json.loads(contents[0]["text"])
    run = era.server.ok("train", {"case_dir": "examples/single-hydro", "iterations": 3, "wait_seconds": 40})
    for template in era.result("resources/templates/list")["resourceTemplates"]:
        uri = template["uriTemplate"].replace("{run_id}", run["run_id"]).replace("{run_ids}", run["run_id"])
        uri = uri.replace("{+file}", "system/buses.json")
        assert era.result("resources/read", {"uri": uri})["contents"][0]["text"]
    for unknown in ("cobre://nothing", "cobre://runs/run_" + "a" * 26 + "/log", "file:///etc/passwd", ""):
        message = era.ask("resources/read", {"uri": unknown})
        assert message["error"]["code"] == (-32602 if era.modern else -32002), unknown
        assert message["error"]["data"]["uri"] == unknown
    assert era.code("resources/read") == -32602


def test_prompts_get_with_and_without_arguments(era):
    prompts = {prompt["name"]: prompt for prompt in era.result("prompts/list")["prompts"]}
    assert set(prompts) == {"build_case", "explain_run", "water_value", "price"}
    filled = era.result("prompts/get", {"name": "build_case", "arguments": {"description": "two lakes"}})
    assert "two lakes" in filled["messages"][0]["content"]["text"]
    assert era.code("prompts/get", {"name": "build_case", "arguments": {}}) == -32602
    assert era.code("prompts/get", {"name": "nothing"}) == -32602


def test_modern_requests_are_stateless(server):
    """The checks of the scenario `server-stateless`."""
    version = "io.modelcontextprotocol/protocolVersion"
    capabilities = "io.modelcontextprotocol/clientCapabilities"
    assert server.request("server/discover", {})["error"]["code"] == -32602
    for missing in (version, capabilities):
        meta = {key: value for key, value in MODERN_META.items() if key != missing}
        assert server.request("server/discover", {"_meta": meta})["error"]["code"] == -32602, missing
    for method in ["server/discover", *CACHED]:
        result = server.request(method, {"_meta": MODERN_META})["result"]
        assert result["resultType"] == "complete"
        assert isinstance(result["ttlMs"], int) and result["cacheScope"] in ("public", "private")
        assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "cobre-mcp"
    named = {**MODERN_META, "io.modelcontextprotocol/clientInfo": {"name": "x", "version": "1"}}
    assert "result" in server.request("tools/list", {"_meta": named})
    for wrong in (LEGACY, "2099-01-01"):
        error = server.request("tools/list", {"_meta": {**MODERN_META, version: wrong}})["error"]
        assert error["code"] == -32022 and error["data"]["requested"] == wrong
        assert MODERN in error["data"]["supported"]
    for removed in ("initialize", "ping", "logging/setLevel", "resources/subscribe", "resources/unsubscribe"):
        reply = server.request(removed, {"_meta": MODERN_META}, id=f"id of {removed}")
        assert (reply["error"]["code"], reply["id"]) == (-32601, f"id of {removed}")
    server.ok("train", {"case_dir": "examples/single-hydro", "iterations": 2, "wait_seconds": 30})
    assert server.notifications == []


def test_task_wire_fields_update_and_negotiation(server):
    started = server.call("train", LONG, meta=TASKS_META)
    for field, kind in [("taskId", str), ("status", str), ("statusMessage", str), ("createdAt", str),
                        ("lastUpdatedAt", str), ("ttlMs", int), ("pollIntervalMs", int)]:
        assert isinstance(started[field], kind), field
    assert started["resultType"] == "task" and "task" not in started and "content" not in started
    task = started["taskId"]

    def ask(method, meta=TASKS_META, **more):
        return server.request(method, {"taskId": task, "_meta": meta, **more})

    acknowledged = ask("tasks/update", inputResponses={})["result"]
    assert acknowledged["resultType"] == "complete" and set(acknowledged) == {"resultType", "_meta"}
    refused = ask("tasks/get", MODERN_META)["error"]
    assert refused["code"] == -32021 and TASKS in refused["data"]["requiredCapabilities"]["extensions"]
    # Legacy messages know no such method, and a call that does not declare tasks gets no task.
    assert server.request("tasks/get", {"taskId": task})["error"]["code"] == -32601
    assert server.call("status", {"run_id": task}, meta=MODERN_META)["resultType"] == "complete"
    assert ask("tasks/cancel")["result"]["resultType"] == "complete"


def test_task_whose_run_broke_off_is_completed_with_an_error(server, runs_dir):
    """`failed` is for errors of the protocol; a computation that failed is a result."""
    task = server.call("train", LONG, meta=TASKS_META)["taskId"]
    deadline = time.monotonic() + 30
    while server.ok("status")["iteration"] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with sqlite3.connect(f"file:{runs_dir}/{task}/run.sqlite?mode=ro", uri=True) as database:
        os.kill(database.execute("SELECT supervisor_pid FROM run").fetchone()[0], signal.SIGKILL)
    while (state := server.request("tasks/get", {"taskId": task, "_meta": TASKS_META})["result"])[
            "status"] == "working":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state["status"] == "completed" and state["result"]["isError"] is True
    assert state["result"]["structuredContent"]["state"] == "interrupted"
