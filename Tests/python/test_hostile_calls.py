"""Every tool ends a call within its limit and at once when it is cancelled, whatever a case or a run holds."""

import json
import time

import pytest

from conftest import ROOT
from hostile import LONG, TALLY, amount, children
from test_hostile import SHORT

# Names of the arguments by tool; RUN and CASE are filled in.
OUTSIDE = {
    "validate_case": {"case_dir": "CASE"}, "describe_case": {"case_dir": "CASE"}, "describe_stochastic": {"case_dir": "CASE"},
    "read_case_file": {"case_dir": "CASE", "file": "scenarios/inflow_history.csv", "offset": 300_000},
}
OTHERS = {
    "compare_runs": {"run_ids": ["RUN", "OTHER"]}, "inspect_policy": {"run_id": "RUN"}, "plot": {"run_id": "RUN", "kind": "convergence"},
}


def large_case(path):
    """A valid case that takes its time: histories of many plants, with all that is estimated from them."""
    plants, years = amount(32, 64), amount(60, 120)
    source = ROOT / "examples/single-hydro"
    path.mkdir()
    for file in source.rglob("*"):
        if file.is_file() and file.parent.name != "scenarios":
            (path / file.relative_to(source)).parent.mkdir(parents=True, exist_ok=True)
            (path / file.relative_to(source)).write_bytes(file.read_bytes())
    hydros = json.loads((path / "system/hydros.json").read_text())
    plant = hydros["hydros"][0]
    hydros["hydros"] = [plant | {"id": number, "name": f"H{number}", "downstream_id": None} for number in range(plants)]
    (path / "system/hydros.json").write_text(json.dumps(hydros))
    start = json.loads((path / "initial_conditions.json").read_text())
    start["storage"] = [start["storage"][0] | {"hydro_id": number} for number in range(plants)]
    (path / "initial_conditions.json").write_text(json.dumps(start))
    stages = json.loads((path / "stages.json").read_text())
    stages["season_definitions"] = {
        "cycle_type": "monthly", "seasons": [{"id": m, "label": f"M{m}", "month_start": m + 1} for m in range(12)]}
    for stage in stages["stages"]:
        stage["season_id"] = int(stage["start_date"][5:7]) - 1
    (path / "stages.json").write_text(json.dumps(stages))
    first = int(stages["stages"][0]["start_date"][:4])
    scenarios = path / "scenarios"
    scenarios.mkdir()
    for file in (source / "scenarios").iterdir():
        if "inflow" not in file.name:
            (scenarios / file.name).write_bytes(file.read_bytes())
    with (scenarios / "inflow_history.csv").open("w") as history:
        history.write("hydro_id,date,value_m3s\n")
        for number in range(plants):
            value = 50.0
            # Up to the month before the study, so that its lags are known.
            for month in range(12 * years + stages["stages"][0]["season_id"]):
                value = 30 + 0.6 * value + (month * 7919 * (number + 3)) % 1009 / 60
                for day in (1, 6, 11, 16, 21, 26):
                    history.write(f"{number},{first - years + month // 12}-{month % 12 + 1:02}-{day:02},{value + day / 7:.6f}\n")
    return path


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    return large_case(tmp_path_factory.mktemp("large") / "case")


def delay(server):
    """What a request takes on this machine at this moment that costs nothing."""
    started = time.monotonic()
    server.request("ping", timeout=60)
    return time.monotonic() - started


def filled(arguments, names):
    return json.loads(json.dumps(arguments), object_hook=lambda value: {
        key: [names.get(word, word) for word in entry] if isinstance(entry, list) else names.get(entry, entry)
        if isinstance(entry, str) else entry for key, entry in value.items()})


def test_the_large_case_is_what_it_should_be(case, start):
    found = start("--allow-dir", case.parent).ok("validate_case", {"case_dir": str(case)}, 120)
    assert found["valid"], found
    assert (case / "scenarios/inflow_history.csv").stat().st_size > amount(3, 12) * 1_000_000


@pytest.mark.parametrize("tool", OUTSIDE)
def test_calls_about_large_cases_end_within_their_limit(tool, case, start):
    for limit in amount([0.2], [0.1, 0.2, 0.4]):
        server = start("--allow-dir", case.parent, "--max-call-seconds", limit)
        best = None
        for _ in range(8):
            spare = delay(server)
            started = time.monotonic()
            result = server.call(tool, filled(OUTSIDE[tool], {"CASE": str(case)}), 60)
            late = time.monotonic() - started - limit - spare
            best = late if best is None else min(best, late)
            if best <= 0.25:
                break
        TALLY.worst("longest time of a call over its limit, in s", best)
        TALLY.check("calls", best <= 0.25, f"{tool}: {best:.3f} s over {limit} s")
        assert result["isError"] is False or "--max-call-seconds" in result["content"][0]["text"], result
        TALLY.check("calls", not children(server.process.pid), f"{tool} left a process")


@pytest.mark.parametrize("tool", OUTSIDE)
def test_cancelled_calls_end_at_once(tool, case, start):
    server = start("--allow-dir", case.parent)
    server.request("ping")
    best = None
    for _ in range(8):
        spare = delay(server)
        call = server.post_call(tool, filled(OUTSIDE[tool], {"CASE": str(case)}))
        deadline = time.monotonic() + 20
        while not children(server.process.pid) and time.monotonic() < deadline:
            time.sleep(0.002)
        server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": call}})
        cancelled = time.monotonic()
        while children(server.process.pid):
            assert time.monotonic() < cancelled + 20, f"{tool} goes on"
            time.sleep(0.002)
        late = time.monotonic() - cancelled - spare
        best = late if best is None else min(best, late)
        if best <= 0.25:
            break
    TALLY.worst("longest time of a cancelled call, in s", best)
    TALLY.check("cancelled", best <= 0.25, f"{tool}: {best:.3f} s")


def test_answers_are_the_same_within_a_tiny_limit_or_say_so(start, case):
    """Calls about runs: each answers or names the limit, and the server goes on."""
    server = start()
    runs = [server.ok("train", SHORT | {"iterations": n})["run_id"] for n in (2, 3)]
    names = {"RUN": runs[0], "OTHER": runs[1]}
    whole = {tool: server.call(tool, filled(arguments, names), 60) for tool, arguments in OTHERS.items()}
    assert all(result["isError"] is False for result in whole.values()), whole
    hurried = start("--max-call-seconds", 0.01)
    for tool, arguments in OTHERS.items():
        started = time.monotonic()
        result = hurried.call(tool, filled(arguments, names), 60)
        took = time.monotonic() - started
        TALLY.check("calls", result["isError"] and "--max-call-seconds" in result["content"][0]["text"], f"{tool}: {result}")
        TALLY.worst("longest time of a call over its limit, in s", took - 0.01 if not LONG else 0)
    assert hurried.request("ping")["result"] == {}


def test_a_call_whose_client_has_sent_everything_is_answered(start):
    server = start()
    call = server.post_call("validate_case", {"case_dir": "examples/single-hydro"})
    server.process.stdin.close()
    assert server.reply(call, 20)["result"]["structuredContent"]["valid"] is True
