"""Promises of the documents that no other test tries to break from outside, and the table that says where each is tried."""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import pytest

from conftest import EXAMPLES, ROOT, WORKER
from hostile import DeafClient, TALLY
from test_hostile import SHORT, interrupted

CASE = EXAMPLES / "cascade"


def reading(run):
    return sqlite3.connect(f"file:{run}/run.sqlite?mode=ro", uri=True)


def start_training(run, iterations=100_000, *options):
    return subprocess.Popen(
        [WORKER, "train", CASE, "--output", run, "--iterations", str(iterations), "--simulate", "0", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until_row(process, iteration):
    """Reads what a training prints up to an iteration; the rows."""
    rows = []
    while True:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        if match := re.match(r"\s+(\d+) ", line):
            rows.append(int(match[1]))
            if rows[-1] >= iteration:
                return rows


def test_the_request_of_a_run_never_changes_and_interrupted_is_never_written(server, runs_dir):
    directory = interrupted(server, runs_dir)
    before = (directory / "run.json").read_bytes()
    with reading(directory) as database:
        states = [row[0] for row in database.execute("SELECT state FROM transition ORDER BY id")]
    TALLY.check("promises", "interrupted" not in states and states[-1] == "running", f"{states}")
    server.ok("resume", {"run_id": directory.name, "wait_seconds": 0})
    server.ok("cancel", {"run_id": directory.name})
    assert server.ok("status", {"run_id": directory.name, "wait_seconds": 30}, 60)["state"] == "cancelled"
    TALLY.check("promises", (directory / "run.json").read_bytes() == before, "run.json was changed")


def test_a_lost_or_damaged_index_is_built_again(start, runs_dir):
    server = start()
    runs = [server.ok("train", SHORT | {"run_name": f"n{number}"})["run_id"] for number in range(3)]
    server.close()
    index = pathlib.Path(runs_dir) / "index.sqlite"
    for spoil in (index.unlink, lambda: index.write_bytes(b"no database" * 1000), lambda: index.write_bytes(b"")):
        for rest in runs_dir.glob("index.sqlite-*"):
            rest.unlink()
        spoil()
        server = start()
        listed = server.ok("list_runs")["runs"]
        TALLY.check("promises", [row["run_id"] for row in listed] == runs[::-1], "runs are lost with the index")
        TALLY.check("promises", server.ok("status", {"run_id": "n1"})["run_id"] == runs[1], "a name is lost with the index")
        server.close()


def test_a_database_of_a_newer_engine_is_refused(server, runs_dir):
    run = server.ok("train", SHORT, timeout=60)["run_id"]
    with sqlite3.connect(runs_dir / run / "run.sqlite") as database:
        version = database.execute("PRAGMA user_version").fetchone()[0]
        database.execute(f"PRAGMA user_version = {version + 1}")
    state = server.ok("status", {"run_id": run})
    TALLY.check("promises", state["state"] == "failed" and "newer" in state["error"], f"{state}")
    TALLY.check("promises", server.call("resume", {"run_id": run})["isError"], "a newer run was resumed")


def test_what_was_printed_is_on_disk_but_for_one_iteration_and_can_be_read_meanwhile(tmp_path):
    for last in (3, 8):
        run = tmp_path / f"run-{last}"
        process = start_training(run)
        rows = until_row(process, last)
        # Any SQL tool may look while it grows, and keeps nothing from being written.
        with reading(run) as database:
            database.execute("BEGIN")
            seen = database.execute("SELECT MAX(iteration) FROM convergence").fetchone()[0]
            until_row(process, last + 3)
            assert database.execute("SELECT MAX(iteration) FROM convergence").fetchone()[0] == seen
        process.send_signal(signal.SIGKILL)
        printed = rows + [int(row) for row in re.findall(r"^\s+(\d+) ", process.stdout.read(), re.M)]
        process.wait()
        with reading(run) as database:
            kept = [row[0] for row in database.execute("SELECT iteration FROM convergence ORDER BY iteration")]
        TALLY.check("promises", kept == list(range(1, len(kept) + 1)) and len(kept) >= max(printed) - 1,
                    f"{max(printed)} iterations were printed, {len(kept)} kept")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGUSR1"])
def test_signals_stop_a_training_at_the_end_of_its_iteration(name, tmp_path):
    process = start_training(tmp_path / "run")
    until_row(process, 2)
    process.send_signal(getattr(signal, name))
    rest = process.stdout.read()
    TALLY.check("promises", process.wait(30) == 3 and "stopped (cancelled)" in rest, f"{name}: {rest}")
    with reading(tmp_path / "run") as database:
        count = database.execute("SELECT COUNT(*) FROM convergence").fetchone()[0]
    TALLY.check("promises", f"; {count} of 100000 iterations" in rest, rest.splitlines()[-1])


def test_a_run_that_computes_is_neither_resumed_nor_replaced(tmp_path):
    process = start_training(tmp_path / "run")
    until_row(process, 2)
    for words in (["resume", tmp_path / "run"], ["train", CASE, "--output", tmp_path / "run"]):
        refused = subprocess.run([WORKER, *words], capture_output=True, text=True, timeout=60)
        TALLY.check("promises", refused.returncode == 64, f"{words[0]}: {refused.returncode} {refused.stderr}")
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 3


def test_a_run_that_goes_on_from_another_reads_it_alone(tmp_path):
    subprocess.run([WORKER, "train", CASE, "--output", tmp_path / "old", "--iterations", "3"], check=True, capture_output=True)
    before = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir() if path.is_file()}
    subprocess.run([WORKER, "train", "--from", tmp_path / "old", "--output", tmp_path / "new", "--iterations", "5"], check=True,
                   capture_output=True)
    after = {path.name: path.read_bytes() for path in (tmp_path / "old").iterdir() if path.is_file()}
    changed = [name for name in before if after.get(name) != before[name] and not name.startswith("supervisor.lock")]
    TALLY.check("promises", not changed, f"{changed} of the other run were changed")
    shutil.rmtree(tmp_path / "old")
    done = subprocess.run([WORKER, "status", tmp_path / "new", "--log", "json"], capture_output=True, text=True, check=True)
    TALLY.check("promises", json.loads(done.stdout)["iteration"] == 5)
    longer = subprocess.run(
        [WORKER, "train", "--from", tmp_path / "new", "--output", tmp_path / "newer", "--iterations", "6"], capture_output=True)
    TALLY.check("promises", longer.returncode == 0, longer.stderr)


STATEMENTS = [
    "PRAGMA table_info(run)", "ATTACH DATABASE '/etc/passwd' AS x", "UPDATE run SET phase = 'x'", "DELETE FROM cut", "DROP TABLE cut",
    "CREATE TABLE x (y)", "VACUUM INTO '/tmp/x'", "SELECT load_extension('x')", "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/x', 'y')", "SELECT zeroblob(1000000000)", "SELECT randomblob(1000000000)", "SELECT * FROM sqlite_master",
    "SELECT 1; DELETE FROM cut", "WITH x AS (SELECT 1) INSERT INTO cut SELECT * FROM x", "SELECT fts3_tokenizer('simple')",
    "SELECT printf('%.*c', 1000000000, 'x')", "EXPLAIN SELECT 1", "BEGIN", "REINDEX",
]


def test_statements_that_do_more_than_select_are_refused(server, runs_dir):
    run = server.ok("train", SHORT, timeout=60)["run_id"]
    server.ok("query_results", {"sql": "SELECT COUNT(*) FROM cut"})
    before = (runs_dir / run / "run.sqlite").read_bytes()
    for statement in STATEMENTS:
        refused = server.call("query_results", {"sql": statement}, 60)
        TALLY.check("statements", refused.get("isError"), f"{statement}: {json.dumps(refused)[:300]}")
    assert (runs_dir / run / "run.sqlite").read_bytes() == before


def test_ids_of_requests_are_bounded(server):
    server.send({"jsonrpc": "2.0", "id": "x" * 1024, "method": "ping"})
    assert server.receive()["id"] == "x" * 1024
    server.send({"jsonrpc": "2.0", "id": "x" * 100_000, "method": "ping"})
    answer = server.receive()
    TALLY.check("promises", "error" in answer and len(json.dumps(answer)) < 4096, json.dumps(answer)[:200])


def test_a_client_that_has_closed_its_end_and_reads_nothing_counts_as_gone(runs_dir):
    client = DeafClient("--runs-dir", runs_dir)
    try:
        line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).encode() + b"\n"
        for _ in range(3000):
            if client.write(line, 0.2) < len(line):
                break
        started = time.monotonic()
        client.process.stdin.close()
        while client.process.poll() is None and time.monotonic() < started + 40:
            time.sleep(0.1)
        ended = time.monotonic() - started
        TALLY.check("promises", client.process.returncode == 0 and ended < 25, f"it took {ended:.1f} s")
    finally:
        client.process.kill()
        client.process.wait()


@pytest.mark.parametrize("variables", [
    {"PMI_RANK": "0", "OMPI_MCA_ess": "pmi"}, {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "4"},
    {"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_STEP_NUM_TASKS": "8"}], ids=lambda value: next(iter(value)))
def test_a_server_in_the_step_of_a_launcher_is_none_of_its_ranks(variables, start):
    server = start(env=os.environ | variables)
    for workers, backend in ((1, "local"), (2, "shm")):
        run = server.ok("train", SHORT | {"num_workers": workers}, 120)
        TALLY.check("promises", (run["state"], run["backend"]) == ("succeeded", backend), f"{run['backend_reason']}")


def test_documents_and_tests_of_promises_agree():
    """Every section with promises has rows, and every test that a row names is there."""
    text = (ROOT / "Documentation/Promises.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| ")]
    rows = [row for row in rows if len(row) == 2 and row[0] != "promise"]
    assert len(rows) > 50
    for promise, tests in rows:
        found = re.findall(r"`([\w/]+\.(?:py|swift)): ([^`]+)`", tests)
        assert found, f"no test is named for: {promise}"
        for file, name in found:
            source = (ROOT / "Tests" / file).read_text()
            assert re.search(rf"(def |func |func `){re.escape(name)}\b", source), f"{file} has no test {name}"
    headings = set(re.findall(r"^## (.*)$", text, re.M))
    for document in ("Runs", "Communication"):
        for title in re.findall(r"^## (.*)$", (ROOT / f"Documentation/{document}.md").read_text(), re.M):
            plain = title.replace("`", "")
            # How figures are measured and what they were.
            if title in ("Measuring", "Transfer and waiting"):
                continue
            assert any(plain in heading for heading in headings) or plain in text, f"{document}.md: {title} has no promises here"
