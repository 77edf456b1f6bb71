"""Trains a case through the server, as a client would, and times what the client sees."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import time


class Client:
    """A minimal MCP client: one request at a time over the server's standard streams."""

    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.next_id = 0
        self.request("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                    "clientInfo": {"name": "benchmark", "version": "1"}})
        self.send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def send(self, message: dict) -> None:
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def request(self, method: str, params: dict) -> dict:
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("the server ended")
            message = json.loads(line)
            if message.get("id") == self.next_id:
                if "error" in message:
                    raise RuntimeError(message["error"]["message"])
                return message["result"]

    def call(self, name: str, **arguments) -> dict:
        result = self.request("tools/call", {"name": name, "arguments": arguments})
        if result.get("isError"):
            raise RuntimeError(result["content"][0]["text"])
        return result["structuredContent"]

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)


def train(root: pathlib.Path, case: pathlib.Path, workers: int, iterations: int | None) -> dict:
    """Starts a training, follows it closely until the first iteration, then waits for its end."""
    runs = tempfile.mkdtemp(prefix="cobre-bench-")
    client = Client([str(root / ".build/release/cobre-mcp"), "--runs-dir", runs, "--allow-dir", str(case.parent)])
    try:
        # Other processes than the first may have to be loaded from disk. That is not what is measured here.
        client.call("validate_case", case_dir=str(case))
        arguments = {"case_dir": str(case), "num_workers": workers, "wait_seconds": 0}
        if iterations:
            arguments["iterations"] = iterations
        begin = time.perf_counter()
        answer = client.call("train", **arguments)
        first = None
        while first is None:
            answer = client.call("status", run_id=answer["run_id"], wait_seconds=0)
            if answer["iteration"] >= 1 or answer["state"] in ("failed", "succeeded"):
                first = time.perf_counter() - begin
            else:
                time.sleep(0.002)
        deadline = time.monotonic() + 900
        while answer["state"] not in ("succeeded", "failed", "cancelled", "interrupted"):
            if time.monotonic() > deadline:
                raise RuntimeError("the training took more than 15 minutes")
            answer = client.call("status", run_id=answer["run_id"], wait_seconds=30)
        total = time.perf_counter() - begin
        if answer["state"] != "succeeded":
            raise RuntimeError(f"the run ended as {answer['state']}: {answer.get('error')}")
        # Of the iterations alone: the time of a run holds the start of its processes and a simulation too.
        history = client.call("convergence", run_id=answer["run_id"], points=2)["convergence"]
        seconds = history["rows"][-1][history["columns"].index("elapsed_seconds")]
        return {
            "training seconds": seconds,
            "seconds per iteration": seconds / answer["iteration"],
            "first iteration seen, seconds": first,
            "tools/call to the end, seconds": total,
            "lower bound": answer["lower_bound"],
            "iterations": answer["iteration"],
        }
    finally:
        client.close()
        shutil.rmtree(runs, ignore_errors=True)
