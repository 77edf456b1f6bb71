#!/usr/bin/env python3
"""Measures what the Python package costs and bears: see `--help`.

    PYTHON Benchmarks/package.py overhead CASE [--iterations N] [--rounds R]
    PYTHON Benchmarks/package.py kills CASE [--count N]
    PYTHON Benchmarks/package.py evaluate CASE [--cuts N] [--states N]

PYTHON is the interpreter of an environment in which the wheel is installed (`evaluate` needs NumPy, too). `overhead` trains in turns by
the bare worker and by `cobre.train`, alone and with two processes. `kills` kills one random rank of each of N trainings at a random
moment and looks for what is left behind. `evaluate` values states with a policy that has at least so many cuts after its first stage.
"""

import argparse
import os
import pathlib
import random
import signal
import statistics
import subprocess
import tempfile
import threading
import time

import cobre
from cobre import _library


def timed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def overhead(options):
    worker = _library.worker_path()
    cobre.engine_version()
    ways = {
        "worker train, one process": lambda place, n: subprocess.run(
            [worker, "train", options.case, "--output", place, "--iterations", str(n)], check=True, stdout=subprocess.DEVNULL),
        "cobre.train, one process": lambda place, n: cobre.train(
            options.case, iterations=n, runs_dir=place, progress=False),
        "worker start --wait, two processes": lambda place, n: subprocess.run(
            [worker, "start", options.case, "--runs-dir", place, "--backend", "shm", "--workers", "2", "--iterations", str(n),
             "--wait", "3600"], check=True, stdout=subprocess.DEVNULL),
        "cobre.train, two processes": lambda place, n: cobre.train(
            options.case, num_workers=2, iterations=n, runs_dir=place, progress=False),
    }  # fmt: skip
    seconds = {(name, n): [] for name in ways for n in (1, options.iterations)}
    for _ in range(options.rounds):
        for name, n in seconds:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
                seconds[name, n].append(timed(lambda: ways[name](os.path.join(scratch, "run"), n)))
    for (name, n), values in seconds.items():
        print(f"{name:36} {n:6} iterations: median {statistics.median(values):8.3f} s, best {min(values):8.3f} s")


def left_behind(runs_dir):
    """Processes and segments of a runs directory that has nothing to compute any more."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if os.fsencode(runs_dir) in words and b"cobre-worker" in words and state != "Z":
            found.append(f"process {entry.name}")
    return found


def kills(options):
    random.seed(options.seed)
    errors = finished = late = 0
    segments = set(os.listdir("/dev/shm"))
    for number in range(options.count):
        workers = random.randint(2, 4)
        backend = random.choice(["shm", "tcp"])
        moment = random.uniform(0, 1.0)
        with tempfile.TemporaryDirectory() as runs_dir:
            stop = threading.Event()

            def kill():
                began = time.monotonic()
                while not stop.is_set():
                    for run in cobre.runs(runs_dir):
                        pids = [each["pid"] for each in run.status["workers"] if each.get("pid")]
                        if len(pids) == workers and time.monotonic() - began >= moment:
                            try:
                                os.kill(random.choice(pids), signal.SIGKILL)
                            except ProcessLookupError:
                                pass
                            return
                    time.sleep(0.005)

            killer = threading.Thread(target=kill)
            killer.start()
            began = time.monotonic()
            try:
                cobre.train(
                    options.case, backend=backend, num_workers=workers, iterations=options.iterations, restarts=0,
                    runs_dir=runs_dir, progress=False)  # fmt: skip
                finished += 1
            except cobre.WorkerError as error:
                assert error.rank is not None and error.signal == signal.SIGKILL, (error, error.details)
                errors += 1
            finally:
                stop.set()
                killer.join()
            late = max(late, time.monotonic() - began)
            # The supervisor may still be on its way out.
            for _ in range(200):
                rest = left_behind(runs_dir)
                if not rest:
                    break
                time.sleep(0.01)
            assert not rest, (number, rest)
        # A name holds the process that made the segment: those of other runs on the machine are theirs. So are folders, which
        # hold the files of an MPI library.
        new = {
            name for name in set(os.listdir("/dev/shm")) - segments
            if name.startswith("cobre-") and os.path.isfile(f"/dev/shm/{name}")
            and not os.path.exists(f"/proc/{name.split('-')[1]}")
        }  # fmt: skip
        assert not new, (number, new)
    print(f"{options.count} kills: {errors} WorkerError, {finished} finished, nothing left behind, slowest {late:.1f} s")


def evaluate(options):
    import numpy

    with tempfile.TemporaryDirectory() as runs_dir:
        run = cobre.train(
            options.case, iterations=-(-options.cuts // 50), forward_passes=50, simulate=0, runs_dir=runs_dir, progress=False).run
        policy = run.policy
        cuts = policy.cut_matrix(0)
        intercepts, slopes = numpy.asarray(cuts.intercepts), numpy.asarray(cuts.slopes)
        generator = numpy.random.default_rng(1)
        start = numpy.asarray(policy.initial_state)
        states = start * generator.uniform(0.2, 1.8, (options.states, start.size))
        seconds = timed(lambda: policy.evaluate(0, states))
        values = policy.evaluate(0, states[:1000])
        plain = (states[:1000] @ slopes.T + intercepts).max(axis=1)
        assert numpy.allclose(values, plain, rtol=1e-12), abs(values - plain).max()
        print(f"{options.states} states, {intercepts.size} cuts of {start.size} components: {seconds:.3f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["overhead", "kills", "evaluate"])
    parser.add_argument("case")
    parser.add_argument("--iterations", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cuts", type=int, default=5000)
    parser.add_argument("--states", type=int, default=1_000_000)
    options = parser.parse_args()
    {"overhead": overhead, "kills": kills, "evaluate": evaluate}[options.what](options)


if __name__ == "__main__":
    main()
