"""Trains one case with every way of keeping cuts and prints how fast each bound comes near the best one.

    python3 strategies.py CASE [--iterations N] [--forward-passes N] [--only NAME ...] [--best BOUND] [--seconds N]

Each strategy is a copy of the case with other settings, trained through the server by one worker. The best bound is the
highest that any of them reached, or a higher one that a longer run is known to reach. A bound is near it within 0.1 %.
The time-weighted bound, as SDDP.jl reports it, is the mean of the bound over the run's own time, here as a share of the
best bound.
"""

import argparse
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile

import server

ROOT = pathlib.Path(__file__).resolve().parent.parent

STRATEGIES = {
    "all cuts": {},
    "level1": {"cut_selection": {"enabled": True, "method": "level1"}},
    "lml1": {"cut_selection": {"enabled": True, "method": "lml1", "memory_window": 10}},
    "domination": {"cut_selection": {"enabled": True, "method": "domination"}},
    "budget 100": {"cut_selection": {"max_active_per_stage": 100}},
    "multi-cut": {"cut_formulation": "multi"},
}


def train(root: pathlib.Path, case: pathlib.Path, settings: dict, arguments: argparse.Namespace) -> dict:
    """Convergence of one run: lower bounds and seconds by iteration."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="cobre-strategy-"))
    copy = folder / "case"
    shutil.copytree(case, copy)
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config["training"] |= settings
    config["simulation"] = {"enabled": False}
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    client = server.Client([str(root / ".build/release/cobre-mcp"), "--runs-dir", str(folder / "runs"),
                            "--allow-dir", str(folder)])
    try:
        answer = client.call("train", case_dir=str(copy), num_workers=1, iterations=arguments.iterations,
                             forward_passes=arguments.forward_passes, wait_seconds=0,
                             **({"time_limit_seconds": arguments.seconds} if arguments.seconds else {}))
        while answer["state"] not in ("succeeded", "failed", "cancelled", "interrupted"):
            answer = client.call("status", run_id=answer["run_id"], wait_seconds=30)
        if answer["state"] != "succeeded":
            raise RuntimeError(f"the run ended as {answer['state']}: {answer.get('error')}")
        database = next((folder / "runs").glob("*/run.sqlite"))
        with sqlite3.connect(database) as connection:
            rows = connection.execute(
                "SELECT lower_bound, elapsed_seconds FROM convergence ORDER BY iteration").fetchall()
        return {"bounds": [row[0] for row in rows], "seconds": [row[1] for row in rows]}
    finally:
        client.close()
        shutil.rmtree(folder, ignore_errors=True)


def weighted(run: dict) -> float:
    """The time-weighted bound as SDDP.jl's benchmarks report it: each bound counts for the time that its iteration took."""
    area, before = 0.0, 0.0
    for bound, second in zip(run["bounds"], run["seconds"]):
        area += bound * (second - before)
        before = second
    return area / before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=pathlib.Path)
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--forward-passes", type=int, default=4)
    parser.add_argument("--only", nargs="*", default=list(STRATEGIES), choices=list(STRATEGIES))
    parser.add_argument("--best", type=float, default=float("-inf"), help="a bound that a longer run reached")
    parser.add_argument("--seconds", type=float, help="time limit of each training")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT, help="where the release build is")
    arguments = parser.parse_args()
    runs = {}
    for name in arguments.only:
        runs[name] = train(arguments.root, arguments.case.resolve(), STRATEGIES[name], arguments)
        print(f"{name}: {runs[name]['seconds'][-1]:.2f} s, bound {runs[name]['bounds'][-1]:.8g}", file=sys.stderr)
    best = max(arguments.best, *(run["bounds"][-1] for run in runs.values()))
    print(f"{arguments.case.name}, at most {arguments.iterations} iterations of {arguments.forward_passes} trajectories, "
          f"best bound {best:.8g}\n")
    print("| | last bound, % under the best | iterations to 0.1 % | seconds to 0.1 % | iterations | seconds | "
          "time-weighted bound, % |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, run in runs.items():
        near = next((i for i, bound in enumerate(run["bounds"]) if bound >= best - 0.001 * abs(best)), None)
        reached = ("–", "–") if near is None else (str(near + 1), f"{run['seconds'][near]:.2f}")
        print(f"| {name} | {100 * (best - run['bounds'][-1]) / abs(best):.3f} | {reached[0]} | {reached[1]} | "
              f"{len(run['bounds'])} | {run['seconds'][-1]:.2f} | {100 * weighted(run) / best:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
