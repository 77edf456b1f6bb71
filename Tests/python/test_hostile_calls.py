"""Every tool ends a call within its limit and at once when it is cancelled, whatever a case or a run holds."""

import json
import os
import shutil
import sqlite3
import time
import uuid

import pytest

from conftest import ROOT, SERVER
from hostile import LONG, TALLY, amount, children
from rawclient import RawServer

# A program without optimization takes many times as long.
DEBUG = SERVER.parent.name == "debug"
SMALL = {"case_dir": "examples/single-hydro", "iterations": 3, "num_workers": 1, "wait_seconds": 40}
# Arguments by tool, with the largest inputs that there are; the words are filled in by `Ground`. The number says how many
# times as long as --max-call-seconds a call may take.
CASE = {"case_dir": "CASE"}
OUTSIDE = {
    "validate_case": (1, CASE), "describe_case": (1, CASE), "describe_stochastic": (1, CASE),
    "read_case_file": (1, CASE | {"file": "scenarios/inflow_history.csv", "offset": 300_000}),
    "create_case": (1, {"template": "mesh", "directory": "NEW"}),
    "copy_case": (1, CASE | {"directory": "NEW"}), "fit_markov": (1, CASE | {"directory": "NEW"}),
    "edit_case": (1, {"case_dir": "EDITED", "edits": [{"file": "config.json", "merge": {"training": {"seed": 7}}}]}),
    "train": (5, CASE | {"iterations": 1, "wait_seconds": 0}),
    "simulate": (5, CASE | {"run_id": "LONG", "scenarios": 1, "wait_seconds": 0}),
    "resume": (5, {"run_id": "CANCELLED", "wait_seconds": 0}),
    "delete_run": (1, {"run_id": "GONE"}),
    "select_backend": (1, {"backend": "auto"}),
    "describe_results": (1, {"run_id": "FAT"}), "compare_runs": (1, {"run_ids": ["LONG", "OTHER"]}),
    "diagnose_run": (1, {"run_id": "LONG"}), "inspect_policy": (1, {"run_id": "LONG"}),
    "plot": (1, {"run_id": "FAT", "kind": "storage"}),
    "save_plot": (1, {"run_id": "FAT", "kind": "storage", "file": "NEW.svg"}),
    "export_results": (10, {"run_id": "FAT", "directory": "NEW", "max_megabytes": 10_000}),
    "convert_deck": (60, {"model": "newave", "deck_dir": "DECK", "directory": "NEW"}),
    "estimate": (5, CASE), "explain_price": (5, {"run_id": "FAT", "stage": 2}), "explain_cost": (5, {"run_id": "FAT"}),
    "explain_violation": (5, {"run_id": "FAT"}), "report": (5, {"run_ids": ["FAT", "LONG"], "file": "NEW.html"}),
}
# They cost next to nothing whatever there is; query_results has processes and tests of its own.
LIGHT = {
    "status": {"run_id": "LONG", "since_iteration": 0}, "convergence": {"run_id": "LONG", "points": 500}, "list_runs": {"limit": 50},
    "cancel": {"run_id": "FAT"}, "get_schema": {"file": "stages.json"}, "more_tools": {},
}
# What a case or a run of this kind costs most of the time; the others are like one of these. All are tried for long.
SOME = [
    "validate_case", "describe_stochastic", "copy_case", "edit_case", "fit_markov", "train", "simulate", "resume", "describe_results",
    "export_results", "convert_deck", "report",
]


def large_case(path):
    """A valid case that takes its time: histories of many plants, with all that is estimated from them."""
    plants, years = amount(32, 64) // (6 if DEBUG else 1), amount(60, 120)
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


class Ground:
    """A large case, a run with as many results as there may be, and whatever else the tools need."""

    def __init__(self, base):
        self.base = base
        self.runs = base / "runs"
        self.case = large_case(base / "case")
        self.edited = base / "edited"
        shutil.copytree(self.case, self.edited)
        self.bridge = base / "novomodelo-bridge"
        # It writes, goes on for long, and has children of its own.
        self.bridge.write_text('#!/bin/sh\nfor last; do :; done\nmkdir -p "$last/part"\necho x > "$last/part/file"\nsleep 77 & wait\n')
        self.bridge.chmod(0o755)
        (base / "deck").mkdir()
        self.server = self.start("--max-call-seconds", 600)
        self.trained, self.other, self.gone = (self.train(SMALL | {"seed": seed}) for seed in (1, 2, 3))
        self.fat = self.simulated(self.trained)
        self.fatten()
        self.cancelled = self.cancelled_run()

    def start(self, *arguments):
        environment = os.environ | {"COBRE_BRIDGE": str(self.bridge)}
        return RawServer(
            [SERVER, "--runs-dir", self.runs, "--allow-dir", self.base, "--allow-dir", ROOT / "examples", *arguments],
            cwd=ROOT, env=environment)

    def train(self, arguments):
        run = self.server.ok("train", arguments, 60)
        return run["run_id"]

    def simulated(self, run):
        arguments = {"run_id": run, "scenarios": 20, "detail": "stages", "num_workers": 1, "wait_seconds": 40}
        return self.server.ok("simulate", arguments, 60)["run_id"]

    def cancelled_run(self):
        """A run of the large case that was cancelled while it waited for another one."""
        single = self.start("--max-runs", 1, "--max-call-seconds", 600)
        first = single.ok("train", SMALL | {"iterations": 100_000, "wait_seconds": 0})["run_id"]
        second = single.ok("train", {"case_dir": str(self.case), "iterations": 1, "wait_seconds": 0}, 120)["run_id"]
        for run in (second, first):
            single.ok("cancel", {"run_id": run})
        assert single.ok("status", {"run_id": first, "wait_seconds": 40}, 60)["state"] == "cancelled"
        assert single.ok("status", {"run_id": second})["state"] == "cancelled"
        single.close()
        return second

    def fatten(self):
        """Rows as of many scenarios, and of as many iterations as there may be."""
        with sqlite3.connect(self.runs / self.fat / "run.sqlite") as database:
            database.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n LIMIT ?) INSERT INTO simulation_point "
                "SELECT series, i, block, value + i FROM n, simulation_point WHERE scenario = 0",
                [amount(2000, 100_000)])
        database.close()
        with sqlite3.connect(self.runs / self.trained / "run.sqlite") as database:
            database.execute(
                "WITH RECURSIVE n(i) AS (SELECT 4 UNION ALL SELECT i + 1 FROM n LIMIT ?) INSERT INTO convergence "
                "(iteration, lower_bound, elapsed_seconds, forward_seconds, backward_seconds, communication_seconds, solves, "
                "recorded_at) SELECT i, 1.0 + i, i, 0.1, 0.1, 0, 100, i FROM n", [amount(20_000, 999_990)])
        database.close()

    def filled(self, arguments):
        words = {
            "CASE": str(self.case), "EDITED": str(self.edited), "FAT": self.fat, "LONG": self.trained, "OTHER": self.other, "GONE": self.gone,
            "CANCELLED": self.cancelled, "DECK": str(self.base / "deck")}
        new = str(self.base / f"new-{uuid.uuid4().hex}")

        def fill(value):
            if isinstance(value, list):
                return [fill(entry) for entry in value]
            if isinstance(value, dict):
                return {key: fill(entry) for key, entry in value.items()}
            return words.get(value, value.replace("NEW", new)) if isinstance(value, str) else value

        return fill(arguments)

    def stop_runs(self):
        """What a call has started would take the processor from the next one."""
        for run in self.server.ok("list_runs", {"limit": 50}, 60)["runs"]:
            if run["state"] in {"queued", "starting", "running", "cancelling"}:
                self.server.ok("cancel", {"run_id": run["run_id"]})
                self.server.call("status", {"run_id": run["run_id"], "wait_seconds": 20}, 40)

    def halves(self):
        """Hidden directories of results that never became whole."""
        return [path for path in self.base.iterdir() if path.name.endswith(".part")]


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = Ground(tmp_path_factory.mktemp("ground"))
    yield made
    made.stop_runs()
    made.server.close()


@pytest.fixture
def serve(ground):
    servers = []

    def start(*arguments):
        servers.append(ground.start(*arguments))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
        server.check_output()
    ground.stop_runs()


def gone(found, seconds=2.0):
    deadline = time.monotonic() + seconds
    while found() and time.monotonic() < deadline:
        time.sleep(0.01)
    return not found()


def delay(server):
    """What a request takes on this machine at this moment that costs nothing."""
    started = time.monotonic()
    server.request("ping", timeout=60)
    return time.monotonic() - started


def test_every_tool_is_tried(serve):
    listed = {tool["name"] for tool in serve("--toolsets", "all").request("tools/list")["result"]["tools"]}
    assert listed == set(OUTSIDE) | set(LIGHT) | {"query_results"}


def test_the_large_case_is_what_it_should_be(ground):
    found = ground.server.ok("validate_case", {"case_dir": str(ground.case)}, 120)
    assert found["valid"], found
    assert (ground.case / "scenarios/inflow_history.csv").stat().st_size > amount(3, 12) * 1_000_000 / (6 if DEBUG else 1)


@pytest.mark.parametrize("tool", amount(SOME, list(OUTSIDE)))
def test_calls_end_within_their_limit(tool, ground, serve):
    patience, arguments = OUTSIDE[tool]
    for limit in amount([0.2], [0.1, 0.2, 0.4]):
        # A conversion has at least 0.6 s, since the option has a least value.
        granted = max(limit, 0.01 * patience)
        server = serve("--max-call-seconds", f"{granted / patience:.6f}")
        best = None
        for _ in range(8):
            spare = delay(server)
            started = time.monotonic()
            result = server.call(tool, ground.filled(arguments), 60)
            late = time.monotonic() - started - granted - spare
            best = late if best is None else min(best, late)
            if best <= 0.25:
                break
        TALLY.worst("longest time of a call over its limit, in s", best)
        TALLY.check("calls", best <= 0.25, f"{tool}: {best:.3f} s over {granted} s")
        # What was done in an earlier round is refused in the next.
        refused = tool in {"simulate", "resume", "delete_run"}
        assert result["isError"] is False or refused or "--max-call-seconds" in result["content"][0]["text"], result
        # A call that had begun to change something may still be at it.
        TALLY.check("calls", gone(lambda: children(server.process.pid)), f"{tool} left a process")
        TALLY.check("calls", gone(ground.halves), f"{tool} left {ground.halves()}")


@pytest.mark.parametrize("tool", amount(SOME, [tool for tool in OUTSIDE if tool not in {"create_case", "delete_run"}]))
def test_cancelled_calls_end_at_once(tool, ground, serve):
    server = serve()
    server.request("ping")
    best = None
    for _ in range(8):
        spare = delay(server)
        call = server.post_call(tool, ground.filled(OUTSIDE[tool][1]))
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
    TALLY.check("cancelled", gone(ground.halves), f"{tool} left {ground.halves()}")


def test_calls_in_the_server_itself_take_no_time(ground, serve):
    """Whatever a run holds: what they read is bounded."""
    many = amount(30, 1000)
    manifest = json.loads((ground.runs / ground.other / "run.json").read_text())
    del manifest["checksum"]
    for number in range(many):
        name = manifest["runID"][:-4] + f"{number:04}"
        shutil.copytree(ground.runs / ground.other, ground.runs / name)
        (ground.runs / name / "run.json").write_text(json.dumps(manifest | {"runID": name}))
    server = serve()
    assert server.ok("list_runs", {"limit": 50}, 120)["runs"]
    for tool, arguments in LIGHT.items():
        best = None
        for _ in range(5):
            spare = delay(server)
            started = time.monotonic()
            server.ok(tool, ground.filled(arguments), 60)
            best = min(filter(None, (best, time.monotonic() - started - spare)))
        TALLY.worst("longest time of a call that has no limit, in s", best)
        TALLY.check("calls", best <= 0.25, f"{tool}: {best:.3f} s")


def test_an_ended_call_has_changed_nothing_or_all(ground, serve):
    """However early it is ended: the files are as they were or as they should be, and the run is there or not."""
    before = (ground.edited / "config.json").read_bytes()
    whole = json.loads(before)
    server = serve()
    for number in range(amount(4, 40)):
        seed = 1000 + number
        edits = [{"file": "config.json", "merge": {"training": {"seed": seed}}}]
        call = server.post_call("edit_case", {"case_dir": str(ground.edited), "edits": edits})
        time.sleep(0.02 * number if LONG else 0.15 * number)
        server.send({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": call}})
        assert gone(lambda: children(server.process.pid), 20)
        after = (ground.edited / "config.json").read_bytes()
        parsed = json.loads(after)
        parsed["training"].pop("seed", None)
        whole["training"].pop("seed", None)
        TALLY.check("cancelled", parsed == whole and (after == before or b"%d" % seed in after), "edit_case left half an edit")
        TALLY.check(
            "cancelled", not [path for path in ground.edited.rglob(".*.*")], "edit_case left files of its own")
        before = after


def test_a_call_whose_client_has_sent_everything_is_answered(start):
    server = start()
    call = server.post_call("validate_case", {"case_dir": "examples/single-hydro"})
    server.process.stdin.close()
    assert server.reply(call, 20)["result"]["structuredContent"]["valid"] is True
