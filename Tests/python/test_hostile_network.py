"""Strangers on the port of ranks that are started by hand, and what can be learnt or changed between the ranks."""

import hashlib
import hmac
import os
import random
import socket
import struct
import subprocess
import threading
import time

import pytest

from conftest import ROOT, WORKER
from hostile import TALLY, amount

TOKEN = "a-secret-of-the-tests-8f2b61"


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return struct.pack("<I", value ^ 0xFFFFFFFF)


def hello(rank=1, size=2, problem=0, proves=1, nonce=bytes(32), version=5):
    data = b"COBRETCP" + struct.pack("<IIIIQII", version, 76, rank, size, problem, 77, proves) + nonce
    return data + crc32c(data)


def proof(value):
    return b"COEPROOF" + value + crc32c(b"COEPROOF" + value)


def derived(token, label, challenge, rank=1, size=2, problem=0, proves=1, nonce=bytes(32)):
    message = b"cobre tcp" + bytes([label, 1]) + struct.pack("<IIIQII", 5, rank, size, problem, 77, proves)
    return hmac.new(token.encode(), message + nonce + challenge[16:48], hashlib.sha256).digest()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Group:
    """Two ranks over tcp, started by hand."""

    def __init__(self, directory, token=TOKEN, proves="1", iterations=3):
        self.port = free_port()
        self.directory = directory
        self.token = token
        self.proves = proves
        self.iterations = iterations
        self.ranks = {}

    def start(self, rank, port=None, token=None):
        environment = {
            **os.environ, "COBRE_COMM_BACKEND": "tcp", "COBRE_TCP_COORDINATOR": "127.0.0.1",
            "COBRE_TCP_PORT": str(port or self.port), "COBRE_TCP_SIZE": "2", "COBRE_TCP_RANK": str(rank),
            "COBRE_TCP_TOKEN": token or self.token,
            # Two thousand strangers take their time, and rank 0 gives up where the group has not formed by then.
            "COBRE_TCP_CONNECT_TIMEOUT_MS": amount("20000", "600000"),
            "COBRE_TCP_PROVE": self.proves}
        self.ranks[rank] = subprocess.Popen(
            [str(WORKER), "train", "examples/single-hydro", "--output", str(self.directory), "--iterations",
             str(self.iterations)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return self.ranks[rank]

    def connect(self):
        deadline = time.monotonic() + 15
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=7)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def end(self):
        outputs = {}
        for rank, process in self.ranks.items():
            try:
                outputs[rank] = process.communicate(timeout=40)[0].decode(errors="replace")
            except subprocess.TimeoutExpired:
                process.kill()
                outputs[rank] = "HANGS " + process.communicate()[0].decode(errors="replace")
        return outputs


def everything(connection):
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except (ConnectionResetError, TimeoutError):
        pass
    return data


@pytest.fixture
def group(tmp_path):
    made = Group(tmp_path / "run")
    yield made
    for process in made.ranks.values():
        if process.poll() is None:
            process.kill()
            process.communicate()


def test_strangers_do_not_get_in_and_do_not_get_in_the_way(group):
    group.start(0)
    generator = random.Random(20261129)
    first = group.connect()
    first.sendall(hello())
    seen = b""
    while len(seen) < 84:
        seen += first.recv(84 - len(seen))
    known = derived(TOKEN, 1, seen)
    TALLY.check("strangers", seen[:8] == b"COHLLNGE" and seen[48:80] == known, "rank 0 proves the secret")
    TALLY.check("strangers", TOKEN.encode() not in seen)
    # Its own proof sent back, a proof for another nonce, one of another secret, none.
    wrong = [known, derived(TOKEN, 2, bytes(84)), derived("guessed", 2, seen), bytes(32)]
    for value in wrong + [generator.randbytes(32) for _ in range(amount(4, 200))]:
        with group.connect() as thief:
            thief.sendall(hello())
            challenge = b""
            while len(challenge) < 84:
                challenge += thief.recv(84 - len(challenge))
            TALLY.check("strangers", challenge[16:48] != seen[16:48], "a challenge came twice")
            thief.sendall(proof(value))
            answer = everything(thief)
            TALLY.check("strangers", len(answer) == 540 and answer[12] == 0 and b"token" in answer, f"{answer[:60]}")
    first.close()
    openings = [
        b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00", bytes(1000), hello(version=4), hello(version=4)[:16],
        hello(version=6), hello()[:-1] + b"x", proof(known), hello() + proof(known) * 3, hello() * 2,
    ] + [generator.randbytes(generator.randrange(1, 400)) for _ in range(amount(20, 2000))]
    for opening in openings:
        with group.connect() as stranger:
            try:
                stranger.sendall(opening)
            except (BrokenPipeError, ConnectionResetError):
                pass
            stranger.settimeout(7)
            answer = everything(stranger)
            TALLY.check("strangers", b"\x01\x00\x00\x00" != answer[12:16] or answer[:8] != b"COANSWER", f"{opening[:40]}")
    silent = [group.connect() for _ in range(amount(50, 400))]
    group.start(1)
    outputs = group.end()
    for connection in silent:
        connection.close()
    codes = {rank: process.returncode for rank, process in group.ranks.items()}
    TALLY.check("strangers", codes == {0: 0, 1: 0}, f"{codes} {outputs}")
    TALLY.check("strangers", len(outputs[0]) < 20_000, f"{len(outputs[0])} bytes of log")
    TALLY.check("secrets", all(TOKEN not in output for output in outputs.values()))


def test_a_rank_tells_a_stranger_nothing(group):
    """A stranger listens where rank 0 should be, and tries what it likes."""
    replies = [
        b"COHLLNGE" + struct.pack("<II", 5, 1) + bytes(64), b"COANSWER" + struct.pack("<IIII", 5, 1, 1, 0) + bytes(512),
        bytes(84), b"HTTP/1.1 400 Bad Request\r\n\r\n"]
    for reply in replies:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            rank = group.start(1, port=listener.getsockname()[1])
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(7)
                heard = b""
                while len(heard) < 76:
                    heard += connection.recv(4096)
                try:  # the rank may hang up as soon as it has read enough to see a stranger
                    connection.sendall(reply + crc32c(reply))
                    connection.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                heard += everything(connection)
            listener.close()
        output = rank.communicate(timeout=40)[0]
        TALLY.check("secrets", rank.returncode != 0, "it joined a stranger")
        TALLY.check("secrets", TOKEN.encode() not in heard and TOKEN.encode() not in output)
        TALLY.check("secrets", set(heard[76 + 8:76 + 40]) <= {0}, "it proved something to a stranger")


def test_a_secret_is_in_no_command_line_and_no_file(group):
    for rank in (0, 1):
        group.start(rank)
    for process in group.ranks.values():
        with open(f"/proc/{process.pid}/cmdline", "rb") as file:
            TALLY.check("secrets", TOKEN.encode() not in file.read())
    outputs = group.end()
    TALLY.check("secrets", all(TOKEN not in output for output in outputs.values()), f"{outputs}")
    for path in group.directory.rglob("*"):
        if path.is_file():
            TALLY.check("secrets", TOKEN.encode() not in path.read_bytes(), path)


class Tamperer(threading.Thread):
    """Sits between two ranks, and changes one byte of what the rank sends, after a number of bytes."""

    def __init__(self, target, place, kind):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.target, self.place, self.kind = target, place, kind
        self.has_struck = False

    def run(self):
        rank, _ = self.listener.accept()
        with rank, socket.create_connection(("127.0.0.1", self.target)) as hub:
            threading.Thread(target=self.pump, args=(hub, rank, None), daemon=True).start()
            self.pump(rank, hub, self.place)
            time.sleep(1)

    def pump(self, source, sink, place):
        passed = 0
        try:
            while data := source.recv(65536):
                if place is not None and passed <= place < passed + len(data):
                    at = place - passed
                    self.has_struck = True
                    if self.kind == "change":
                        data = data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
                    elif self.kind == "insert":
                        data = data[:at] + b"\0" + data[at:]
                    elif self.kind == "repeat":
                        data = data[:at] + data[max(0, at - 128):at] + data[at:]
                    else:
                        data = data[:at] + data[at + 1:]
                passed += len(data)
                sink.sendall(data)
        except OSError:
            pass


@pytest.mark.parametrize("kind", ["change", "insert", "repeat", "remove"])
def test_what_is_changed_between_ranks_is_found(kind, tmp_path):
    # Behind hello and proof, 120 bytes, everything is a message.
    for number, place in enumerate(amount([130, 700], [121, 130, 160, 200, 230, 300, 700, 1400, 2000])):
        group = Group(tmp_path / f"run{number}")
        group.start(0)
        group.connect().close()
        tamperer = Tamperer(group.port, place, kind)
        tamperer.start()
        group.start(1, port=tamperer.port)
        outputs = group.end()
        codes = [process.returncode for process in group.ranks.values()]
        assert tamperer.has_struck, f"the rank sent fewer than {place} bytes"
        TALLY.check("tampering", all(code != 0 for code in codes), f"{kind} at {place}: {codes} {outputs}")
        TALLY.check("tampering", not any(text.startswith("HANGS") for text in outputs.values()), f"{kind} {place}")
