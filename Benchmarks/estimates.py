"""Holds what `estimate` and `remaining_seconds` foretell against what comes: a range before a run, a forecast after its tenth part.

    python3 Benchmarks/estimates.py .build/release/cobre-worker [--reference DIR] [--deck DIR] [--repeat N]

The shipped examples are always tried; --reference names a directory of reference cases, --deck a case made from a deck. A machine
that others use at the same time slows sample and run by different factors; repeat it, and look at both columns.
"""

import argparse
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Iterations and forward passes, so that a trial takes some seconds and is not over in the sample.
EXAMPLES = {"single-hydro": (400, 8), "cascade": (150, 8), "four-areas": (60, 4)}
REFERENCE = {
    "1dtoy": (400, 4), "4ree": (60, 2), "d03-two-hydro-cascade": (400, 8), "d06-fpha-variable-head": (300, 8),
    "d16-par1-lag-shift": (300, 8), "d20-operational-violations": (300, 8), "d22-per-block-min-outflow": (300, 8)}
DECK = (60, 2)


def command(worker, *arguments):
    done = subprocess.run([worker, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {done.stderr[-500:]}")
    return done.stdout


def seen(worker, run):
    """The state of a run as its database has it; None as long as there is none."""
    done = subprocess.run([worker, "status", run, "--log", "json"], capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def trial(worker, case, iterations, passes):
    options = ["--iterations", str(iterations), "--forward-passes", str(passes)]
    range_ = json.loads(command(worker, "estimate", case, *options, "--workers", "1", "--json"))
    low, high = range_["training_seconds"]
    home = pathlib.Path(tempfile.mkdtemp(prefix="cobre-estimates-"))
    try:
        run = home / "run"
        process = subprocess.Popen(
            [worker, "train", case, "--output", run, *options, "--simulate", "400"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        forecast = None
        while process.poll() is None:
            state = seen(worker, run)
            if state and state["iteration"] >= iterations / 10 and state.get("remaining_seconds") is not None:
                forecast = (state["iteration"], state["elapsed_seconds"], state["remaining_seconds"])
                break
            time.sleep(0.05)
        process.wait()
        rows = sqlite3.connect(run / "run.sqlite").execute(
            "SELECT lower_bound, elapsed_seconds FROM convergence ORDER BY iteration").fetchall()
        came = rows[-1][1]
        end = seen(worker, run)
        cost = end["simulation"]["mean_cost"]
        gaps = []
        for gap, least, most in (range_.get("seconds_to_gap") or {"rows": []})["rows"]:
            reached = next((elapsed for bound, elapsed in rows if cost - bound <= gap * abs(cost)), None)
            # A gap that is not reached says that its time is longer than the run's.
            known = reached if reached is not None else came if most < came else None
            if known is not None:
                gaps.append((gap, least, most, known, reached is not None and least <= reached <= most))
        ratio = forecast and came > forecast[1] and forecast[2] / (came - forecast[1])
        peak = (end["ranks"][0]["memory_bytes"] or 0) / 1e6
        return {
            "range": (low, high), "came": came, "within": low <= came <= high, "forecast": ratio,
            "memory": range_["memory_mb_per_process"], "peak": peak, "gaps": gaps}
    finally:
        shutil.rmtree(home)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("worker", type=pathlib.Path)
    parser.add_argument("--reference", type=pathlib.Path)
    parser.add_argument("--deck", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    cases = {ROOT / "examples" / name: size for name, size in EXAMPLES.items()}
    if options.reference:
        cases.update({options.reference / name: size for name, size in REFERENCE.items()})
    if options.deck:
        cases[options.deck] = DECK
    print(f"{'case':<28} {'iterations':>10} {'range, s':>16} {'came, s':>9} within {'rest after a tenth':>18} {'MB':>14} {'peak':>6}")
    trials = []
    for _ in range(options.repeat):
        for case, (iterations, passes) in cases.items():
            found = trial(options.worker.resolve(), case, iterations, passes)
            trials.append(found)
            forecast = f"{found['forecast']:.2f} x" if found["forecast"] else "-"
            low, high = found["range"]
            least, most = found["memory"]
            print(
                f"{case.name:<28} {iterations:>6} x {passes} {low:>7.2f}-{high:<8.2f} {found['came']:>9.2f} "
                f"{'yes' if found['within'] else 'NO':>6} {forecast:>18} {least:>6.0f}-{most:<7.0f} {found['peak']:>6.0f}",
                flush=True)
            for gap, least, most, reached, within in found["gaps"]:
                print(f"    gap {gap:.0%}: {least:.2f}-{most:.2f} s, came after {reached:.2f} s: {'yes' if within else 'NO'}", flush=True)
    gaps = [within for found in trials for *_, within in found["gaps"]]
    known = [found["forecast"] for found in trials if found["forecast"]]
    print(
        f"within the range: {sum(found['within'] for found in trials)} of {len(trials)}; rest foretold within 30 %: "
        f"{sum(0.7 <= ratio <= 1.3 for ratio in known)} of {len(known)}; time to a gap within its range: {sum(gaps)} of {len(gaps)}")


if __name__ == "__main__":
    main()
