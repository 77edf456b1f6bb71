"""Measures training on one case, in one process and through the server, and prints a table of medians.

Every round runs all columns one after the other, so that a slow minute of the machine affects them all. Columns:

* engine      in one process, without server (`cobre-bench training`): forward and backward speed
* 1 worker    through the server, `tools/call train` to the end, one worker process
* 2 workers   the same with two

Training seconds are what each program reports for its iterations, without reading the case.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import server

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def run_engine(case: pathlib.Path, iterations: int | None) -> dict:
    """Trains in one process and adds the speeds that only this column has."""
    command = [str(HERE.parent / ".build/release/cobre-bench"), "training", str(case)]
    if iterations:
        command += ["--iterations", str(iterations)]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=900).stdout)
    return {
        "training seconds": figures["trainingSeconds"],
        "CPU seconds": figures["cpuSeconds"],
        "seconds per iteration": figures["trainingSeconds"] / figures["iterations"],
        "forward problems per second": figures["forwardProblems"] / figures["forwardSeconds"],
        "backward problems per second": figures["backwardProblems"] / figures["backwardSeconds"],
        "LP solves per second": figures["solves"] / figures["trainingSeconds"],
        "LP solves": figures["solves"],
        "case read, seconds": figures["readSeconds"],
        "lower bound": figures["lowerBound"],
        "iterations": figures["iterations"],
    }


def table(columns: dict[str, list[dict]]) -> str:
    """Medians as a Markdown table, one row per figure."""
    names = list(columns)
    rows = []
    for runs in columns.values():
        for run in runs:
            rows += [key for key in run if key not in rows]
    lines = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names)]
    for row in rows:
        cells = []
        for name in names:
            values = [run[row] for run in columns[name] if run.get(row) is not None]
            cells.append(form(statistics.median(values)) if values else "–")
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def form(value: float) -> str:
    if value == int(value) and abs(value) < 1e7:
        return f"{int(value):,}"
    if abs(value) >= 1e7:
        return f"{value:.10g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def machine() -> str:
    model = next(
        (line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="ascii") if "model name" in line),
        platform.processor(),
    )
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--iterations", type=int, default=None, help="default: those of the case")
    parser.add_argument("--without", nargs="*", default=[], choices=["engine", "server"])
    arguments = parser.parse_args()
    case = arguments.case.resolve()
    print(f"{case.name} on {machine()}", file=sys.stderr)

    tasks = {}
    if "engine" not in arguments.without:
        tasks["engine"] = lambda: run_engine(case, arguments.iterations)
    if "server" not in arguments.without:
        for workers in (1, 2):
            name = f"{workers} worker" + ("s" if workers > 1 else "")
            tasks[name] = lambda workers=workers: server.train(ROOT, case, workers, arguments.iterations)

    columns: dict[str, list[dict]] = {name: [] for name in tasks}
    for round_number in range(arguments.rounds):
        for name, task in tasks.items():
            columns[name].append(task())
            seconds = columns[name][-1]["training seconds"]
            print(f"round {round_number + 1}: {name} {seconds:.2f} s", file=sys.stderr)

    text = f"{case.name}, {machine()}, medians of {arguments.rounds}\n\n{table(columns)}\n"
    print(text)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{case.name}.md").write_text(text, encoding="utf-8")
    (results / f"{case.name}.json").write_text(json.dumps(columns, indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
