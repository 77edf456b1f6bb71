"""Runs directories that hold what no engine has made: the server stays at work, and says which run it is."""

import contextlib
import os
import shutil
import sqlite3
import struct
import time

import pytest

from hostile import TALLY, amount, resident_megabytes

SHORT = {"case_dir": "examples/single-hydro", "iterations": 3, "num_workers": 1, "wait_seconds": 40}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
TABLES = ["run", "transition", "convergence", "rank", "event", "simulation", "simulation_statistics", "cut", "checkpoint", "element"]


def script(run, sql):
    with contextlib.closing(sqlite3.connect(run / "run.sqlite")) as database:
        database.executescript(sql)


def view(table):
    """A view without end in the place of a table."""

    def change(run):
        with contextlib.closing(sqlite3.connect(run / "run.sqlite")) as database:
            columns = ", ".join(f"x.{row[1]}" for row in database.execute(f"PRAGMA table_info({table})"))
        script(run, f"PRAGMA legacy_alter_table = ON; ALTER TABLE {table} RENAME TO x_{table}; "
                    f"CREATE VIEW {table} AS {ENDLESS} SELECT {columns} FROM x_{table} AS x, n;")

    return change


def pages(table):
    """Seventeen pages of which each leads to the next three hundred times: more rows than can ever be read."""

    def change(run):
        path = run / "run.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            root = database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
            size = database.execute("PRAGMA page_size").fetchone()[0]
        content = bytearray(path.read_bytes())
        count = len(content) // size
        leaf = bytes(content[(root - 1) * size:root * size])
        assert leaf[0] == 0x0d, "the table is small"
        # Interior pages of tables: file format of SQLite, section 1.6.
        fan = 300
        for level in range(17):
            child = count + 1 + level
            page = bytearray(size)
            at = size - 5 * fan
            page[0:12] = struct.pack(">BHHHBI", 0x05, 0, fan, at, 0, child)
            for cell in range(fan):
                page[12 + 2 * cell:14 + 2 * cell] = struct.pack(">H", at + 5 * cell)
                page[at + 5 * cell:at + 5 * cell + 5] = struct.pack(">IB", child, 100)
            if level == 0:
                content[(root - 1) * size:root * size] = page
            else:
                content += page
        content += leaf
        content[28:32] = struct.pack(">I", len(content) // size)
        path.write_bytes(content)

    return change


def trigger(run):
    script(run, "CREATE TRIGGER t AFTER INSERT ON transition BEGIN DELETE FROM cut; END; CREATE TRIGGER u AFTER UPDATE ON run "
                f"BEGIN INSERT INTO event (at, level, message) {ENDLESS} SELECT 1, 'info', 'x' FROM n; END;")


def replaced(name, make):
    def change(run):
        (run / name).unlink(missing_ok=True)
        make(run / name)

    return change


def sparse(path):
    with path.open("wb") as file:
        file.truncate(1 << 34)


def older(run):
    """A database that calls itself older, so that taking it over would read a view without end."""
    script(run, f"DROP VIEW simulation_value; CREATE VIEW simulation_value AS {ENDLESS} SELECT i AS quantity, i AS entity, "
                "i AS stage, i AS scenario, 0 AS block, 1.0 AS value FROM n; PRAGMA user_version = 7;")


def long_text(run):
    script(run, "UPDATE run SET error = CAST(zeroblob(300000000) AS TEXT)")


def types(run):
    """Texts, bytes and numbers without bounds where numbers are due."""
    script(run, "UPDATE run SET error = x'ff00fe', attempt = 'many', elapsed = 9e999; "
                "UPDATE convergence SET elapsed_seconds = 'long', solves = x'00'; UPDATE rank SET solves = 'all', host = x'ff';")


def numbers(run):
    script(run, "UPDATE convergence SET iteration = iteration + 9223372036854775800; "
                "INSERT INTO convergence SELECT -9223372036854775807, lower_bound, upper_bound, upper_bound_half_width, gap, "
                "elapsed_seconds, forward_seconds, backward_seconds, communication_seconds, solves, recorded_at, "
                "deterministic_upper_bound, retries, wait_seconds FROM convergence LIMIT 1;")


KINDS = {
    **{f"view {table}": view(table) for table in amount(["run", "convergence"], TABLES)},
    **{f"pages {table}": pages(table) for table in ["transition", "convergence", "event"]},
    "trigger": trigger, "older": older, "long text": long_text, "types": types, "numbers": numbers,
    **{f"pipe {name}": replaced(name, os.mkfifo)
       for name in ["run.sqlite", "run.json", "supervisor.lock", "cancel", "supervisor.log", "rank-0.log", "rank-0.failure.json"]},
    **{f"zeros {name}": replaced(name, lambda path: path.symlink_to("/dev/zero"))
       for name in ["run.sqlite", "run.json", "rank-0.log", "rank-0.place"]},
    "sparse run.sqlite": replaced("run.sqlite", sparse), "sparse run.json": replaced("run.json", sparse),
    "directory run.sqlite": replaced("run.sqlite", os.mkdir),
    "loop run.sqlite": replaced("run.sqlite", lambda path: path.symlink_to("run.sqlite")),
    "deep run.json": replaced("run.json", lambda path: path.write_text("[" * 1_000_000)),
    "link cancel": replaced("cancel", lambda path: path.symlink_to(path.parent.parent.parent / "made")),
}
CALLS = [
    ("list_runs", {}), ("status", {"run_id": "RUN"}), ("convergence", {"run_id": "RUN"}), ("describe_results", {"run_id": "RUN"}),
    ("query_results", {"run_id": "RUN", "sql": "SELECT * FROM convergence"}), ("diagnose_run", {"run_id": "RUN"}),
    ("inspect_policy", {"run_id": "RUN"}), ("plot", {"run_id": "RUN", "kind": "convergence"}),
    ("compare_runs", {"run_ids": ["RUN", "GOOD"]}), ("cancel", {"run_id": "RUN"}), ("resume", {"run_id": "RUN", "wait_seconds": 1}),
    ("train", {"continue_from": "RUN", "iterations": 4, "wait_seconds": 1}), ("delete_run", {"run_id": "RUN"}),
]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Two finished runs of a server of their own."""
    from conftest import ROOT, SERVER
    from rawclient import RawServer

    runs = tmp_path_factory.mktemp("original") / "runs"
    server = RawServer([SERVER, "--runs-dir", runs], cwd=ROOT)
    ids = [server.ok("train", SHORT | {"seed": seed})["run_id"] for seed in (1, 2)]
    server.close()
    return runs, ids


# One of each way to hold a server up, but for pages, whose reading takes the seconds that it may. All are tried for long.
SOME = ["view run", "older", "types", "numbers", "pipe run.json", "link cancel"]


def copied(source, target):
    """A copy of a runs directory, of which a server that has just ended may still remove files."""
    for _ in range(100):
        with contextlib.suppress(shutil.Error):
            return shutil.copytree(source, target)
        shutil.rmtree(target)
        time.sleep(0.1)
    raise AssertionError(f"{source} changes all the time")


@pytest.mark.parametrize("kind", amount(SOME, list(KINDS)))
def test_a_run_that_no_engine_has_made_holds_up_nothing(kind, original, start, runs_dir):
    source, (bad, good) = original
    copied(source, runs_dir)
    KINDS[kind](runs_dir / bad)
    server = start("--max-call-seconds", "20", "--toolsets", "all")
    base = resident_megabytes(server.process.pid)
    for tool, arguments in CALLS:
        filled = {
            name: {"RUN": bad}.get(value, value) if isinstance(value, str) else
            [{"RUN": bad, "GOOD": good}[one] for one in value] if isinstance(value, list) else value
            for name, value in arguments.items()}
        begun = time.monotonic()
        reply = server.call(tool, filled, timeout=150)
        TALLY.worst("seconds of a call on a run that no engine has made", time.monotonic() - begun)
        text = reply["content"][0]["text"]
        TALLY.check("stores", len(text) < 300_000, f"{kind}: {tool}: {len(text)} characters")
        if tool == "list_runs":
            TALLY.check("stores", good in text, f"{kind}: {text[:300]}")
        # The other run goes on being read.
        begun = time.monotonic()
        TALLY.check("stores", server.ok("status", {"run_id": good}, 150)["state"] == "succeeded", f"{kind}: after {tool}")
    grown = resident_megabytes(server.process.pid, "VmHWM") - base
    TALLY.worst("memory of a server with a run that no engine has made, above its start, in MB", grown)
    TALLY.check("stores", grown < 120, f"{kind}: {grown} MB")
    TALLY.check("stores", not (runs_dir.parent / "made").exists(), f"{kind}: a link was followed")
