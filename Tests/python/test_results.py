"""What an agent asks for after training, by the official client in all its modes and by raw lines."""

import base64
import csv
import json

import pytest

from test_client import MODES, connect  # noqa: F401  (a fixture)

pytestmark = pytest.mark.anyio

TRAIN = {"case_dir": "examples/single-hydro", "iterations": 4, "simulate_scenarios": 12, "num_workers": 1,
         "wait_seconds": 40}


async def succeed(client, tool, arguments):
    """The structured result, which the client has checked against the tool's output schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    assert len(result.content[0].text) < 8192
    return result.structured_content


@pytest.mark.parametrize("mode", MODES)
async def test_every_tool_after_training(connect, tmp_path, mode):  # noqa: F811
    async with connect(mode, "--allow-dir", "examples", "--allow-dir", str(tmp_path)) as client:
        run = await succeed(client, "train", TRAIN)
        assert run["state"] == "succeeded" and run["policy_of"] is None
        described = await succeed(client, "describe_results", {})
        assert {"convergence", "simulation_statistics", "cut"} <= {table["name"] for table in described["tables"]}
        for sql in described["examples"]:
            await succeed(client, "query_results", {"sql": sql})
        bounds = await succeed(
            client, "query_results", {"sql": "SELECT lower_bound FROM convergence ORDER BY iteration"})
        history = await succeed(client, "convergence", {"points": 2})
        rows = history["convergence"]["rows"]
        assert [row[0] for row in rows] == [1, 4]
        assert [row[1] for row in rows] == [bounds["rows"][0][0], bounds["rows"][3][0]]
        policy = await succeed(client, "inspect_policy", {"share": 0.5})
        assert policy["water_values"]["rows"][0][4] >= 0 and policy["case_changed"] is False

        simulated = await succeed(
            client, "simulate", {"run_id": run["run_id"], "scenarios": 12, "num_workers": 1, "wait_seconds": 40})
        assert simulated["state"] == "succeeded" and simulated["policy_of"] == run["run_id"]
        # The same policy on the same scenarios.
        assert simulated["simulation"] == run["simulation"]
        other = await succeed(
            client, "simulate", {"run_id": run["run_id"], "scenarios": 12, "num_workers": 1, "wait_seconds": 40,
                                 "scheme": "out_of_sample", "seed": 5, "detail": "stages"})
        assert other["simulation"]["mean_cost"] != run["simulation"]["mean_cost"]
        values = await succeed(client, "query_results", {
            "run_id": other["run_id"], "sql": "SELECT COUNT(DISTINCT scenario) FROM simulation_value"})
        assert values["rows"] == [[12]]
        compared = await succeed(client, "compare_runs", {"run_ids": [run["run_id"], other["run_id"]]})
        assert compared["same_case"] is True and compared["differences"]["scheme"] == [None, "out_of_sample"]

        for kind in ("convergence", "storage", "generation", "marginal_cost", "water_value"):
            plot = await client.call_tool("plot", {"run_id": run["run_id"], "kind": kind})
            assert not plot.is_error and plot.structured_content is None, plot.content
            text, image = plot.content
            assert run["run_id"] in text.text and image.mime_type == "image/png"
            assert base64.b64decode(image.data).startswith(b"\x89PNG\r\n\x1a\n")
            assert len(image.data) < 400_000
        saved = await client.call_tool("save_plot", {"kind": "storage", "file": str(tmp_path / "a.svg")})
        assert not saved.is_error, saved.content
        assert saved.content[-1].type == "resource_link" and (tmp_path / "a.svg").read_text().count("<svg") == 1
        exported = await client.call_tool("export_results", {"directory": str(tmp_path / "out"), "format": "both"})
        assert not exported.is_error, exported.content
        for file in exported.structured_content["files"]:
            path = tmp_path / "out" / file["name"]
            assert path.stat().st_size == file["bytes"]
            if path.suffix == ".csv":
                assert len(list(csv.reader(path.open()))) == file["rows"] + 1


@pytest.mark.parametrize("mode", MODES)
async def test_results_of_a_run_that_computes_and_of_one_that_was_cancelled(connect, mode):  # noqa: F811
    async with connect(mode) as client:
        run = await succeed(client, "train", {
            "case_dir": "examples/cascade", "iterations": 1_000_000, "num_workers": 1, "wait_seconds": 2})
        assert run["state"] in ("queued", "starting", "running")
        for tool, arguments in [
            ("describe_results", {}), ("query_results", {"sql": "SELECT COUNT(*), MAX(lower_bound) FROM convergence"}),
            ("convergence", {}), ("inspect_policy", {"stage": 1}),
        ]:
            assert (await succeed(client, tool, arguments))["run_id"] == run["run_id"]
        early = await client.call_tool("simulate", {"run_id": run["run_id"], "scenarios": 3})
        assert early.is_error and "when it has ended" in early.content[0].text
        missing = await client.call_tool("plot", {"kind": "storage"})
        assert missing.is_error and "simulation" in missing.content[0].text
        await succeed(client, "cancel", {"run_id": run["run_id"]})
        ended = await succeed(client, "status", {"run_id": run["run_id"], "wait_seconds": 40})
        assert ended["state"] == "cancelled"
        late = await succeed(
            client, "simulate", {"run_id": run["run_id"], "scenarios": 3, "num_workers": 1, "wait_seconds": 40})
        assert late["state"] == "succeeded" and late["simulation"]["scenarios"] == 3


def test_results_link_to_what_they_are_about(server):
    run = server.ok("train", TRAIN)
    for tool, arguments in [("train", {**TRAIN, "run_name": "again"}), ("status", {}), ("convergence", {})]:
        content = server.call(tool, arguments, 60)["content"]
        links = [block["uri"] for block in content if block["type"] == "resource_link"]
        assert len(links) == 4
        for uri in links:
            read = server.request("resources/read", {"uri": uri})["result"]["contents"]
            assert len(read) == 1 and read[0]["uri"] == uri
    listed = [entry["uri"] for entry in server.request("resources/list")["result"]["resources"]]
    assert f"cobre://runs/{run['run_id']}/convergence" in listed
    prompt = server.request("prompts/get", {"name": "explain_run"})["result"]["messages"][0]["content"]["text"]
    names = {tool["name"] for group in server.ok("more_tools")["toolsets"] for tool in group["tools"]}
    for tool in ("convergence", "plot", "describe_results", "query_results", "inspect_policy", "simulate", "compare_runs"):
        assert tool in prompt and tool in names
