"""A client that writes and reads raw lines, as a shell script would."""

import json
import queue
import subprocess
import threading
import time

MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


def strict_json(line):
    """Parses what JavaScript would: no NaN, no infinities, no duplicate keys."""

    def refuse(constant):
        raise ValueError(f"{constant} is not JSON")

    def unique(pairs):
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"duplicate keys in {keys}"
        return dict(pairs)

    return json.loads(line, parse_constant=refuse, object_pairs_hook=unique)


def check_message(message):
    """One message of the server is well formed by JSON-RPC."""
    assert isinstance(message, dict), message
    assert message["jsonrpc"] == "2.0"
    if "method" in message:
        assert "id" not in message, "the server sends no requests"
        assert set(message) <= {"jsonrpc", "method", "params"}
    else:
        assert set(message) in ({"jsonrpc", "id", "result"}, {"jsonrpc", "id", "error"})
        if "error" in message:
            assert isinstance(message["error"]["code"], int) and isinstance(message["error"]["message"], str)


class RawServer:
    def __init__(self, command, cwd=None, env=None):
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        self.lines = []
        self.replies = queue.Queue()
        self.notifications = []
        self.unclaimed = {}
        self.next_id = 1000
        self.errors = bytearray()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.error_reader = threading.Thread(target=self._read_errors, daemon=True)
        self.error_reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            try:
                message = strict_json(line.decode("utf-8"))
            except ValueError:
                continue
            if isinstance(message, dict) and "method" in message:
                self.notifications.append(message)
            else:
                self.replies.put(message)
        self.replies.put(None)

    def _read_errors(self):
        for line in self.process.stderr:
            self.errors += line

    def send_bytes(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        self.send_bytes(json.dumps(message).encode() + b"\n")

    def post(self, method, params=None, id=None):
        """Sends a request and returns its id."""
        if id is None:
            self.next_id += 1
            id = self.next_id
        message = {"jsonrpc": "2.0", "id": id, "method": method}
        if params is not None:
            message["params"] = params
        self.send(message)
        return id

    def post_call(self, name, arguments=None, id=None, meta=None):
        params = {"name": name, "arguments": arguments or {}}
        if meta is not None:
            params["_meta"] = meta
        return self.post("tools/call", params, id)

    def receive(self, timeout=10):
        """The next reply, whatever its id."""
        message = self.replies.get(timeout=timeout)
        assert message is not None, f"the server closed its output; stderr: {self.errors.decode(errors='replace')}"
        return message

    def reply(self, id, timeout=10):
        """The reply to one request; others are kept for later."""
        deadline = time.monotonic() + timeout
        key = json.dumps(id)
        while key not in self.unclaimed:
            message = self.receive(max(0.01, deadline - time.monotonic()))
            self.unclaimed[json.dumps(message.get("id"))] = message
        return self.unclaimed.pop(key)

    def request(self, method, params=None, id=None, timeout=10):
        return self.reply(self.post(method, params, id), timeout)

    def call(self, name, arguments=None, timeout=30, meta=None):
        """The result of a tool call."""
        message = self.reply(self.post_call(name, arguments, meta=meta), timeout)
        assert "result" in message, message
        return message["result"]

    def ok(self, name, arguments=None, timeout=30):
        """The structured content of a tool call that must succeed."""
        result = self.call(name, arguments, timeout)
        assert not result.get("isError"), result["content"]
        return result["structuredContent"]

    def error_text(self, name, arguments=None, timeout=30):
        """The text of a tool call that must fail."""
        result = self.call(name, arguments, timeout)
        assert result["isError"] is True, result
        return result["content"][0]["text"]

    def close_input(self):
        if not self.process.stdin.closed:
            self.process.stdin.close()

    def close(self, timeout=5):
        """Closes the input and waits for the end; returns the seconds it took."""
        started = time.monotonic()
        try:
            self.close_input()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        elapsed = time.monotonic() - started
        self.reader.join(timeout)
        self.error_reader.join(timeout)
        return elapsed

    def check_output(self):
        """Every byte on stdout belonged to a valid message."""
        for line in self.lines:
            assert line.endswith(b"\n"), f"cut off: {line[:200]}"
            message = strict_json(line.decode("utf-8"))
            for part in message if isinstance(message, list) else [message]:
                check_message(part)
