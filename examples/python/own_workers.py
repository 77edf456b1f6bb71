"""Four processes of our own compute one training together, and reach the bits of cobre.train.

    python examples/python/own_workers.py examples/cascade

Each process is one rank: it computes in its own interpreter, with the interpreter lock released, and exchanges cuts with
the others through shared memory. The parent only waits. Processes must be spawned, not forked.
"""

import argparse
import multiprocessing
import sys
import tempfile

import cobre

WORKERS = 4


def compute(case, rank, backend, iterations, runs_dir, results):
    result = cobre.join(
        case, rank=rank, size=WORKERS, backend=backend, iterations=iterations, simulate=0, runs_dir=runs_dir
    )
    results.put((rank, result.lower_bound, result.run.run_id))


def bits(run):
    return [(row.lower_bound.hex(), row.upper_bound.hex()) for row in run.convergence]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("--backend", default="shm", choices=["shm", "tcp"])
    parser.add_argument("--iterations", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as runs_dir:
        context = multiprocessing.get_context("spawn")
        results = context.Queue()
        workers = [
            context.Process(
                target=compute, args=(options.case, rank, options.backend, options.iterations, runs_dir, results)
            )
            for rank in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        answers = sorted(results.get(timeout=600) for _ in workers)
        for worker in workers:
            worker.join()

        alone = cobre.train(
            options.case, backend="local", iterations=options.iterations, simulate=0, runs_dir=runs_dir, progress=False
        )
        together = cobre.Run(answers[0][2], runs_dir)
        for rank, lower_bound, _ in answers:
            print(f"rank {rank}: lower bound {lower_bound!r}")
        print(f"alone:  lower bound {alone.lower_bound!r}")
        if bits(together) != bits(alone.run) or any(bound != alone.lower_bound for _, bound, _ in answers):
            print("The bits differ.")
            return 1
        print("The bits are the same.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
