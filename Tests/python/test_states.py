"""Every tool on runs in every state, by the official client, which checks each result against the tool's output schema."""

import os
import pathlib
import signal
import sqlite3

import anyio
import pytest

from test_client import MODES, connect  # noqa: F401  (a fixture)

pytestmark = pytest.mark.anyio

LONG = {"case_dir": "examples/four-areas", "iterations": 1_000_000, "num_workers": 1, "wait_seconds": 0}
READING = [
    ("status", {"since_iteration": 0}), ("convergence", {}), ("describe_results", {}),
    ("query_results", {"sql": "SELECT state FROM transition ORDER BY id"}), ("inspect_policy", {"share": 0.5}),
    ("plot", {"kind": "convergence"}), ("plot", {"kind": "storage"}),
]


async def wait_for(client, run, condition):
    with anyio.fail_after(60):
        while not condition(status := (await client.call_tool("status", {"run_id": run})).structured_content):
            await anyio.sleep(0.05)
    return status


async def read_everything(client, run, state):
    """A result that fits its schema, or a sentence that says why there is none."""
    for tool, arguments in READING:
        result = await client.call_tool(tool, {**arguments, "run_id": run})
        text = result.content[0].text
        if result.is_error:
            assert text.endswith(".") and run in text or "status" in text, (state, tool, text)
            assert tool != "status"
        elif tool == "status":
            assert result.structured_content["state"] == state and result.structured_content["next"]
    listed = (await client.call_tool("list_runs", {"state": state})).structured_content["runs"]
    assert run in [row["run_id"] for row in listed]


async def test_every_tool_in_every_state(connect, runs_dir, case):  # noqa: F811
    changed = case("single-hydro")
    async with connect("auto", "--max-runs", "1", "--allow-dir", "examples", "--allow-dir", str(changed.parent)) as client:
        assert (await client.call_tool("status", {})).structured_content["state"] == "none"
        for tool, arguments in READING[1:]:
            assert (await client.call_tool(tool, arguments)).is_error, tool

        async def begin(**arguments):
            result = await client.call_tool("train", {**LONG, **arguments})
            assert not result.is_error, result.content
            return result.structured_content["run_id"]

        running = await begin()
        await wait_for(client, running, lambda status: status["iteration"] >= 1)
        await read_everything(client, running, "running")
        queued, failing, good = await begin(), await begin(case_dir=str(changed), iterations=3), await begin(
            case_dir="examples/single-hydro", iterations=3, simulate_scenarios=5)
        await read_everything(client, queued, "queued")
        for tool in ("delete_run", "resume", "simulate"):
            refused = await client.call_tool(tool, {"run_id": queued, **({"scenarios": 3} if tool == "simulate" else {})})
            assert refused.is_error and "queued" in refused.content[0].text, tool
        await client.call_tool("cancel", {"run_id": queued})
        await read_everything(client, queued, "cancelled")

        (changed / "config.json").write_text((changed / "config.json").read_text() + "\n")
        database = sqlite3.connect(f"file:{runs_dir}/{running}/run.sqlite?mode=ro", uri=True)
        os.kill(database.execute("SELECT supervisor_pid FROM run").fetchone()[0], signal.SIGKILL)
        database.close()
        await wait_for(client, running, lambda status: status["state"] == "interrupted")
        await read_everything(client, running, "interrupted")
        # The others follow, since there is room now.
        await wait_for(client, failing, lambda status: status["state"] == "failed")
        await read_everything(client, failing, "failed")
        await wait_for(client, good, lambda status: status["state"] == "succeeded")
        await read_everything(client, good, "succeeded")
        for run in (running, queued, failing):
            assert (await client.call_tool("delete_run", {"run_id": run})).structured_content["deleted"] is True
            assert not (pathlib.Path(runs_dir) / run).exists()


@pytest.mark.parametrize("mode", MODES)
async def test_two_hundred_calls_at_once_and_a_run_that_outlives_its_client(connect, mode):  # noqa: F811
    async with connect(mode) as client:
        run = (await client.call_tool("train", LONG)).structured_content["run_id"]
        answers = {}

        async def ask(number):
            name = ["status", "list_runs", "get_schema", "convergence"][number % 4]
            answers[number] = await client.call_tool(name, {})

        with anyio.fail_after(60):
            async with anyio.create_task_group() as group:
                for number in range(200):
                    group.start_soon(ask, number)
        assert sorted(answers) == list(range(200))
        assert all(not answers[number].is_error for number in range(200) if number % 4 != 3)
        assert all(answers[number].structured_content["run_id"] == run for number in range(0, 200, 4))
    async with connect(mode) as client:
        first = (await client.call_tool("status", {})).structured_content
        assert (first["run_id"], first["state"]) == (run, "running") or first["state"] == "starting"
        await wait_for(client, run, lambda status: status["iteration"] > first["iteration"])
        await client.call_tool("cancel", {"run_id": run})
        await wait_for(client, run, lambda status: status["state"] == "cancelled")
