"""Random cases of Novomodelo 0.19 against the program itself: the same seed has the same openings, so converged bounds agree.

Run as a program, it tries many: `COBRE_NOVOMODELO_PYTHON=... python3 test_novomodelo_differential.py --first 0 --count 200`. Cases that
differ are kept below `--keep`. What is known to part, and why, is in Documentation/Novomodelo.md; the generator leaves it out.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from conftest import WORKER
from novomodelo_parts import first_part, fits, has_own_rates
from novomodelo_random import draft

# python3.12 -m pip install novomodelo-python==0.19.1 pyarrow
PEER = os.environ.get("COBRE_NOVOMODELO_PYTHON") or sys.executable
HAS_PEER = subprocess.run([PEER, "-c", "import novomodelo.run, pyarrow"], capture_output=True).returncode == 0
TRAIN = """
import json, sys
import pyarrow.parquet as pq
from novomodelo import run
try:
    run.run(sys.argv[1], sys.argv[2], threads=1)
    table = pq.ParquetFile(sys.argv[2] + "/training/convergence.parquet").read()
    print(json.dumps(table.column("lower_bound").to_pylist()[-1]))
except Exception as error:
    print(json.dumps(str(error)))
"""
COUNT = int(os.environ.get("COBRE_DIFFERENTIAL_CASES", "6"))
# From 1000 and from 3000 on the cases have features that were thought of later.
SEEDS = [*range(COUNT), *range(1000, 1000 + COUNT), *range(3000, 3000 + COUNT)]
PARTS = [seed for seed in range(1006, 1006 + 4 * COUNT) if fits(seed)][: COUNT // 2]


def theirs(case, output):
    """Their last lower bound, or what they say."""
    done = subprocess.run([PEER, "-c", TRAIN, case, output], capture_output=True, text=True, timeout=300)
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else done.stderr[-500:]


def ours(case, output):
    done = subprocess.run([WORKER, "train", case, "--output", output], capture_output=True, text=True, timeout=300)
    found = re.search(r"lower bound (-?[\d.e+]+)", done.stdout)
    return float(found.group(1)) if done.returncode == 0 and found else (done.stdout + done.stderr)[-500:]


def compare(seed, folder):
    """The bounds of both, and what is in the case."""
    case, names = draft(seed)
    case.write(folder / "case")
    return theirs(folder / "case", folder / "theirs"), ours(folder / "case", folder / "ours"), names


def compare_parts(seed, folder):
    """The bounds of both for a case, and for its first two stages with that policy behind them."""
    case, names = draft(seed)
    case.write(folder / "case")
    found = {}
    for program, train in (("theirs", theirs), ("ours", ours)):
        first_part(case, 2, f"../{program}/policy").write(folder / f"first-{program}")
        found[program] = train(folder / "case", folder / program), train(folder / f"first-{program}", folder / f"part-{program}")
    return found, names


def parts_agree(seed, found):
    """Both programs find the same, and the first part has the bound of the whole."""
    (whole, part), (own_whole, own_part) = found["theirs"], found["ours"]
    return agree(whole, own_whole) and agree(part, own_part) and (has_own_rates(seed) or agree(whole, part))


def agree(left, right):
    if isinstance(left, float) and isinstance(right, float):
        return abs(left - right) <= 1e-8 * max(1.0, abs(left))
    # Both refuse the case.
    return isinstance(left, str) and isinstance(right, str)


@pytest.mark.skipif(not HAS_PEER, reason="novomodelo-python is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.parametrize("seed", SEEDS)
def test_converged_bounds_agree(seed, tmp_path):
    left, right, names = compare(seed, tmp_path)
    assert agree(left, right), (left, right, names)


@pytest.mark.skipif(not HAS_PEER, reason="novomodelo-python is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.parametrize("seed", PARTS)
def test_the_first_part_of_a_case_has_its_bound(seed, tmp_path):
    found, names = compare_parts(seed, tmp_path)
    assert parts_agree(seed, found), (found, names)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("differing"))
    parser.add_argument("--parts", action="store_true", help="cut cases in two, with a policy as boundary of the first part")
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    same = refused = 0
    for seed in range(options.first, options.first + options.count):
        folder = options.keep / str(seed)
        shutil.rmtree(folder, ignore_errors=True)
        if options.parts and not fits(seed):
            continue
        try:
            if options.parts:
                found, names = compare_parts(seed, folder)
                if parts_agree(seed, found):
                    same += 1
                    shutil.rmtree(folder)
                else:
                    print(seed, found, "|", ", ".join(names), flush=True)
                continue
            left, right, names = compare(seed, folder)
        except subprocess.TimeoutExpired as error:
            print(seed, "late:", error.cmd[0], flush=True)
            continue
        if agree(left, right):
            same, refused = same + isinstance(left, float), refused + isinstance(left, str)
            shutil.rmtree(folder)
        else:
            print(seed, "theirs", left, "ours", right, "|", ", ".join(names), flush=True)
    print(f"{same} bounds agree, {refused} cases are refused by both, of {options.count}")


if __name__ == "__main__":
    main()
