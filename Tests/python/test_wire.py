"""The protocol as raw bytes through a pipe."""

import json
import os
import signal
import subprocess
import time

import pytest

from conftest import ROOT, SERVER
from rawclient import MODERN_META

LEGACY = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]


def initialize(server, version="2025-11-25"):
    reply = server.request(
        "initialize",
        {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
    server.send({"jsonrpc": "2.0", "method": "notifications/initialized"})
    return reply["result"]


@pytest.mark.parametrize("version", LEGACY)
def test_legacy_handshake(server, version):
    result = initialize(server, version)
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "cobre-mcp"
    assert server.request("ping")["result"] == {}
    assert server.request("tools/list")["result"].keys() == {"tools"}


def test_modern_requests_need_no_handshake(server):
    result = server.request("tools/list", {"_meta": MODERN_META})["result"]
    assert result["resultType"] == "complete" and result["ttlMs"] >= 0 and result["cacheScope"] == "public"
    assert server.request("ping", {"_meta": MODERN_META})["error"]["code"] == -32601


def test_initialize_after_discover_on_one_connection(server):
    found = server.request("server/discover", {"_meta": MODERN_META})["result"]
    assert found["supportedVersions"][0] == "2026-07-28"
    assert initialize(server)["protocolVersion"] == "2025-11-25"
    assert "resultType" not in server.call("list_runs")
    assert server.call("list_runs", meta=MODERN_META)["resultType"] == "complete"


def test_pipe_without_waiting_for_replies():
    """`cat requests | cobre-mcp`: all lines at once, then the end of input; every request is answered."""
    lines = [{"jsonrpc": "2.0", "id": number, "method": "tools/list"} for number in range(20)]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([SERVER], input=text.encode(), stdout=subprocess.PIPE, cwd=ROOT, timeout=10, check=True)
    assert sorted(json.loads(line)["id"] for line in done.stdout.splitlines()) == list(range(20))


@pytest.mark.parametrize(
    "line,code,id",
    [
        (b"{bad json", -32700, None),
        (b"\xff\xfe{}", -32700, None),
        (b'{"jsonrpc":"2.0","id":1,"method":"ping","x":"\xff"}', -32700, None),
        (b'{"a":NaN}', -32700, None),
        (b'{"a":1,"a":2}', -32700, None),
        (b"[" * 200 + b"]" * 200, -32700, None),
        (b"[]", -32600, None),
        (b'"text"', -32600, None),
        (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600, None),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, None),
        (b'{"id":5,"method":"ping"}', -32600, 5),
        (b'{"jsonrpc":"2.0","id":"a"}', -32600, "a"),
        (b'{"jsonrpc":"2.0","id":6,"method":"ping","params":[]}', -32602, 6),
        (b'{"jsonrpc":"2.0","id":7,"method":"no/such"}', -32601, 7),
    ])
def test_malformed_line_is_answered_and_serving_goes_on(server, line, code, id):
    server.send_bytes(line + b"\n")
    reply = server.receive()
    assert reply["error"]["code"] == code
    assert reply["id"] == id
    assert server.request("ping")["result"] == {}


def test_bytes_in_pieces_empty_lines_and_carriage_returns(server):
    for byte in b'\r\n\n{"jsonrpc":"2.0","id":"\xc3\xa9","method":"ping"}\r\n':
        server.send_bytes(bytes([byte]))
    assert server.receive() == {"jsonrpc": "2.0", "id": "\u00e9", "result": {}}


def test_line_above_eight_megabytes_is_refused(server):
    server.send_bytes(b'{"x":"' + b"a" * (8 << 20) + b'"}\n')
    assert server.receive(20)["error"]["code"] == -32600
    assert server.request("ping")["result"] == {}


def test_large_argument_is_answered_shortly(server):
    text = server.error_text("train", {"case_dir": "x" * 1_000_000})
    assert len(text) < 1000 and "case_dir" in text


def test_every_id_is_answered_once_with_its_type(server):
    ids = [1, "1", -5, 2**62, "", "\u2028", "x" * 1000]
    for id in ids:
        server.post("ping", id=id)
    replies = [server.receive()["id"] for _ in ids]
    assert [(type(id), id) for id in replies] == [(type(id), id) for id in ids]


def test_two_hundred_pipelined_calls(server):
    ids = []
    for number in range(200):
        name = ["list_runs", "status", "validate_case", "no_such_tool"][number % 4]
        arguments = {"case_dir": "examples/single-hydro"} if name == "validate_case" else {}
        ids.append(server.post_call(name, arguments))
    replies = {}
    for _ in ids:
        reply = server.receive(30)
        assert reply["id"] not in replies
        replies[reply["id"]] = reply
    assert sorted(replies) == sorted(ids)
    assert sum("error" in reply for reply in replies.values()) == 50


def test_id_in_flight_is_refused(start, runs_dir):
    server = start()
    server.ok("train", {"case_dir": "examples/four-areas", "iterations": 100000, "wait_seconds": 0})
    server.post_call("status", {"wait_seconds": 5}, id="same")
    second = server.post_call("status", {}, id="same")
    assert server.receive(4)["error"]["code"] == -32600
    assert second == "same"
    assert "result" in server.reply("same", 15)


def test_startup_is_quick_and_has_no_side_effects(tmp_path):
    """Median time from the start of the process to the reply to the first tools/list."""
    times = []
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    request = b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n'
    for _ in range(5):
        started = time.monotonic()
        process = subprocess.Popen(
            [SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", env=environment)
        process.stdin.write(request)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        times.append(time.monotonic() - started)
        process.stdin.close()
        assert process.wait(5) == 0
    assert list(tmp_path.iterdir()) == []
    # The target is 100 ms. A machine that is busy with something else may take longer now and then.
    assert sorted(times)[2] < 0.25, times


def test_scrubbed_environment_from_the_root_directory(runs_dir):
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    lines = (
        '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":'
        '{"name":"validate_case","arguments":{"case_dir":"examples/four-areas"}}}\n')
    done = subprocess.run(
        [SERVER, "--runs-dir", runs_dir], input=lines.encode(), stdout=subprocess.PIPE, cwd="/", env=environment,
        timeout=10, check=True)
    assert json.loads(done.stdout)["result"]["structuredContent"]["valid"] is True


def test_sigterm_ends_with_status_zero(server):
    server.request("ping")
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(2) == 0


def test_client_that_stops_reading_ends_the_server(runs_dir):
    process = subprocess.Popen(
        [SERVER, "--runs-dir", runs_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    process.stdout.close()
    process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    process.stdin.flush()
    assert process.wait(5) == 0
    process.stdin.close()


def test_an_idle_server_ends_when_its_client_has_closed_stdout(runs_dir):
    process = subprocess.Popen(
        [SERVER, "--runs-dir", runs_dir], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    process.stdin.flush()
    assert process.stdout.readline()
    process.stdout.close()
    # Nothing is written that could fail, and stdin stays open.
    assert process.wait(5) == 0
    process.stdin.close()


def test_help_and_version_are_on_stdout():
    done = subprocess.run([SERVER, "--help"], stdout=subprocess.PIPE, text=True, timeout=10, check=True)
    for option in ("--runs-dir", "--allow-dir", "--max-wait-seconds", "--log-level", "--worker"):
        assert option in done.stdout
    wrong = subprocess.run(
        [SERVER, "--log-level", "loud"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=10)
    assert wrong.returncode != 0 and wrong.stdout == "" and "loud" in wrong.stderr
