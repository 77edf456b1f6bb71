"""Moments at which people who were new to it were once misled, each with what is right.

The case is `two-areas` with a history of thirty years in place of its statistics.
"""

import csv
import json
import os
import pty
import random
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import SERVER, WORKER
from rawclient import MODERN_META, RawServer

CVAR = [{"file": "stages.json", "at": "stages[*]", "merge": {"risk_measure": {"cvar": {"alpha": 0.1, "lambda": 0.5}}}}]


class Desk:
    """A server, the case north, and two runs of it: rn as it is, cvar with a risk measure."""

    def __init__(self, base):
        self.base = base
        self.server = self.start()
        self.ok("create_case", {"template": "two-areas", "directory": "cases/north"})
        self.north = base / "cases/north"
        for name in ("inflow_seasonal_stats.csv", "inflow_ar_coefficients.csv"):
            (self.north / "scenarios" / name).unlink(missing_ok=True)
        random.seed(1)
        self.history = {hydro: [] for hydro in (1, 2)}
        for hydro, values in self.history.items():
            value = 40.0
            for month in range(360):
                value = 5 + 0.7 * value + random.random() * (25 if month % 12 < 4 else 9)
                values.append((f"{1997 + month // 12}-{month % 12 + 1:02}-01", round(value * (1 if hydro == 1 else 0.3), 3)))
        with (self.north / "scenarios/inflow_history.csv").open("w") as file:
            csv.writer(file).writerows(
                [("hydro_id", "date", "value_m3s")]
                + [(hydro, *row) for hydro, rows in self.history.items() for row in rows])
        start = json.loads((self.north / "initial_conditions.json").read_text())
        start.pop("past_inflows", None)
        (self.north / "initial_conditions.json").write_text(json.dumps(start))
        self.ok("copy_case", {"case_dir": "cases/north", "directory": "cases/cvar", "edits": CVAR})
        self.run = self.train("rn")
        self.risky = self.train("cvar", "cases/cvar")

    def start(self, *arguments):
        return RawServer(
            [SERVER, "--runs-dir", self.base / "runs", "--allow-dir", self.base, "--toolsets", "all", *arguments], cwd=self.base)

    def train(self, name, case="cases/north", **more):
        arguments = {"case_dir": case, "iterations": 30, "forward_passes": 6, "run_name": name, "num_workers": 1, "wait_seconds": 45}
        return self.ended(self.ok("train", arguments | more, 90))

    def ended(self, run):
        """The run once it has ended, however slow the machine is."""
        while run["state"] in ("queued", "starting", "running", "cancelling"):
            run = self.ok("status", {"run_id": run["run_id"], "wait_seconds": 45}, 90)
        return run

    def ok(self, tool, arguments, timeout=90):
        return self.server.ok(tool, arguments, timeout)

    def error(self, tool, arguments):
        reply = self.server.call(tool, arguments, 90)
        assert reply.get("isError"), reply
        return reply["content"][0]["text"]

    def variant(self, name, change):
        """Findings of a copy in which a file is changed."""
        shutil.copytree(self.north, self.base / "cases" / name)
        change(self.base / "cases" / name)
        return self.ok("validate_case", {"case_dir": f"cases/{name}"})["findings"]

    def edited(self, name, file, at, merge):
        edits = [{"file": file, "at": at, "merge": merge}]
        self.ok("copy_case", {"case_dir": "cases/north", "directory": f"cases/{name}", "edits": edits, "allow_errors": True})
        return self.ok("validate_case", {"case_dir": f"cases/{name}"})["findings"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    found = Desk(tmp_path_factory.mktemp("moments"))
    yield found
    found.server.close()


def codes(findings):
    return {finding["code"] for finding in findings}


def test_1_lags_start_where_the_history_ends(desk):
    noted = [f for f in desk.ok("validate_case", {"case_dir": "cases/north"})["findings"] if f["code"] == 701]
    assert {f["entity"]["name"] for f in noted} == {"UPPER", "LOWER"}
    # The last months before the study, most recent first.
    last = [value for _, value in desk.history[1][::-1]]
    assert [float(v) for v in noted[0]["value"].split(",")] == last[:len(noted[0]["value"].split(","))], noted
    given = [{"hydro_id": hydro, "values_m3s": [value for _, value in rows[::-1]][:6]} for hydro, rows in desk.history.items()]
    edits = [{"file": "initial_conditions.json", "merge": {"past_inflows": given}}]
    desk.ok("copy_case", {"case_dir": "cases/north", "directory": "cases/past", "edits": edits})
    assert desk.train("past", "cases/past")["lower_bound"] == desk.run["lower_bound"]

    def shorter(case):
        path = case / "scenarios/inflow_history.csv"
        path.write_text("".join(line for line in path.read_text().splitlines(True) if ",2026-1" not in line))

    assert 419 in codes(desk.variant("short", shorter))


def test_2_a_gap_is_not_met_by_chance(desk):
    run = desk.train("gap", target_gap=0.01, iterations=8, forward_passes=2)
    if run["stop_reason"] == "target_gap":
        assert run["upper_bound_half_width"] <= 0.01 * run["upper_bound"]


def test_3_a_bound_under_risk_has_its_own_name(desk):
    text = " ".join(part.get("text", "") for part in desk.server.call("plot", {"run_id": "cvar", "kind": "convergence"})["content"])
    assert "bound of the risk-adjusted cost" in text and "no bound of it" in text
    assert desk.risky["gap"] is None
    assert "risk" in json.dumps(desk.ok("status", {"run_id": "cvar"}))


@pytest.mark.parametrize("rule", ["statistical_gap", "target_gap"])
def test_4_rules_that_cannot_be_met_are_refused(desk, rule):
    text = desk.error("train", {"case_dir": "cases/cvar", rule: 0.01})
    assert f"`{rule}`" in text and "risk" in text and "iterations" in text


def test_5_a_limit_of_the_server_is_no_success(desk):
    server = desk.start("--max-wall-seconds", "1")
    run = server.ok("train", {"case_dir": "cases/north", "iterations": 1_000_000, "num_workers": 1, "wait_seconds": 45}, 90)
    while run["state"] in ("queued", "starting", "running", "cancelling"):
        run = server.ok("status", {"run_id": run["run_id"], "wait_seconds": 45}, 90)
    server.close()
    assert (run["state"], run["stop_reason"]) == ("cancelled", "server_wall_limit")
    assert "--max-wall-seconds" in run["next"] and "resume" in run["next"] and f"{run['iteration']} of 1000000" in run["next"]


def test_6_water_is_valued_with_the_lags_of_its_month(desk):
    values = desk.ok("inspect_policy", {"run_id": "rn", "stage": 4, "share": 0.5})
    assert "past inflows" in values["state_from"] and "stage 4" in values["state_from"]
    lags = dict((row[0], row[1]) for row in values["inflow_memory"]["rows"])
    may = [value for date, value in desk.history[1] if date[5:7] == "05"]
    assert abs(lags["inflow_lag[1,1]"] - sum(may) / len(may)) < 0.35 * sum(may) / len(may), lags
    assert values["inflow_memory"]["components"] == len(lags)
    assert {"water_value", "value_per_mwh"} <= set(values["water_values"]["columns"])


def test_7_a_price_is_explained(desk):
    explained = desk.ok("explain_price", {"run_id": "rn", "stage": 4})
    assert "sets it" in " ".join(explained["summary"]) and explained["begins"] == "2027-05-01"


def test_8_time_memory_and_disk_are_foretold(desk):
    foretold = desk.ok("estimate", {"case_dir": "cases/north", "iterations": 100}, 120)
    assert foretold["training_seconds"][0] < foretold["training_seconds"][1]
    assert foretold["memory_mb_per_process"] and foretold["disk_mb"]


def test_9_nonsense_is_doubted(desk):
    assert 801 in codes(desk.edited("v1", "system/buses.json", "buses[*]", {"deficit_segments": [{"depth_mw": None, "cost": 20}]}))
    assert 803 in codes(desk.edited("v2", "system/hydros.json", "hydros[id=1].generation", {"productivity_mw_per_m3s": 0.0009}))
    assert 804 in codes(desk.edited("v3", "system/thermals.json", "thermals[id=1].generation", {"min_mw": 600, "max_mw": 700}))
    assert 811 in codes(desk.edited("v5", "system/thermals.json", "thermals[id=1].generation", {"max_mw": 999_999}))

    def gigawatts(case):
        path = case / "scenarios/load_seasonal_stats.csv"
        rows = list(csv.reader(path.open()))
        row = next(row for row in rows if row[:2] == ["1", "3"])
        row[2] = str(float(row[2]) / 1000)
        with path.open("w") as file:
            csv.writer(file).writerows(rows)

    assert 802 in codes(desk.variant("v4", gigawatts))


def killed(desk, name):
    """A run of the command line program that was killed while it computed."""
    run = desk.base / name
    process = subprocess.Popen(
        [WORKER, "train", desk.north, "--output", run, "--iterations", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    seen = 0
    for line in process.stdout:
        seen += line.split()[:1] == [str(seen + 1).encode()]
        if seen == 3:
            break
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    return run


def test_10_a_killed_run_goes_on_by_hand_and_in_a_server(desk):
    run = killed(desk, "killed")
    done = sqlite3.connect(run / "run.sqlite").execute("SELECT MAX(iteration) FROM convergence").fetchone()[0]
    resumed = subprocess.run([WORKER, "resume", run, "--iterations", str(done + 20)], capture_output=True, text=True, timeout=120)
    text = resumed.stdout + resumed.stderr
    assert resumed.returncode == 0 or "iterations" in text, text
    again = killed(desk, "again")
    identity = json.loads((again / "run.json").read_text())["runID"]
    shutil.copytree(again, desk.base / "runs" / identity)
    listed = {run["run_id"]: run["state"] for run in desk.ok("list_runs", {"limit": 50})["runs"]}
    assert listed[identity] in ("interrupted", "failed"), listed
    goes = desk.ok("resume", {"run_id": identity, "wait_seconds": 0})
    assert goes["state"] in ("queued", "starting", "running")
    deadline = time.monotonic() + 300
    while desk.ok("status", {"run_id": identity})["state"] in ("queued", "starting") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert desk.ok("status", {"run_id": identity})["state"] == "running"
    assert desk.ended(desk.ok("cancel", {"run_id": identity}))["state"] == "cancelled"


def test_11_a_case_is_written_through_the_server(desk):
    read = desk.ok("read_case_file", {"case_dir": "cases/north", "file": "config.json"})
    assert "forward_passes" in json.dumps(read)
    edits = [{"file": "config.json", "merge": {"training": {"forward_passes": 3}}}]
    desk.ok("copy_case", {"case_dir": "cases/north", "directory": "cases/edited"})
    assert desk.ok("edit_case", {"case_dir": "cases/edited", "edits": edits})["applied"] is True
    assert json.loads((desk.base / "cases/edited/config.json").read_text())["training"]["forward_passes"] == 3


def test_12_examples_of_sql_give_rows(desk):
    for sql in desk.ok("describe_results", {"run_id": "rn"})["examples"]:
        assert desk.ok("query_results", {"run_id": "rn", "sql": sql})["rows"], sql


def test_13_results_have_ids_and_names(desk):
    sql = "SELECT DISTINCT quantity FROM simulation_stage WHERE quantity LIKE 'storage%'"
    found = {row[0] for row in desk.ok("query_results", {"run_id": "rn", "sql": sql})["rows"]}
    assert found == {"storage of hydro 1 UPPER (hm3)", "storage of hydro 2 LOWER (hm3)"}
    rows = desk.ok("query_results", {"run_id": "rn", "sql": "SELECT kind, id, name FROM element WHERE kind = 'hydro'"})["rows"]
    assert rows == [["hydro", 1, "UPPER"], ["hydro", 2, "LOWER"]]


def test_14_a_finished_run_goes_on(desk):
    assert "`continue_from`" in desk.error("resume", {"run_id": "rn"})
    longer = desk.ended(desk.ok("train", {"continue_from": "rn", "iterations": 40, "num_workers": 1, "wait_seconds": 45}, 90))
    # The bits of one long run.
    assert longer["iteration"] == 40 and longer["lower_bound"] == desk.train("forty", iterations=40)["lower_bound"]


def test_15_a_name_serves_as_an_id(desk):
    assert desk.ok("status", {"run_id": "rn"})["run_id"] == desk.run["run_id"]
    assert "names of runs are" in desk.error("status", {"run_id": "nobody"})


def test_16_a_directory_that_is_not_there_is_missing(desk):
    text = desk.error("train", {"case_dir": "cases/nope"})
    assert "there is no directory" in text and "north" in text


def test_17_a_comparison_sees_the_risk_measure(desk):
    compared = desk.ok("compare_runs", {"run_ids": ["rn", "cvar"]})
    text = " ".join(compared["summary"])
    assert compared["same_case"] is False and "stages.json" in text and "worst 5 %" in text and "storage" in text


def test_18_a_statistical_gap_is_decided_or_said_to_be_out_of_reach(desk):
    run = desk.train("statistics", statistical_gap=0.02, iterations=20)
    words = " ".join([run["verdict"], run["next"], *run["warnings"]])
    assert run["stop_reason"] == "statistical" or "trajectories" in words or "scenarios" in words, run


def test_19_a_task_comes_at_once(desk):
    meta = MODERN_META | {"io.modelcontextprotocol/clientCapabilities": {"extensions": {"io.modelcontextprotocol/tasks": {}}}}
    begun = time.monotonic()
    reply = desk.server.request("tools/call", {
        "name": "train", "arguments": {"case_dir": "cases/north", "iterations": 1_000_000, "num_workers": 1}, "_meta": meta})
    assert reply["result"].get("resultType") == "task" or "task" in json.dumps(reply["result"]), reply
    assert time.monotonic() - begun < 10
    run = next(run for run in desk.ok("list_runs", {"limit": 5})["runs"] if run["state"] in ("queued", "starting", "running"))
    desk.ended(desk.ok("cancel", {"run_id": run["run_id"]}))


def test_20_charts_have_names_and_kinds_that_people_ask_for(desk):
    for kind in ("storage", "deficit", "exchange", "spill", "inflow", "cost", "value_function", "price_duration"):
        reply = desk.server.call("plot", {"run_id": "rn", "kind": kind}, 60)
        text = " ".join(part.get("text", "") for part in reply["content"])
        if kind == "price_duration":
            assert "simulate" in text
            continue
        assert any(part["type"] == "image" for part in reply["content"]), text
        assert kind == "cost" or any(name in text for name in ("UPPER", "LOWER", "NORTH", "SOUTH", "TIE")), text
    assert 'Did you mean "storage"?' in desk.error("plot", {"run_id": "rn", "kind": "storage_fan"})


HISTORY = "scenarios/inflow_history.csv"


@pytest.mark.parametrize(("name", "change", "words"), [
    ("semi", lambda text: text.replace(",", ";"), "separated by semicolons"),
    ("decimal", lambda text: text.replace(",", ";").replace(".", ","), "decimals with a point"),
    ("tab", lambda text: text.replace(",", "\t"), "separated by tabs"),
    ("upper", lambda text: text.replace("hydro_id,date,value_m3s", "Hydro_ID,Date,Value_M3S"), 'Write it as "hydro_id"'),
    ("nan", lambda text: text.replace(text.splitlines()[148], text.splitlines()[148].rpartition(",")[0] + ",NaN"), "NaN is not finite"),
    ("hole", lambda text: "".join(l for l in text.splitlines(True) if not l.startswith("1,2003-07")), "no observation of season 6 in 2003"),
])
def test_21_messages_point_the_right_way(desk, name, change, words):
    def rewrite(case):
        path = case / HISTORY
        path.write_text(change(path.read_text().replace("\r", "")))

    findings = desk.variant(name, rewrite)
    assert any(words in f["message"] + f["suggestion"] for f in findings), findings
    for finding in findings:
        assert "section" not in finding.get("rule", "").replace("section estimation", ""), finding


def test_21_half_a_table_and_a_number_for_an_object(desk):
    half = desk.variant("half", lambda case: (case / "scenarios/inflow_seasonal_stats.csv").write_text(
        "hydro_id,stage_id,mean_m3s,std_m3s\n1,0,100,30\n"))
    assert "remove the file: the inflow model is then estimated" in json.dumps(half)
    number = desk.edited("number", "system/hydros.json", "hydros[id=1]", {"generation": 180})
    assert any(f["code"] == 203 and "model" in f["suggestion"] for f in number), number
    outer = desk.ok("validate_case", {"case_dir": "cases"})["findings"]
    assert len(outer) == 1 and "north" in outer[0]["message"]


def test_22_the_worker_has_a_last_line_and_exit_codes(desk):
    process = subprocess.Popen(
        [WORKER, "train", desk.north, "--output", desk.base / "stopped", "--iterations", "1000000"], stdout=subprocess.PIPE, text=True)
    lines = [process.stdout.readline() for _ in range(6)]
    process.terminate()
    lines += process.stdout.read().splitlines(True)
    assert process.wait(60) not in (0, 64) and lines[0].strip() and lines[-1].startswith("stopped"), lines[-1]
    done = subprocess.run(
        [WORKER, "train", desk.north, "--output", desk.base / "done", "--iterations", "2", "--simulate", "20"],
        capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.splitlines()[-1].startswith("done (iteration_limit)")
    assert "simulated cost" in done.stdout
    for wrong in (["--iterations", "0"], ["--solver", "nothing"]):
        assert subprocess.run(
            [WORKER, "train", desk.north, "--output", desk.base / "wrong", *wrong], capture_output=True).returncode == 64


def test_23_a_run_is_diagnosed(desk):
    said = desk.ok("diagnose_run", {"run_id": "rn"})
    assert "%" in " ".join(said["findings"]) and said["converged"]
    assert "-0.0 %" not in json.dumps(said)


def test_24_near_names_are_offered(desk):
    assert 'Did you mean "system/hydros.json"?' in desk.error("get_schema", {"file": "hydros.json"})
    assert 'Did you mean "hydros.generation"?' in desk.error("get_schema", {"file": "system/hydros.json", "part": "generation"})


def test_25_a_server_on_a_terminal_says_what_it_waits_for(desk):
    outer, inner = pty.openpty()
    process = subprocess.Popen([SERVER, "--runs-dir", desk.base / "tty"], stdin=inner, stdout=inner, stderr=subprocess.PIPE)
    try:
        assert b"waits for an MCP client" in process.stderr.readline()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
        os.close(outer)
        os.close(inner)
    for flag, path in (("--runs-dir", "/proc/nope"), ("--allow-dir", "/nonexistent")):
        refused = subprocess.run([SERVER, flag, path], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert refused.returncode == 64 and path in refused.stderr, refused


def test_smaller_ones(desk):
    desk.ok("save_plot", {"run_id": "rn", "kind": "storage", "file": "a.svg"})
    assert "Choose another name" in desk.error("save_plot", {"run_id": "rn", "kind": "storage", "file": "a.svg"})
    asked = desk.server.request("prompts/get", {"name": "explain_run", "arguments": {"run_id": "nope"}})
    assert "names of runs are" in asked["error"]["message"]
