"""Cost of an iteration as cuts pile up: trains a case through the server by ways of keeping cuts, prints milliseconds.

    python3 cuts.py CASE [--forward-passes N] [--cuts 100 1000 5000] [--only NAME ...]

An iteration adds one cut per trajectory to each stage. Each figure is the mean over the 20 iterations that end at the
number of cuts, in time of day, so the machine should be quiet. Its ratio to the first one is printed next to it.
"""

import argparse
import pathlib
import sys

import strategies

WINDOW = 20
# With a cut for each opening they pile up faster and are another thing.
STRATEGIES = {name: settings for name, settings in strategies.STRATEGIES.items() if "cut_formulation" not in settings}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=pathlib.Path)
    parser.add_argument("--forward-passes", type=int, default=4)
    parser.add_argument("--cuts", type=int, nargs="+", default=[100, 500, 1000, 2000, 3500, 5000])
    parser.add_argument("--only", nargs="*", default=list(STRATEGIES), choices=list(STRATEGIES))
    parser.add_argument("--root", type=pathlib.Path, default=strategies.ROOT, help="where the release build is")
    arguments = parser.parse_args()
    counts = sorted(arguments.cuts)
    if counts[0] < WINDOW * arguments.forward_passes:
        parser.error(f"the first number of cuts is at least {WINDOW} iterations of {arguments.forward_passes}")
    arguments.seconds = None
    arguments.iterations = -(-counts[-1] // arguments.forward_passes)
    print("| |" + "".join(f" {count:,} cuts |" for count in counts) + "\n|---|" + len(counts) * "---:|")
    for name in arguments.only:
        run = strategies.train(arguments.root, arguments.case.resolve(), STRATEGIES[name], arguments)
        seconds = [0.0] + run["seconds"]
        lasts = [-(-count // arguments.forward_passes) for count in counts]
        costs = [1000 * (seconds[last] - seconds[last - WINDOW]) / WINDOW for last in lasts]
        print(f"| {name} |" + "".join(f" {cost:.1f} ({cost / costs[0]:.2f}) |" for cost in costs), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
