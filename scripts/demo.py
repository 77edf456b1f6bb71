#!/usr/bin/env python3
"""Sends the lines of a file to the server and shows the training they start as a table.

Usage: demo.py [--server PATH] [--requests FILE]

Each line is one JSON-RPC message. The next is sent when a request has been answered. When the last answer still shows a
run on its way, the last line is sent again until the run has ended. Standard library only.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
ON_THE_WAY = {"queued", "starting", "running", "cancelling"}
# More than any training of a shipped case takes on a slow machine: status waits up to 45 seconds each time.
MAXIMUM_POLLS = 20


class Server:
    def __init__(self, command):
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def request(self, message):
        self.send(message)
        for line in self.process.stdout:
            reply = json.loads(line)
            if reply.get("id") == message["id"]:
                return reply
        sys.exit("demo: the server has ended without an answer; its messages stand above.")

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


def content(reply):
    """The structured content of a tool call. Ends the program if the call failed."""
    if "error" in reply:
        sys.exit(f"demo: {reply['error']['message']}")
    result = reply["result"]
    if result.get("isError"):
        sys.exit("demo: " + result["content"][0]["text"])
    return result.get("structuredContent")


def number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def show(status):
    table = status["convergence"]
    rows = [dict(zip(table["columns"], row)) for row in table["rows"]]
    print(f"\n{'iteration':>9}  {'lower bound $':>20}  {'upper bound $':>20}  {'± 95 %':>18}  {'gap %':>8}  {'seconds':>8}")
    for row in rows:
        gap = None if row["gap"] is None else 100 * row["gap"]
        print(
            f"{row['iteration']:>9}  {number(row['lower_bound']):>20}  {number(row['upper_bound']):>20}  "
            f"{number(row['upper_bound_ci95']):>18}  {number(gap):>8}  {number(row['elapsed_seconds']):>8}")
    print(f"\nrun            {status['run_id']} ({status['state']})")
    print(f"case           {status['case_dir']}")
    print(f"backend        {status['backend']} on {status['num_workers']} worker(s): {status['backend_reason']}")
    print(f"final bound    {number(status['lower_bound'])} $ after {status['iteration']} iterations")
    print(
        f"upper bound    {number(status['upper_bound'])} ± {number(status['upper_bound_ci95'])} $ "
        f"(estimate of the last iteration)")
    if status.get("simulation"):
        simulated = status["simulation"]
        print(
            f"simulation     {number(simulated['mean_cost'])} ± {number(simulated['mean_cost_ci95'])} $ "
            f"over {simulated['scenarios']} scenarios")


def main():
    parser = argparse.ArgumentParser(description="Train a shipped case through the server and show the result.")
    parser.add_argument("--server", default=str(ROOT / ".build/release/cobre-mcp"))
    parser.add_argument("--requests", default=str(ROOT / "examples/requests/train.jsonl"))
    options = parser.parse_args()
    messages = [json.loads(line) for line in pathlib.Path(options.requests).read_text().splitlines() if line.strip()]

    with tempfile.TemporaryDirectory(prefix="cobre-demo-") as runs:
        server = Server([options.server, "--runs-dir", runs])
        status = None
        for message in messages:
            if "id" not in message:
                server.send(message)
                continue
            name = message.get("params", {}).get("name", message["method"])
            reply = server.request(message)
            facts = content(reply) if message["method"] == "tools/call" else None
            if facts and "state" in facts:
                print(f"{name}: {facts['state']}. {facts['next']}")
                status = facts
            elif facts:
                print(f"{name}: {facts['next']}")
            else:
                print(f"{name}: done")
        polls = 0
        while status and status["state"] in ON_THE_WAY:
            polls += 1
            if polls > MAXIMUM_POLLS:
                sys.exit("demo: the run has not ended in time; see the messages above.")
            message = dict(messages[-1], id=f"poll-{polls}")
            status = content(server.request(message))
        server.close()
        if not status or "convergence" not in status:
            sys.exit("demo: the requests show no run; the last one must be a status call with since_iteration.")
        show(status)
        if status["state"] != "succeeded":
            sys.exit(f"demo: the run ended as {status['state']}: {status.get('error')}")


if __name__ == "__main__":
    main()
