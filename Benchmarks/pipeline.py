"""How soon `status` is answered while 200 other calls are in progress during a training. Prints one line of JSON.

    python3 pipeline.py [--case examples/four-areas] [--calls 200] [--rounds 20] [--workers 1] [--server PATH]

Each round sends all calls at once, without waiting for answers, with a `status` among them, and measures the time from
sending it to its answer. The rounds differ in what the other calls are.
"""

import argparse
import json
import pathlib
import shutil
import signal
import statistics
import sys
import tempfile
import time

from server import Client

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATIENCE = 60
# What the other calls are: those that read a run, those that read a case, and some of each.
MIXTURES = {
    "reading runs": [("list_runs", {}), ("convergence", {}), ("status", {"since_iteration": 0})],
    "reading cases": [("describe_case", {"case_dir": "examples/single-hydro"}), ("get_schema", {}),
                      ("validate_case", {"case_dir": "examples/single-hydro"})],
    "waiting": [("status", {"wait_seconds": 1})],
}
MIXTURES["all"] = [call for calls in MIXTURES.values() for call in calls]


def post(client: Client, name: str, arguments: dict) -> int:
    client.next_id += 1
    client.send({"jsonrpc": "2.0", "id": client.next_id, "method": "tools/call",
                 "params": {"name": name, "arguments": arguments}})
    return client.next_id


def round_of(client: Client, calls: list, count: int, place: int) -> tuple[float, float]:
    """Seconds until the `status` at that position among the calls is answered, and until all are."""
    ids = set()
    began = time.perf_counter()
    for number in range(count):
        if number == place:
            sent = time.perf_counter()
            watched = post(client, "status", {})
            ids.add(watched)
        else:
            ids.add(post(client, *calls[number % len(calls)]))
    answered = None
    while ids:
        message = json.loads(client.process.stdout.readline())
        assert "result" in message and not message["result"]["isError"], message
        # Each id once: one that is answered twice is not there any more.
        ids.remove(message["id"])
        if message["id"] == watched:
            answered = time.perf_counter() - sent
    return answered, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", default="examples/four-areas")
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--server", default=str(ROOT / ".build/release/cobre-mcp"))
    arguments = parser.parse_args()
    # Ending this script ends its training too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    case = str((ROOT / arguments.case).resolve())
    runs = tempfile.mkdtemp(prefix="cobre-bench-")
    figures = {}
    client = Client([arguments.server, "--runs-dir", runs, "--allow-dir", case, "--allow-dir", str(ROOT / "examples")])
    try:
        client.call("train", case_dir=case, iterations=1_000_000, num_workers=arguments.workers, wait_seconds=0)
        deadline = time.monotonic() + PATIENCE
        while client.call("status")["iteration"] < 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for name, calls in MIXTURES.items():
            # Early, in the middle and last among the calls.
            places = [number * (arguments.calls - 1) // max(1, arguments.rounds - 1) for number in range(arguments.rounds)]
            times = [round_of(client, calls, arguments.calls, place) for place in places]
            of_status = [1e3 * one for one, _ in times]
            figures[f"{name}: status_ms_median"] = statistics.median(of_status)
            figures[f"{name}: status_ms_longest"] = max(of_status)
            figures[f"{name}: all_ms_median"] = 1e3 * statistics.median(total for _, total in times)
        assert client.call("status")["state"] == "running"
    finally:
        client.call("cancel", run_id=client.call("status")["run_id"])
        client.call("status", wait_seconds=20)
        client.close()
        shutil.rmtree(runs, ignore_errors=True)
        # What was measured before something failed counts too.
        print(json.dumps({name: round(value, 2) for name, value in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
