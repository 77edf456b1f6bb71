"""What is no file, streams that end anywhere, and arguments of any size."""

import os
import shutil
import socket
import subprocess
import time

import pytest

from conftest import EXAMPLES, ROOT, SERVER
from hostile import TALLY, amount, resident_megabytes

SHORT = {"iterations": 2, "num_workers": 1, "wait_seconds": 40}
PING = b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n'


def listen(path):
    """A socket by a short name, since names of sockets are short."""
    place = os.getcwd()
    os.chdir(path.parent)
    try:
        socket.socket(socket.AF_UNIX).bind(path.name)
    finally:
        os.chdir(place)


def hollow(path):
    with path.open("wb") as file:
        file.truncate(1 << 34)


THINGS = {
    "pipe": os.mkfifo, "socket": listen, "zeros": lambda path: path.symlink_to("/dev/zero"),
    "terminal": lambda path: path.symlink_to("/dev/tty"), "memory": lambda path: path.symlink_to("/proc/self/mem"),
    "loop": lambda path: path.symlink_to(path.name), "up": lambda path: path.symlink_to(".."), "directory": os.mkdir,
    "nothing": lambda path: path.symlink_to("/dev/null"), "hollow": hollow,
}


def put(thing, path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    THINGS[thing](path)


@pytest.mark.parametrize("thing", amount(["pipe", "zeros"], list(THINGS)))
def test_what_is_no_file_is_not_read(thing, start, tmp_path):
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    server = start("--allow-dir", allowed, "--max-call-seconds", "20", "--toolsets", "all")
    base = resident_megabytes(server.process.pid)
    some = ["config.json", "system/hydros.json", "scenarios", "scenarios/inflow_history.csv"]
    every = [str(path.relative_to(EXAMPLES / "single-hydro")) for path in (EXAMPLES / "single-hydro").rglob("*") if path.is_file()]
    for name in amount(some, sorted({*some, *every, "system", "constraints", "scenarios/inflow_history.parquet"})):
        case = allowed / "case"
        shutil.rmtree(case, ignore_errors=True)
        shutil.copytree(EXAMPLES / "single-hydro", case)
        put(thing, case / name)
        for tool, arguments in [
            ("validate_case", {}), ("describe_case", {}), ("copy_case", {"directory": str(allowed / "copy")}),
            ("read_case_file", {"file": name}), ("train", SHORT | {"iterations": 1}),
            ("edit_case", {"edits": [{"file": "config.json", "merge": {"training": {"tree_seed": 7}}}]}),
        ]:
            begun = time.monotonic()
            text = server.call(tool, {"case_dir": str(case), **arguments}, 150)["content"][0]["text"]
            TALLY.worst("seconds of a call where a file of the case is none", time.monotonic() - begun)
            TALLY.check("no files", len(text) < 60_000, f"{thing} as {name}: {tool}: {len(text)} characters")
        shutil.rmtree(allowed / "copy", ignore_errors=True)
    grown = resident_megabytes(server.process.pid, "VmHWM") - base
    TALLY.check("no files", grown < 64, f"{thing}: {grown} MB")


def test_what_is_no_file_is_not_written_to(start, tmp_path):
    allowed = tmp_path / "allowed"
    shutil.copytree(EXAMPLES / "single-hydro", allowed / "case")
    server = start("--allow-dir", allowed, "--max-call-seconds", "20", "--toolsets", "all")
    run = server.ok("train", SHORT | {"case_dir": str(allowed / "case")})["run_id"]
    for thing in amount(["pipe", "up"], [thing for thing in THINGS if thing != "hollow"]):
        for tool, key, arguments in [
            ("save_plot", "file", {"run_id": run, "kind": "convergence"}), ("report", "file", {"run_ids": [run]}),
            ("export_results", "directory", {"run_id": run}), ("copy_case", "directory", {"case_dir": str(allowed / "case")}),
            ("create_case", "directory", {"template": "mesh"}),
        ]:
            place = allowed / f"{thing}-{tool}{'.svg' if tool == 'save_plot' else '.html' if tool == 'report' else ''}"
            put(thing, place)
            before = place.lstat()
            reply = server.call(tool, {key: str(place), **arguments}, 150)
            # A directory that is there and empty is a place for results.
            fills = thing == "directory" and key == "directory"
            TALLY.check("no files", bool(reply.get("isError")) != fills, f"{thing}: {tool}: {reply['content'][0]['text'][:300]}")
            same = (before.st_ino, before.st_mode) == (place.lstat().st_ino, place.lstat().st_mode)
            TALLY.check("no files", same or fills, f"{thing}: {tool} replaced what was there")


def odd_arguments(run, case):
    seven = {"file": "config.json", "merge": {"training": {"tree_seed": 7}}}
    sql = [
        f"SELECT {'(' * 20_000}1{')' * 20_000}", f"SELECT {'1+' * 400_000}1",
        f"SELECT 1 WHERE '{'a' * 100_000}' LIKE '{'%a' * 40_000}'", f"SELECT 1 WHERE '{'a' * 100_000}' GLOB '{'*a' * 40_000}b'",
        f"SELECT replace(hex(zeroblob(400000)), '0', '{'b' * 1000}')", "SELECT printf('%.*c', 100000000, 'x')",
        "SELECT " + ", ".join(["value"] * 3000) + " FROM simulation_value",
        "SELECT * FROM " + ", ".join(f"convergence AS c{n}" for n in range(200)),
        "WITH " + ", ".join(f"t{n} AS (SELECT * FROM t{n - 1}, t{n - 1})" if n else "t0 AS (SELECT 1)" for n in range(200))
        + " SELECT * FROM t199",
    ]
    return [
        ("edit_case", {"case_dir": case, "edits": [seven] * 20_000}),
        ("edit_case", {"case_dir": case, "edits": [{"file": "config.json", "at": "a" * 100_000, "merge": {}}]}),
        ("edit_case", {"case_dir": case, "edits": [{"file": "config.json", "at": "[*]" * 30_000, "merge": {}}]}),
        *[("query_results", {"run_id": run, "sql": statement}) for statement in sql],
        ("train", {"case_dir": case, "iterations": 10 ** 30}), ("train", {"case_dir": case, "iterations": 1.5}),
        ("train", {"case_dir": case, "run_name": "x" * 100_000}), ("train", {"case_dir": case, "seed": 2 ** 63}),
        ("status", {"run_id": "run_" + "a" * 10 ** 6}), ("convergence", {"run_id": run, "points": 10 ** 18}),
        ("list_runs", {"limit": -5}), ("get_schema", {"file": "../" * 10_000}),
        ("plot", {"run_id": run, "kind": "storage", "entity": 10 ** 25}),
        ("inspect_policy", {"run_id": run, "stage": -1, "share": 1e300}),
        ("create_case", {"template": "mesh", "directory": case + "\n\x1b[2Jc"}),
        ("export_results", {"run_id": run, "directory": case + "/" + "e" * 300}),
        ("report", {"run_ids": [run] * 10_000, "file": case + ".html"}), ("compare_runs", {"run_ids": [run] * 100_000}),
        ("query_results", {"run_id": run, "sql": "x", "limit": {"a": [1] * 100_000}}),
    ]


def test_arguments_of_any_size_are_answered(start, tmp_path):
    case = tmp_path / "allowed" / "case"
    shutil.copytree(EXAMPLES / "single-hydro", case)
    server = start("--allow-dir", tmp_path / "allowed", "--max-call-seconds", "20", "--toolsets", "all")
    run = server.ok("train", SHORT | {"case_dir": str(case)})["run_id"]
    base = resident_megabytes(server.process.pid)
    for tool, arguments in odd_arguments(run, str(case)):
        begun = time.monotonic()
        reply = server.call(tool, arguments, 150)
        TALLY.worst("seconds of a call with arguments of any size", time.monotonic() - begun)
        text = reply["content"][0]["text"]
        what = f"{tool} {str(arguments)[:80]}: {text[:200]}"
        TALLY.check("arguments", len(text) < 8192, what)
        TALLY.check("arguments", "\x1b" not in text, what)
        if tool != "edit_case" and "directory" not in arguments:
            TALLY.check("arguments", reply.get("isError") is True, what)
    reply = server.request("tools/call", {"name": "nope" * 10_000, "arguments": {}})
    TALLY.check("arguments", len(str(reply)) < 8192 and "error" in reply, str(reply)[:200])
    grown = resident_megabytes(server.process.pid, "VmHWM") - base
    TALLY.check("arguments", grown < 96, f"{grown} MB")


STREAMS = {
    "half a line": b'{"jsonrpc": "2.0", "id": 1, "met', "half a word": b"\xe2\x82", "a long number": b'{"id": ' + b"9" * 1_000_000 + b"}\n",
    "no text": b"\xff\xfe\x00" * 100_000 + b"\n" + b"\x00" * 5000 + b"\n",
    "depth": b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n", "a batch of many": b"[" + b",".join([PING.strip()] * 150_000) + b"]\n",
    "a line without end": b"x" * 9_000_000, "empty lines": b"\n" * 100_000, "half a line, then lines": b'{"id": 1, "method"\n',
}


@pytest.mark.parametrize("kind", amount(["half a line", "depth", "a batch of many"], list(STREAMS)))
def test_a_stream_of_anything_is_answered_and_ends(kind, runs_dir):
    for closes in ("stdin", "stdout"):
        process = subprocess.Popen(
            [SERVER, "--runs-dir", runs_dir], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            if closes == "stdout":
                process.stdout.close()
            try:
                process.stdin.write(PING + STREAMS[kind])
                process.stdin.flush()
                if closes == "stdin":
                    process.stdin.close()
            except BrokenPipeError:
                TALLY.check("streams", closes == "stdout", f"{kind}: the server has ended")
            if closes == "stdin":
                answer = process.stdout.read()
                TALLY.check("streams", answer.startswith(b'{"jsonrpc"') and b'"result"' in answer.split(b"\n")[0], f"{kind}: {answer[:200]}")
                TALLY.check("streams", len(answer) < 60_000, f"{kind}: {len(answer)} bytes")
            begun = time.monotonic()
            TALLY.check("streams", process.wait(90) == 0, f"{kind}: {process.returncode} after {closes} was closed")
            TALLY.worst("seconds from a closed stream to the end of the server", time.monotonic() - begun)
        finally:
            process.kill()
            process.wait()
