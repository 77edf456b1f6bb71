"""The built server driven by the official Python client, in all its modes."""

import anyio
import jsonschema
import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError

from conftest import ROOT, SERVER

MODES = ["legacy", "auto", "2026-07-28"]
TOOLS = [
    "train", "status", "select_backend", "cancel", "resume", "list_runs", "delete_run", "convergence", "describe_results",
    "query_results", "compare_runs", "diagnose_run", "estimate", "explain_price", "explain_cost",
    "explain_violation", "report", "inspect_policy", "simulate", "plot", "save_plot", "export_results",
    "validate_case", "describe_case", "describe_stochastic", "create_case", "get_schema"]

pytestmark = pytest.mark.anyio


@pytest.fixture
def connect(runs_dir):
    def open_client(mode, *arguments, **options):
        parameters = StdioServerParameters(
            command=str(SERVER), args=["--runs-dir", str(runs_dir), *arguments], cwd=str(ROOT))
        return Client(parameters, mode=mode, **options)

    return open_client


@pytest.mark.parametrize("mode", MODES)
async def test_handshake_and_listing(connect, mode):
    async with connect(mode) as client:
        assert client.protocol_version == ("2025-11-25" if mode == "legacy" else "2026-07-28")
        if mode != "2026-07-28":
            assert client.server_info.name == "cobre-mcp"
            assert "train" in client.instructions
        listed = await client.list_tools()
        tools = {tool.name: tool for tool in listed.tools}
        first = set(tools)
        assert {"train", "edit_case", "more_tools"} <= first and not {"delete_run", "save_plot"} & first
        await client.call_tool("more_tools", {"open": "all"})
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(TOOLS) | first <= set(tools)
        for tool in tools.values():
            jsonschema.Draft202012Validator.check_schema(tool.input_schema)
            # Schemas of results would be half of the list; more_tools gives them.
            assert tool.output_schema is None
            assert tool.input_schema["additionalProperties"] is False
            assert tool.title and len(tool.description) > 100
            hints = tool.annotations
            assert hints.open_world_hint is False and hints.read_only_hint is not None
            # The defaults of these two are the most pessimistic ones; of tools that read they say nothing.
            assert hints.read_only_hint or None not in (hints.destructive_hint, hints.idempotent_hint)
            for argument in tool.input_schema.get("properties", {}).values():
                assert argument["description"]
        uris, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            uris += [str(resource.uri) for resource in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert "cobre://schemas/system/hydros.json" in uris
        for uri in ("cobre://documentation/case-format", "cobre://schemas/config.json"):
            assert len((await client.read_resource(uri)).contents[0].text) > 500
        templates = (await client.list_resource_templates()).resource_templates
        assert "cobre://runs/{run_id}/convergence" in [template.uri_template for template in templates]
        assert [prompt.name for prompt in (await client.list_prompts()).prompts] == [
            "build_case", "explain_run", "water_value", "price"]
        prompt = await client.get_prompt("build_case", {"description": "one lake"})
        assert "one lake" in prompt.messages[0].content.text


@pytest.mark.parametrize("mode", MODES)
async def test_training_from_start_to_end(connect, mode):
    """The client checks every structured result against the tool's output schema."""
    async with connect(mode) as client:
        empty = await client.call_tool("status", {})
        assert empty.structured_content["state"] == "none"
        result = await client.call_tool(
            "train", {"case_dir": "examples/single-hydro", "iterations": 4, "num_workers": 1, "wait_seconds": 30})
        assert not result.is_error, result.content
        run = result.structured_content
        assert run["state"] == "succeeded", run
        assert run["backend"] == "local" and run["num_workers"] == 1 and run["iteration"] == 4
        assert run["lower_bound"] > 0 and run["backend_reason"]
        status = (await client.call_tool("status", {"since_iteration": 0})).structured_content
        assert status["run_id"] == run["run_id"]
        rows = status["convergence"]["rows"]
        assert [row[0] for row in rows] == [1, 2, 3, 4]
        bounds = [row[1] for row in rows]
        assert bounds == sorted(bounds) and bounds[-1] == run["lower_bound"]
        listed = (await client.call_tool("list_runs", {})).structured_content
        assert [row["run_id"] for row in listed["runs"]] == [run["run_id"]]


@pytest.mark.parametrize("mode", MODES)
async def test_errors_of_tools_and_of_the_protocol(connect, mode):
    async with connect(mode) as client:
        wrong = await client.call_tool("train", {"case_dir": "examples/single-hydro", "iterations": 0})
        assert wrong.is_error
        assert "1 to 1000000" in wrong.content[0].text and "0" in wrong.content[0].text
        with pytest.raises(MCPError) as error:
            await client.call_tool("no_such_tool", {})
        assert error.value.error.code == -32602


@pytest.mark.parametrize("mode", MODES)
async def test_progress_increases_and_names_the_run(connect, mode):
    seen = []

    async def progress(value, total, message):
        seen.append((value, total, message))

    async with connect(mode) as client:
        result = await client.call_tool(
            "train",
            {"case_dir": "examples/four-areas", "iterations": 1_000_000, "wait_seconds": 4},
            progress_callback=progress)
        run = result.structured_content
        assert run["state"] in ("starting", "running")
        await client.call_tool("cancel", {"run_id": run["run_id"]})
    assert len(seen) >= 2
    values = [value for value, _, _ in seen]
    assert all(first < second for first, second in zip(values, values[1:]))
    assert all(run["run_id"] in message for _, _, message in seen)


@pytest.mark.parametrize("mode", MODES)
async def test_timeout_of_the_client_leaves_the_run_going(connect, mode):
    """A client's time-out arrives as a cancellation of the call; it must not stop the work."""
    async with connect(mode) as client:
        with pytest.raises(MCPError):
            await client.call_tool(
                "train", {"case_dir": "examples/four-areas", "iterations": 1_000_000, "run_name": "kept",
                          "wait_seconds": 30},
                read_timeout_seconds=1.5)
        again = await client.call_tool(
            "train", {"case_dir": "examples/four-areas", "iterations": 1_000_000, "run_name": "kept",
                      "wait_seconds": 0})
        run = again.structured_content
        assert run["created"] is False
        assert run["state"] in ("starting", "running")
        await client.call_tool("cancel", {"run_id": run["run_id"]})
        ended = await client.call_tool("status", {"run_id": run["run_id"], "wait_seconds": 30})
        assert ended.structured_content["state"] == "cancelled"


async def test_two_clients_of_both_eras_at_once(connect):
    async with connect("legacy") as old, connect("auto") as new:
        started = (await old.call_tool(
            "train", {"case_dir": "examples/single-hydro", "iterations": 3, "wait_seconds": 0})).structured_content
        with anyio.fail_after(60):
            seen = (await new.call_tool(
                "status", {"run_id": started["run_id"], "wait_seconds": 30})).structured_content
        assert seen["state"] == "succeeded"
