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
# From 1000 on the cases have features that were thought of later.
SEEDS = [*range(COUNT), *range(1000, 1000 + COUNT)]


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("differing"))
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    same = refused = 0
    for seed in range(options.first, options.first + options.count):
        folder = options.keep / str(seed)
        shutil.rmtree(folder, ignore_errors=True)
        try:
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
