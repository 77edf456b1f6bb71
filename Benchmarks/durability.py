"""What a client sees of start-up, refusals, deaths and long use. Prints one line of JSON.

    python3 durability.py [--calls 10000] [--rounds 5] [--server PATH]
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from server import Client

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATIENCE = 60


def first_list(server: str) -> float:
    """Seconds from starting the process to the answer to its first tools/list."""
    begin = time.perf_counter()
    process = subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", bufsize=0)
    process.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}\n')
    process.stdout.readline()
    elapsed = time.perf_counter() - begin
    process.stdin.close()
    process.wait(timeout=10)
    process.stdout.close()
    return elapsed


def memory(pid: int) -> float:
    """Resident megabytes."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait_for(client: Client, condition) -> dict:
    deadline = time.monotonic() + PATIENCE
    while not condition(status := client.call("status")):
        assert time.monotonic() < deadline, status
        time.sleep(0.005)
    return status


def recovery(client: Client, runs: str, who: str) -> float:
    """Seconds from killing a rank or the supervisor to the next iteration that a client sees."""
    run = client.call("train", case_dir="examples/single-hydro", iterations=1_000_000, backend="shm", num_workers=2,
                      forward_passes=2, wait_seconds=0)["run_id"]
    status = wait_for(client, lambda status: status["iteration"] >= 3)
    if who == "rank":
        victim = next(worker["pid"] for worker in status["workers"] if worker["rank"] == 1)
    else:
        with sqlite3.connect(f"file:{runs}/{run}/run.sqlite?mode=ro", uri=True) as database:
            victim = database.execute("SELECT supervisor_pid FROM run").fetchone()[0]
    os.kill(victim, signal.SIGKILL)
    begin = time.perf_counter()
    if who == "rank":
        # Iterations that were written before the death do not count: the new ranks are others.
        before = {worker["pid"] for worker in status["workers"]}
        last = wait_for(client, lambda status: len(status["workers"]) == 2 and not before & {
            worker["pid"] for worker in status["workers"]})["iteration"]
    else:
        wait_for(client, lambda status: status["state"] == "interrupted")
        last = client.call("resume", run_id=run, wait_seconds=0)["iteration"]
    wait_for(client, lambda status: status["iteration"] > last and status["state"] == "running")
    elapsed = time.perf_counter() - begin
    client.call("cancel", run_id=run)
    client.call("status", run_id=run, wait_seconds=20)
    return elapsed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--server", default=str(ROOT / ".build/release/cobre-mcp"))
    arguments = parser.parse_args()
    # Ending this script ends its trainings too: they stop when their directory is gone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    figures = {}

    def note(name: str, times: list[float], scale: float = 1) -> None:
        figures[f"{name}_lowest"] = scale * min(times)
        figures[f"{name}_median"] = scale * statistics.median(times)

    note("first_list_ms", [first_list(arguments.server) for _ in range(arguments.rounds)], 1e3)
    runs = tempfile.mkdtemp(prefix="cobre-bench-")
    broken = pathlib.Path(runs) / "broken"
    shutil.copytree(ROOT / "examples/four-areas", broken)
    (broken / "stages.json").write_text("{")
    os.chdir(ROOT)
    client = Client([arguments.server, "--runs-dir", runs, "--allow-dir", runs, "--allow-dir", str(ROOT / "examples")])
    try:
        times = []
        for _ in range(arguments.rounds):
            begin = time.perf_counter()
            try:
                client.call("train", case_dir=str(broken))
            except RuntimeError as error:
                assert "stages.json" in str(error)
            times.append(time.perf_counter() - begin)
        note("unreadable_case_ms", times, 1e3)
        for who in ("rank", "supervisor"):
            note(f"recovery_seconds_{who}", [recovery(client, runs, who) for _ in range(arguments.rounds)])
        run = client.call(
            "train", case_dir="examples/four-areas", iterations=1_000_000, num_workers=1, wait_seconds=0)["run_id"]
        wait_for(client, lambda status: status["iteration"] >= 1)
        times = []
        calls = [("status", {}), ("list_runs", {}), ("describe_case", {"case_dir": "examples/single-hydro"}),
                 ("get_schema", {})]
        for number in range(arguments.calls):
            name, what = calls[number % len(calls)]
            begin = time.perf_counter()
            client.call(name, **what)
            if name == "status":
                times.append(time.perf_counter() - begin)
            if number == arguments.calls // 10:
                figures["memory_mb_after_a_tenth"] = memory(client.process.pid)
        figures["memory_mb_after_all"] = memory(client.process.pid)
        note("status_ms", times, 1e3)
        figures["status_ms_99_percent"] = 1e3 * statistics.quantiles(times, n=100)[98]
        client.call("cancel", run_id=run)
    finally:
        client.close()
        shutil.rmtree(runs, ignore_errors=True)
        # What was measured before something failed counts too.
        print(json.dumps({name: round(value, 3) for name, value in figures.items()}, sort_keys=True))


if __name__ == "__main__":
    main()
