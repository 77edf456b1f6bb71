"""Runs directories that hold what no engine has made: the server stays at work, and says which run it is."""

import contextlib
import json
import os
import pathlib
import shutil
import sqlite3
import struct
import subprocess
import time

import pytest

from conftest import ROOT, SERVER, WORKER
from rawclient import RawServer
from hostile import TALLY, amount, resident_megabytes

SHORT = {"case_dir": "examples/single-hydro", "iterations": 3, "num_workers": 1, "wait_seconds": 40}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
TABLES = ["run", "transition", "convergence", "rank", "event", "simulation", "simulation_statistics", "cut", "checkpoint", "element"]


def place(run):
    """The database of a run, or the database itself."""
    return run / "run.sqlite" if run.is_dir() else run


def script(run, sql):
    with contextlib.closing(sqlite3.connect(place(run))) as database:
        database.executescript(sql)


def view(table):
    """A view without end in the place of a table."""

    def change(run):
        with contextlib.closing(sqlite3.connect(place(run))) as database:
            columns = ", ".join(f"x.{row[1]}" for row in database.execute(f"PRAGMA table_info({table})"))
        script(run, f"PRAGMA legacy_alter_table = ON; ALTER TABLE {table} RENAME TO x_{table}; "
                    f"CREATE VIEW {table} AS {ENDLESS} SELECT {columns} FROM x_{table} AS x, n;")

    return change


def pages(table):
    """Seventeen pages of which each leads to the next three hundred times: more rows than can ever be read."""

    def change(run):
        path = place(run)
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


def answering(runs_dir):
    """Processes that answer calls of a server on a runs directory."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if b"answer" in words and os.fsencode(runs_dir) in words:
                found.append(entry.name)
    return found


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
    # What a call had begun to change when its time was over ends by itself.
    server.process.kill()
    for _ in range(600):
        if not (left := answering(runs_dir)):
            break
        time.sleep(0.1)
    TALLY.check("stores", not left, f"{kind}: processes {left} still compute a minute after their server")
    TALLY.check("stores", not (runs_dir.parent / "made").exists(), f"{kind}: a link was followed")


def column(table, name, value):
    """A value of another kind in all rows."""
    return lambda policy: script(policy, f"PRAGMA ignore_check_constraints = ON; UPDATE OR REPLACE {table} SET {name} = {value}")


def computed(policy):
    script(policy, "ALTER TABLE cut ADD COLUMN more AS (zeroblob(900000000))")


POLICIES = {
    **{f"view {table}": view(table) for table in ["policy", "state_component", "stage", "cut", "trial_states", "checkpoint"]},
    **{f"pages {table}": pages(table) for table in ["state_component", "stage", "checkpoint"]},
    "computed": computed,
    "trigger": lambda policy: script(policy, "CREATE TRIGGER t AFTER INSERT ON cut BEGIN DELETE FROM cut; END"),
    "blocks": column("stage", "blocks", "'two'"), "groups": column("stage", "groups", "9223372036854775807"),
    "active": column("cut", "active", "9e999"), "cut": column("cut", "coefficients", "7"),
    "short cut": column("cut", "coefficients", "x'00'"), "dates": column("stage", "end_date", "x'ff00fe'"),
    "iteration": lambda policy: script(policy, "UPDATE policy SET value = '9223372036854775807' WHERE key = 'iteration'"),
    "format": lambda policy: script(policy, "DELETE FROM policy WHERE key = 'format'"),
    "names": lambda policy: script(
        policy, "CREATE TABLE y (position INTEGER, name TEXT); INSERT INTO y VALUES (0, 'a'), (1, 'a'); "
                "DROP TABLE state_component; ALTER TABLE y RENAME TO state_component"),
    "states": lambda policy: script(policy, "INSERT OR REPLACE INTO trial_states VALUES (0, 'words')"),
    "no table": lambda policy: script(policy, "DROP TABLE cut"),
}


@pytest.mark.parametrize("kind", list(POLICIES))
def test_a_policy_that_no_engine_has_made_is_refused(kind, original, tmp_path):
    source, (run, _) = original
    policy = tmp_path / "policy.sqlite"
    shutil.copy(source / run / "policy" / "policy.sqlite", policy)
    command = [WORKER, "export-cuts", policy, "--output", tmp_path / "cuts.json"]
    assert subprocess.run(command, capture_output=True, timeout=60).returncode == 0
    (tmp_path / "cuts.json").unlink()
    POLICIES[kind](policy)
    done = subprocess.run(command, capture_output=True, timeout=60)
    words = done.stderr.decode()
    TALLY.check("stores", done.returncode == 74, f"{kind}: {done.returncode} {words}")
    TALLY.check("stores", str(policy) in words and len(words) < 2000, f"{kind}: {words}")
    TALLY.check("stores", not (tmp_path / "cuts.json").exists(), kind)


def flipped(path, table, row, byte, bit):
    """Another digit of a number of a cut, with the column for other programs as it should be."""
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        key = database.execute(f"SELECT rowid, coefficients FROM {table} ORDER BY stage, position").fetchall()[row]
        value = bytearray(key[1])
        value[byte % len(value)] ^= 1 << bit
        database.execute(
            f"UPDATE {table} SET coefficients = ?, intercept = ? WHERE rowid = ?",
            [bytes(value), struct.unpack("<d", value[:8])[0], key[0]])


@pytest.mark.parametrize("place", amount([(0, 3, 0), (7, 9, 4)], [(row, byte, byte % 8) for row in (0, 3, 7) for byte in range(16)]))
def test_a_digit_that_changed_on_disk_is_used_by_nothing(place, original, tmp_path):
    """Of the policy, by whatever reads it; of the run, by whatever goes on from it. The other of the two is used as it is."""
    source, (name, _) = original
    for damaged in ("policy", "run"):
        run = tmp_path / damaged / name
        copied(source / name, run)
        flipped(run / ("policy/policy.sqlite" if damaged == "policy" else "run.sqlite"), "cut", *place)
        case = tmp_path / damaged / "case"
        shutil.copytree(ROOT / "examples/single-hydro", case)
        config = json.loads((case / "config.json").read_text())
        config["policy"] = {"mode": "warm_start", "path": str(run / "policy")}
        (case / "config.json").write_text(json.dumps(config))
        readers = {
            "policy": [
                ["simulate", run, "--output", tmp_path / damaged / "simulated", "--scenarios", 3],
                ["export-cuts", run / "policy", "--output", tmp_path / damaged / "cuts.json"],
                ["train", case, "--output", tmp_path / damaged / "warm", "--iterations", 1]],
            "run": [
                ["train", "--from", run, "--output", tmp_path / damaged / "more", "--iterations", 5],
                ["export", run, tmp_path / damaged / "tables", "--format", "policy"]]}
        for kind, commands in readers.items():
            for command in commands:
                done = subprocess.run([WORKER, *map(str, command)], capture_output=True, timeout=60)
                words = done.stderr.decode()
                held = done.returncode != 0 and "is damaged" in words if kind == damaged else done.returncode == 0
                TALLY.check("stores", held, f"{damaged} {place}: {command[0]}: {done.returncode} {words}")


# From the schema of today to the one before checksums; views are made again when the database is brought up.
SCHEMA_8 = """
    DROP VIEW deficit_by_stage; DROP VIEW energy_by_source; DROP VIEW reservoir_storage; DROP VIEW price_duration;
    DROP VIEW period_statistics; DROP TABLE simulation_period;
    ALTER TABLE stage DROP COLUMN period; ALTER TABLE stage DROP COLUMN visits;
    ALTER TABLE simulation_scenario DROP COLUMN probability;
    ALTER TABLE iteration_checksum DROP COLUMN figures; DELETE FROM iteration_checksum WHERE iteration = 0;
    PRAGMA user_version = 8;
"""


def test_a_run_of_an_engine_without_checksums_is_used_as_before(original, tmp_path):
    """The layout before checksums: of the policy, of run.json, of bounds and of the cuts that training began with."""
    source, (name, _) = original
    cuts = []
    for kind in ("new", "old"):
        run = tmp_path / kind / name
        copied(source / name, run)
        if kind == "old":
            script(run / "policy/policy.sqlite", "DELETE FROM policy WHERE key = 'checksums'; PRAGMA user_version = 0")
            script(run, SCHEMA_8)
            manifest = json.loads((run / "run.json").read_text())
            del manifest["checksum"]
            (run / "run.json").write_text(json.dumps(manifest))
        out = tmp_path / kind
        for command in (
                ["status", run], ["simulate", run, "--output", out / "simulated", "--scenarios", 3],
                ["export-cuts", run / "policy", "--output", out / "cuts.json"],
                ["train", "--from", run, "--output", out / "more", "--iterations", 5]):
            done = subprocess.run([WORKER, *map(str, command)], capture_output=True, timeout=60)
            TALLY.check("stores", done.returncode == 0, f"{kind}: {command[0]}: {done.stderr.decode()}")
        with contextlib.closing(sqlite3.connect(out / "more/run.sqlite")) as database:
            cuts.append((
                (out / "cuts.json").read_bytes(),
                database.execute("SELECT stage, position, coefficients FROM cut ORDER BY 1, 2").fetchall(),
                database.execute("SELECT iteration, lower_bound FROM convergence ORDER BY 1").fetchall()))
    assert len(cuts[0][2]) == 5
    TALLY.check("stores", cuts[0] == cuts[1], "an older run goes on with other bits")


INDEXES = {
    "view": view("run"), "pages": pages("run"), "types": column("run", "run_id", "x'ff00fe'"),
    "trigger": lambda index: script(index, "CREATE TRIGGER t AFTER UPDATE ON run BEGIN DELETE FROM run; END"),
    "no table": lambda index: script(index, "DROP TABLE setting; DROP TABLE run"),
}


@pytest.mark.parametrize("kind", list(INDEXES))
def test_an_index_that_no_engine_has_made_holds_up_nothing(kind, original, start, runs_dir):
    source, ids = original
    copied(source, runs_dir)
    INDEXES[kind](runs_dir / "index.sqlite")
    server = start()
    text = server.call("list_runs", {}, timeout=60)["content"][0]["text"]
    if kind != "types":
        TALLY.check("stores", all(run in text for run in ids), f"{kind}: {text[:300]}")
    # A run is found by its id whatever the index says.
    TALLY.check("stores", server.ok("status", {"run_id": ids[1]}, 60)["state"] == "succeeded", kind)
