#!/usr/bin/env python3
"""Trains a case with several backends, workers and threads: time, share of it in communication, memory.

    python3 hybrid.py WORKER CASE [--iterations N] [--passes M] [--repeat R] BACKEND:WORKERS:THREADS ...

Times are medians over the repetitions, which go through all variants in turn. The share in communication is for the
whole training, over all ranks. `wait` is the part of it before the last rank had arrived, the rest is transfer. Memory
is each rank's at its last reading: PSS (pages that ranks share count in part) and the largest resident set.
"""
import argparse, os, resource, secrets, shutil, socket, sqlite3, statistics, subprocess, sys, tempfile, time

QUIET = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
         "OMPI_MCA_hwloc_base_binding_policy": "none"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def commands(backend, workers, base):
    """Argument lists and environments of the processes of a group."""
    if backend == "local":
        return [(base, {})]
    if backend == "mpi":
        return [(["mpiexec", "-n", str(workers), *base], QUIET)]
    if backend == "shm":
        name = "/cobre-bench-" + secrets.token_hex(8)
        return [(base, {"COBRE_COMM_BACKEND": "shm", "COBRE_SHM_NAME": name, "COBRE_SHM_RANK": str(r),
                        "COBRE_SHM_SIZE": str(workers)}) for r in range(workers)]
    common = {"COBRE_COMM_BACKEND": "tcp", "COBRE_TCP_COORDINATOR": "127.0.0.1", "COBRE_TCP_BIND_ADDR": "127.0.0.1",
              "COBRE_TCP_PORT": free_port(), "COBRE_TCP_SIZE": str(workers), "COBRE_TCP_TOKEN": secrets.token_hex(16)}
    return [(base, {**common, "COBRE_TCP_RANK": str(r)}) for r in range(workers)]


def run(worker, case, backend, workers, threads, options):
    """Runs one training. Returns the figures of its database, and the processor time of its processes."""
    scratch = tempfile.mkdtemp(prefix="cobre-hybrid-")
    try:
        output = scratch + "/run"
        base = [worker, "train", case, "--output", output, "--simulate", "0", "--threads-per-worker", str(threads), *options]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        group = [subprocess.Popen(c, env={**os.environ, **e}, stdout=subprocess.DEVNULL) for c, e in commands(backend, workers, base)]
        codes = [process.wait(timeout=3600) for process in group]
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if any(codes):
            sys.exit(f"{backend}:{workers}:{threads} ended with {codes}")
        database = sqlite3.connect(output + "/run.sqlite")
        elapsed, iterations = database.execute("SELECT MAX(elapsed_seconds), COUNT(*) FROM convergence").fetchone()
        ranks = database.execute(
            "SELECT communication_seconds, wait_seconds, memory, peak_memory FROM rank ORDER BY rank").fetchall()
        bound = database.execute("SELECT lower_bound FROM convergence ORDER BY iteration DESC LIMIT 1").fetchone()[0]
        total = elapsed * len(ranks)
        return {
            "bound": bound, "wall": wall, "training": elapsed,
            "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
            "communication": sum(r[0] for r in ranks) / total, "wait": sum(r[1] for r in ranks) / total,
            "transfer_ms": 1000 * sum(r[0] - r[1] for r in ranks) / len(ranks) / iterations,
            "pss": [r[2] / 1e6 for r in ranks], "peak": [r[3] / 1e6 for r in ranks]}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("worker")
    parser.add_argument("case")
    parser.add_argument("variants", nargs="+")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--passes", type=int)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    options = []
    if arguments.iterations: options += ["--iterations", str(arguments.iterations)]
    if arguments.passes: options += ["--forward-passes", str(arguments.passes)]
    variants = [(b, int(w), int(t)) for b, w, t in (v.split(":") for v in arguments.variants)]
    results = {variant: [] for variant in variants}
    for _ in range(arguments.repeat):
        for variant in variants:
            results[variant].append(run(arguments.worker, arguments.case, *variant, options))
    if len({r["bound"] for rows in results.values() for r in rows}) != 1:
        sys.exit("the bounds differ")
    print("| backend | workers | threads | training s | processor s | communication | of it wait | transfer ms/iteration | PSS MB | peak MB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for (backend, workers, threads), rows in results.items():
        middle = lambda key: statistics.median(r[key] for r in rows)
        last = rows[-1]
        print(f"| {backend} | {workers} | {threads} | {middle('training'):.2f} | {middle('cpu'):.2f} "
              f"| {middle('communication'):.1%} | {middle('wait'):.1%} | {middle('transfer_ms'):.2f} "
              f"| {', '.join(f'{x:.0f}' for x in last['pss'])} | {', '.join(f'{x:.0f}' for x in last['peak'])} |")


if __name__ == "__main__":
    main()
