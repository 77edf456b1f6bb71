#!/usr/bin/env python3
"""Records the bits of trainings, to compare two builds of the worker or the backends of one.

Each case is trained on `local` with one and two threads and on `shm`, `tcp` and `mpi` with two ranks each. For every
run the digests of the bounds, the cuts, the policy with its checkpoint and the simulated figures are recorded. Usage:

    record-bits.py --worker .build/release/cobre-worker --output before.json --variants CASE...
    record-bits.py --worker .build/release/cobre-worker --output after.json --compare before.json --variants CASE...

With `--variants` the cases of `bit_cases.py` are added, which pass through every part of the algorithm.

Exits with 1 if backends of one case differ, or if a digest differs from the one in the file given with --compare.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile

import bit_cases

LAYOUTS = ("local-1", "local-2-threads", "shm-2", "tcp-2", "mpi-2")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def run(worker: str, case: pathlib.Path, output: pathlib.Path, layout: str, options: list[str]) -> str | None:
    """Trains. Returns why that failed, or None."""
    command = [worker, "train", str(case), "--output", str(output), *options]
    if layout == "local-2-threads":
        command += ["--threads-per-worker", "2"]
    if layout.startswith("local"):
        ranks = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)]
    elif layout == "mpi-2":
        environment = os.environ | {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        ranks = [
            subprocess.Popen(
                ["mpiexec", "--oversubscribe", "-n", "2", *command], env=environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True)
        ]
    else:
        kind = layout.split("-")[0]
        prefix = f"COBRE_{kind.upper()}_"
        shared = {"COBRE_COMM_BACKEND": kind, prefix + "SIZE": "2"}
        if kind == "shm":
            shared[prefix + "NAME"] = f"/cobre-bits-{os.getpid()}"
        else:
            shared |= {prefix + "COORDINATOR": "127.0.0.1", prefix + "PORT": str(free_port())}
        ranks = [
            subprocess.Popen(
                command, env=os.environ | shared | {prefix + "RANK": str(rank)}, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True) for rank in range(2)
        ]
    problems = []
    for rank in ranks:
        try:
            _, errors = rank.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            rank.kill()
            return "not over after 600 s"
        if rank.returncode:
            problems.append(errors.strip().splitlines()[-1] if errors.strip() else f"exit code {rank.returncode}")
    return "; ".join(problems) or None


def digests(directory: pathlib.Path) -> dict:
    database = sqlite3.connect(f"file:{directory / 'run.sqlite'}?mode=ro", uri=True)
    bounds = [row[0] for row in database.execute("SELECT lower_bound FROM convergence ORDER BY iteration")]

    def digest(query: str, database: sqlite3.Connection = database) -> str:
        state = hashlib.sha256()
        for row in database.execute(query):
            for field in row:
                state.update(
                    struct.pack("<d", field) if isinstance(field, float) else field if isinstance(field, bytes)
                    else str(field).encode())
        return state.hexdigest()[:24]

    tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
    found = {
        "iterations": len(bounds), "last_bound": bounds[-1].hex() if bounds else None,
        "bounds": digest("SELECT lower_bound FROM convergence ORDER BY iteration"),
        "cuts": digest("SELECT stage, position, iteration, intercept, coefficients FROM cut ORDER BY stage, position"),
    }
    policy = sqlite3.connect(f"file:{directory / 'policy' / 'policy.sqlite'}?mode=ro", uri=True)
    found["policy"] = digest("SELECT stage, position, active, intercept, coefficients FROM cut ORDER BY 1, 2", policy)
    found["states"] = digest("SELECT pool, contents FROM trial_states ORDER BY pool", policy)
    found["checkpoint"] = digest("SELECT contents FROM checkpoint ORDER BY iteration DESC LIMIT 1")
    if "simulation_value" in tables:
        columns = ", ".join(str(n + 1) for n in range(len(database.execute("SELECT * FROM simulation_value").description)))
        found["simulation"] = digest(f"SELECT * FROM simulation_value ORDER BY {columns}")
    return found


def differs(before: dict, now: dict) -> bool:
    """Whether the digests of a layout in both records differ. Layouts in only one of them are left out."""
    return any(
        before[layout].get(name, value) != value for layout in before.keys() & now.keys()
        for name, value in now[layout].items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", type=pathlib.Path)
    parser.add_argument("--variants", action="store_true")
    parser.add_argument("--worker", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--compare", type=pathlib.Path)
    parser.add_argument("--iterations", type=int, default=8)
    parser.add_argument("--layouts", default=",".join(LAYOUTS))
    parser.add_argument("--solver", help="of the worker, in place of its choice")
    arguments = parser.parse_args()
    options = ["--iterations", str(arguments.iterations), "--simulate", "20", "--keep", "stages"]
    if arguments.solver:
        options += ["--solver", arguments.solver]
    layouts = [name for name in arguments.layouts.split(",") if name != "mpi-2" or shutil.which("mpiexec")]
    record, faults = {}, []
    with tempfile.TemporaryDirectory() as directory:
        cases = arguments.cases + (bit_cases.write(pathlib.Path(directory)) if arguments.variants else [])
        for case in cases:
            record[case.name] = {}
            for layout in layouts:
                with tempfile.TemporaryDirectory() as work:
                    output = pathlib.Path(work) / "run"
                    problem = run(arguments.worker, case, output, layout, options)
                    record[case.name][layout] = {"problem": problem} if problem else digests(output)
            kinds = {json.dumps(found, sort_keys=True) for found in record[case.name].values()}
            print(f"{case.name}: {'the same bits' if len(kinds) == 1 else 'DIFFERENT'} on {', '.join(layouts)}", flush=True)
            if len(kinds) > 1:
                faults.append(f"{case.name} differs between backends: {record[case.name]}")
    arguments.output.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    if arguments.compare:
        before = json.loads(arguments.compare.read_text())
        for name, found in record.items():
            if differs(before.get(name, {}), found):
                faults.append(f"{name} differs from {arguments.compare}: {before[name]} then, {found} now")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
