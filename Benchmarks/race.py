#!/usr/bin/env python3
"""Races this engine against Novomodelo on the same case directories, in Novomodelo's format, with the same openings.

Four columns, one thread each: the engine as it comes; the engine with Novomodelo's iterations (`--trial-region 1`, which
changes systems of 8 reservoirs or more alone); Novomodelo as it comes; Novomodelo at its
fastest, which is cut selection `level1` with warm starts of forward solves. Each round runs all columns one after the other. What counts is processor seconds until
the lower bound reaches the last one of Novomodelo at its fastest; processor seconds of a whole training are shared out among its
iterations as their wall times are, so that other work on the machine matters little. Medians of all rounds.

    race.py [--peer PYTHON] [--rounds 3] [--case NAME=DIRECTORY:ITERATIONS[:PASSES]]... [--plot FILE.svg] [--results FILE.json]

Without --case: 30 hydros and 160 hydros of scarce_case.py, and 4ree where --reference names the directory that holds it.
PYTHON has novomodelo-python and pyarrow (Benchmarks/.venv, made by `make peer`).
"""

import argparse
import datetime
import json
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
COLORS = {"Cobre": "#0b6e4f", "Cobre, its iterations": "#4f9d69", "Novomodelo, fastest": "#c1121f", "Novomodelo, default": "#f4a259"}
# How many iterations the other columns may take to the same bound, against Novomodelo at its fastest.
MORE = 1.5

PEER = """
import importlib.metadata, json, sys, time
import pyarrow.parquet as pq
from novomodelo import run
began = time.process_time()
run.run(sys.argv[1], sys.argv[2], threads=1)
spent = time.process_time() - began
table = pq.ParquetFile(sys.argv[2] + "/training/convergence.parquet").read()
print(json.dumps({"spent": spent, "bounds": table.column("lower_bound").to_pylist(),
    "milliseconds": table.column("time_total_ms").to_pylist(),
    "version": importlib.metadata.version("novomodelo-python")}))
"""


def curve(bounds: list[float], walls: list[float], spent: float) -> dict:
    """Bounds and the processor seconds at which each was known."""
    whole = sum(walls) or 1.0
    seconds, sum_ = [], 0.0
    for wall in walls:
        sum_ += wall
        seconds.append(spent * sum_ / whole)
    return {"bounds": bounds, "seconds": seconds}


def peer(python: str, case: pathlib.Path, folder: pathlib.Path) -> tuple[dict, str]:
    shutil.rmtree(folder, ignore_errors=True)
    done = subprocess.run([python, "-c", PEER, str(case), str(folder)], capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    return curve(answer["bounds"], answer["milliseconds"], answer["spent"]), answer["version"]


def engine(worker: str, case: pathlib.Path, iterations: int, folder: pathlib.Path, *flags: str) -> dict:
    shutil.rmtree(folder, ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([worker, "train", str(case), "--output", str(folder), "--simulate", "0", "--log", "csv",
                           "--iterations", str(iterations), *flags], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    bounds, walls, last = [], [], 0.0
    rows = sqlite_rows(folder / "run.sqlite")
    for bound, elapsed in rows:
        bounds.append(bound)
        walls.append(elapsed - last)
        last = elapsed
    if not bounds:
        raise SystemExit("the engine wrote no convergence: " + done.stdout[-300:])
    return curve(bounds, walls, spent)


def sqlite_rows(path: pathlib.Path) -> list[tuple[float, float]]:
    import sqlite3
    with sqlite3.connect(path) as store:
        return store.execute("select lower_bound, elapsed_seconds from convergence order by iteration").fetchall()


def reach(line: dict, target: float) -> float | None:
    """Processor seconds to a bound; a hundred-millionth less counts as reached."""
    for bound, second in zip(line["bounds"], line["seconds"]):
        if bound >= target - 1e-8 * abs(target):
            return second
    return None


def configured(case: pathlib.Path, target: pathlib.Path, iterations: int, passes: int | None, fastest: bool) -> pathlib.Path:
    """A copy with a number of iterations, without a simulation."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(case, target)
    path = target / "config.json"
    path.chmod(0o644)
    config = json.loads(path.read_text())
    config["simulation"] = {"enabled": False}
    config.pop("exports", None)
    training = config["training"]
    training["stopping_rules"] = [{"type": "iteration_limit", "limit": iterations}]
    if passes:
        training["selection"] = {"method": "sampled", "forward_passes": passes}
    if fastest:
        training["cut_selection"] = {"selection": {"method": "level1"}}
        training.setdefault("solver", {})["forward"] = {"use_warm_start": True}
    path.write_text(json.dumps(config, indent=1))
    return target


def made(folder: pathlib.Path, python: str, name: str, *arguments: str) -> pathlib.Path:
    own, official = folder / f"{name}-own", folder / name
    subprocess.run([sys.executable, str(HERE / "scarce_case.py"), str(own), *arguments], check=True, capture_output=True)
    subprocess.run([python, str(HERE / "official_case.py"), str(own), str(official)], check=True)
    return official


def race(name: str, case: pathlib.Path, iterations: int, passes: int | None, options: argparse.Namespace,
         folder: pathlib.Path) -> dict:
    # Bounds differ a little from column to column, since cuts differ where optima are degenerate.
    plain = configured(case, folder / "plain", round(iterations * MORE), passes, fastest=False)
    fast = configured(case, folder / "fast", iterations, passes, fastest=True)
    lines: dict[str, list[dict]] = {key: [] for key in COLORS}
    version = ""
    for _ in range(options.rounds):
        line, version = peer(options.peer, fast, folder / "output")
        lines["Novomodelo, fastest"].append(line)
        for key, flags in (("Cobre", []), ("Cobre, its iterations", ["--trial-region", "1"])):
            lines[key].append(engine(options.worker, plain, round(iterations * MORE), folder / "output", *flags))
        lines["Novomodelo, default"].append(peer(options.peer, plain, folder / "output")[0])
    target = lines["Novomodelo, fastest"][0]["bounds"][-1]
    result = {"case": name, "iterations": iterations, "target": target, "version": version, "columns": {}}
    for key, rounds in lines.items():
        times = [reach(line, target) for line in rounds]
        reached = [time for time in times if time is not None]
        middle = sorted(rounds, key=lambda line: line["seconds"][-1])[len(rounds) // 2]
        result["columns"][key] = {
            "seconds to the bound": statistics.median(reached) if len(reached) == len(times) else None,
            "seconds an iteration": statistics.median(line["seconds"][-1] / len(line["seconds"]) for line in rounds),
            "last bound": rounds[0]["bounds"][-1], "curve": middle}
    return result


def shown(results: list[dict], worker: str) -> str:
    version = subprocess.run([worker, "--version"], capture_output=True, text=True).stdout.strip()
    text = [f"Cobre {version}, novomodelo-python {results[0]['version']}, {datetime.date.today()}, processor seconds", ""]
    text += ["| case | bound | Cobre | Cobre, its iterations | Novomodelo, fastest | Novomodelo, default | fastest / Cobre "
             "| fastest / its iterations | an iteration, fastest / Cobre |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|"]
    for result in results:
        columns = result["columns"]
        times = {key: columns[key]["seconds to the bound"] for key in COLORS}
        cells = ["not reached" if time is None else f"{time:.3g}" for time in times.values()]
        peer = times["Novomodelo, fastest"]
        cells += [f"{peer / own:.1f}" if peer and own else "–" for own in (times["Cobre"], times["Cobre, its iterations"])]
        rates = [columns[key]["seconds an iteration"] for key in ("Novomodelo, fastest", "Cobre")]
        text.append(f"| {result['case']} | {result['target']:.7g} | {' | '.join(cells)} | {rates[0] / rates[1]:.1f} |")
    return "\n".join(text)


def svg(results: list[dict]) -> str:
    """Panels side by side: how far the bound is under the best one known, in percent, over processor seconds, both logarithmic."""
    import math
    width, height, left, top = 300, 220, 52, 34
    panels = []
    for number, result in enumerate(results):
        best = max(max(column["curve"]["bounds"]) for column in result["columns"].values())
        points = {}
        for key, column in result["columns"].items():
            line = column["curve"]
            gaps = [(second, 100 * (best - bound) / abs(best)) for second, bound in zip(line["seconds"], line["bounds"])]
            points[key] = [(s, max(gap, 1e-3)) for s, gap in gaps if s > 0]
        every = [p for line in points.values() for p in line]
        xs = [math.log10(min(p[0] for p in every)), math.log10(max(p[0] for p in every))]
        ys = [-3.0, math.log10(max(p[1] for p in every))]
        def place(p, xs=xs, ys=ys, number=number):
            x = left + (width - left - 12) * (math.log10(p[0]) - xs[0]) / max(xs[1] - xs[0], 1e-9)
            y = top + (height - top - 34) * (ys[1] - math.log10(p[1])) / max(ys[1] - ys[0], 1e-9)
            return number * width + x, y
        parts = [f'<text x="{number * width + left}" y="16" font-weight="bold">{result["case"]}</text>']
        for power in range(math.ceil(xs[0]), math.floor(xs[1]) + 1):
            x, _ = place((10.0 ** power, 10.0 ** ys[1]))
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{height - 34}" stroke="#ddd"/>'
                         f'<text x="{x:.1f}" y="{height - 20}" text-anchor="middle">{10.0 ** power:g} s</text>')
        for power in range(-3, math.floor(ys[1]) + 1):
            x, y = place((10.0 ** xs[0], 10.0 ** power))
            parts.append(f'<line x1="{x:.1f}" x2="{number * width + width - 12}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                         f'<text x="{x - 4:.1f}" y="{y + 3:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
        for key, line in points.items():
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, line))
            parts.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[key]}" stroke-width="1.8"/>')
        panels.append("\n".join(parts))
    legend = "".join(f'<text x="{left + 190 * i}" y="{height + 6}" fill="{color}">{key}</text>'
                     for i, (key, color) in enumerate(COLORS.items()))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * len(results)}" height="{height + 14}" '
            f'font-family="sans-serif" font-size="10"><rect width="100%" height="100%" fill="white"/>\n'
            + "\n".join(panels) + f"\n{legend}\n"
            f'<text x="4" y="28" fill="#555">percent under the best bound, processor seconds</text></svg>\n')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", default=str(HERE / ".venv/bin/python"))
    parser.add_argument("--worker", default=str(HERE.parent / ".build/release/cobre-worker"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", action="append", default=[])
    parser.add_argument("--reference", type=pathlib.Path, help="holds 4ree and newave-mini in Novomodelo's format")
    parser.add_argument("--plot", type=pathlib.Path, default=HERE / "results/race.svg")
    parser.add_argument("--results", type=pathlib.Path, default=HERE / "results/race.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        cases: list[tuple[str, pathlib.Path, int, int | None]] = []
        for text in options.case:
            name, rest = text.split("=", 1)
            directory, *numbers = rest.split(":")
            cases.append((name, pathlib.Path(directory), int(numbers[0]), int(numbers[1]) if len(numbers) > 1 else None))
        if not cases:
            if options.reference:
                cases.append(("4ree", options.reference / "4ree", 256, None))
            cases.append(("30 hydros", made(folder, options.peer, "o30"), 100, None))
            cases.append(("160 hydros", made(folder, options.peer, "o160", "--hydros", "160", "--stages", "24",
                                             "--openings", "20"), 20, None))
            if options.reference and (options.reference / "newave-mini").exists():
                cases.append(("newave-mini", options.reference / "newave-mini", 2, 2))
        results = []
        for name, case, iterations, passes in cases:
            results.append(race(name, case, iterations, passes, options, folder))
            print(shown(results[-1:], options.worker).splitlines()[-1], flush=True)
    for path, content in ((options.results, json.dumps(results)), (options.plot, svg(results))):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    print(shown(results, options.worker))


if __name__ == "__main__":
    main()
