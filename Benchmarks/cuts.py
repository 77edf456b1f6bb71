"""Cost of an iteration as cuts pile up: trains a case through the server with all cuts and prints seconds per iteration.

    python3 cuts.py CASE [--forward-passes N] [--cuts 100 1000 5000]

An iteration adds one cut per trajectory to each stage. Each figure is the mean over the 20 iterations that end at the number
of cuts, in time of day, so the machine should be quiet; beside it stands its ratio to the first one.
"""

import argparse
import pathlib
import sys

import strategies

WINDOW = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=pathlib.Path)
    parser.add_argument("--forward-passes", type=int, default=4)
    parser.add_argument("--cuts", type=int, nargs="+", default=[100, 500, 1000, 2000, 3500, 5000])
    parser.add_argument("--root", type=pathlib.Path, default=strategies.ROOT, help="where the release build is")
    arguments = parser.parse_args()
    counts = sorted(arguments.cuts)
    if counts[0] < WINDOW * arguments.forward_passes:
        parser.error(f"the first number of cuts is at least {WINDOW} iterations of {arguments.forward_passes}")
    arguments.seconds = None
    arguments.iterations = -(-counts[-1] // arguments.forward_passes)
    seconds = [0.0] + strategies.train(arguments.root, arguments.case.resolve(), {}, arguments)["seconds"]
    print("| cuts per stage | milliseconds per iteration | ratio |\n|---:|---:|---:|")
    first = None
    for count in counts:
        last = -(-count // arguments.forward_passes)
        cost = (seconds[last] - seconds[last - WINDOW]) / WINDOW
        first = first or cost
        print(f"| {count:,} | {1000 * cost:.1f} | {cost / first:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
