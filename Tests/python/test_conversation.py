"""The conversation of a planner with an assistant that has no file tools, from an empty directory to decisions.

The replies are counted as a host puts them before a model: the text of each result. Whatever the client, the first trained
result takes at most 12 calls and 40 KB, and each question after it is one call.
"""

import json

import pytest
from mcp import Client, StdioServerParameters

from conftest import ROOT, SERVER
from rawclient import RawServer

pytestmark = pytest.mark.anyio

MAXIMUM_CALLS = 12
MAXIMUM_BYTES = 40_000


CAREFUL = {"file": "stages.json", "at": "stages[*]", "merge": {"risk_measure": {"cvar": {"alpha": 0.2, "lambda": 0.5}}}}

# What a planner asks of a run, one call each: the tool, its arguments, and the member of the answer that says it.
QUESTIONS = [
    # Why is the price in May what it is? Who pays? Why was something missed?
    ("explain_price", {"run_id": "north", "stage": 4}, "summary"),
    ("explain_cost", {"run_id": "north"}, "categories"),
    ("explain_violation", {"run_id": "north"}, "summary"),
    # Why is it slow, and has it converged?
    ("diagnose_run", {"run_id": "north"}, "converged"),
    # How probable is a deficit, what energy is not served, how full are the reservoirs, from which source does energy come?
    ("query_results", {"run_id": "north", "sql": "SELECT * FROM deficit_by_stage"}, "rows"),
    ("query_results", {"run_id": "north", "sql": "SELECT * FROM reservoir_storage LIMIT 24"}, "rows"),
    ("query_results", {"run_id": "north", "sql": "SELECT * FROM energy_by_source"}, "rows"),
    # Everything on one page.
    ("report", {"run_ids": ["north"]}, "resource"),
]


class Conversation:
    """Calls tools by one of the clients and keeps what was said."""

    def __init__(self, call):
        self.call, self.transcript = call, []

    async def __call__(self, name, **arguments):
        is_error, text, structured = await self.call(name, arguments)
        self.transcript.append((name, arguments, text))
        assert not is_error, f"{name} {arguments}: {text}"
        return structured

    @property
    def size(self):
        return sum(len(text.encode()) for _, _, text in self.transcript)


def history():
    """Thirty years of monthly inflows of three plants, wet in summer."""
    rows = ["hydro_id,date,value_m3s"]
    state = 12345
    for plant, mean in [(1, 160.0), (2, 45.0)]:
        for month in range(360):
            state = (1103515245 * state + 12345) % 2**31
            season = [1.6, 1.7, 1.5, 1.2, 0.9, 0.7, 0.55, 0.5, 0.55, 0.7, 0.95, 1.3][month % 12]
            value = mean * season * (0.7 + 0.6 * state / 2**31)
            rows.append(f"{plant},{1997 + month // 12}-{month % 12 + 1:02}-01,{value:.2f}")
    return "\n".join(rows) + "\n"


async def trained(say, **arguments):
    """Trains, and asks again as long as the run is not over."""
    run = await say("train", iterations=15, simulate_scenarios=200, num_workers=1, wait_seconds=45, **arguments)
    while run["state"] in ("queued", "starting", "running"):
        run = await say("status", run_id=run["run_id"], wait_seconds=45)
    return run


async def converse(say, directory):
    """What a planner asks; the answers are checked for what the next step needs."""
    # A system of two areas, with a plant more and the own history of inflows.
    made = await say("create_case", template="two-areas", directory=f"{directory}/north")
    case = made["case_dir"]
    files = await say("read_case_file", case_dir=case)
    names = [entry["file"] for entry in files["files"]]
    assert "system/thermals.json" in names
    read = await say("read_case_file", case_dir=case, file="system/hydros.json")
    hydros = json.loads(read["text"])["hydros"]
    ids = [hydro["id"] for hydro in hydros]
    thermals = json.loads((await say("read_case_file", case_dir=case, file="system/thermals.json"))["text"])["thermals"]
    new = {**thermals[0], "id": 99, "name": "PEAKER", "cost_per_mwh": 150.0,
           "generation": {"min_mw": 0.0, "max_mw": 60.0}}
    rows = history().splitlines()
    text = "\n".join([rows[0]] + [row for row in rows[1:] if int(row.split(",")[0]) in ids]) + "\n"
    edits = [
        {"file": "system/thermals.json", "at": "thermals[+]", "merge": new},
        {"file": "scenarios/load_seasonal_stats.csv", "where": {}, "multiply": {"mean_mw": 1.05}},
    ]
    if set(ids) <= {1, 2}:
        edits += [
            {"file": "scenarios/inflow_history.csv", "content": text},
            {"file": "scenarios/inflow_seasonal_stats.csv", "remove": True},
        ]
    dry = await say("edit_case", case_dir=case, edits=edits, dry_run=True)
    assert dry["valid"], dry["findings"]
    done = await say("edit_case", case_dir=case, edits=edits)
    assert done["applied"] and done["valid"]
    # How long will it take?
    foretold = await say("estimate", case_dir=case, iterations=15)
    assert foretold["training_seconds"][0] < foretold["training_seconds"][1]
    run = await trained(say, case_dir=case, run_name="north")
    assert run["state"] == "succeeded" and run["lower_bound"] > 0
    first = (len(say.transcript), say.size)

    # Every question after that is one call.
    value = await say("inspect_policy", run_id="north", stage=4, share=0.5)
    assert value["cost_to_go"] > 0
    tables = await say("describe_results", run_id="north", table="simulation_quantity")
    assert tables
    price = await say("query_results", run_id="north", sql=(
        "SELECT s.stage, s.entity, s.mean, s.p95 FROM simulation_statistics s JOIN simulation_quantity q ON q.id = s.quantity "
        "WHERE q.name = 'marginal_cost' ORDER BY s.mean DESC LIMIT 5"))
    assert price["rows"]
    deficit = await say("query_results", run_id="north", sql=(
        "SELECT s.stage, SUM(s.mean) FROM simulation_statistics s JOIN simulation_quantity q ON q.id = s.quantity "
        "WHERE q.name = 'deficit' GROUP BY s.stage ORDER BY 2 DESC LIMIT 5"))
    assert deficit["rows"]
    stands = await say("status", run_id="north")
    assert stands["verdict"]
    for tool, arguments, member in QUESTIONS:
        answer = await say(tool, **arguments)
        assert answer[member], (tool, answer)

    # What fear of dry years costs: the same case with another risk measure, for one run.
    await trained(say, case_dir=case, run_name="fearful", case_edits=[CAREFUL])
    fear = await say("compare_runs", run_ids=["north", "fearful"])
    assert any("worst 5 %" in sentence for sentence in fear["summary"]), fear["summary"]

    # A variant that fears the dry years, beside the first one.
    careful = await say("copy_case", case_dir=case, directory=f"{directory}/careful", edits=[CAREFUL])
    assert careful["applied"] and careful["valid"], careful
    await trained(say, case_dir=careful["case_dir"], run_name="careful")
    compared = await say("compare_runs", run_ids=["north", "careful"])
    assert compared["runs"]
    return first


def check(first, record_property):
    calls, size = first
    record_property("calls", calls)
    record_property("bytes", size)
    print(f"first trained result: {calls} calls, {size} bytes")
    assert calls <= MAXIMUM_CALLS and size <= MAXIMUM_BYTES, first


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_the_official_client(mode, runs_dir, tmp_path, record_property):
    parameters = StdioServerParameters(
        command=str(SERVER), args=["--runs-dir", str(runs_dir), "--allow-dir", str(tmp_path)], cwd=str(ROOT))
    async with Client(parameters, mode=mode) as client:
        async def call(name, arguments):
            result = await client.call_tool(name, arguments)
            return result.is_error, result.content[0].text, result.structured_content

        check(await converse(Conversation(call), tmp_path), record_property)


async def test_fastmcp(runs_dir, tmp_path, record_property):
    fastmcp = pytest.importorskip("fastmcp")
    transport = fastmcp.client.transports.StdioTransport(
        str(SERVER), ["--runs-dir", str(runs_dir), "--allow-dir", str(tmp_path)], cwd=str(ROOT))
    async with fastmcp.Client(transport) as client:
        async def call(name, arguments):
            result = await client.call_tool(name, arguments, raise_on_error=False)
            return result.is_error, result.content[0].text, result.structured_content

        check(await converse(Conversation(call), tmp_path), record_property)


async def test_raw_lines(start, tmp_path, record_property):
    server = start("--allow-dir", str(tmp_path))

    async def call(name, arguments):
        result = server.call(name, arguments, timeout=90)
        return result["isError"], result["content"][0]["text"], result.get("structuredContent")

    check(await converse(Conversation(call), tmp_path), record_property)
