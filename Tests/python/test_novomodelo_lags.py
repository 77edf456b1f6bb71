"""Lags of a study whose stages change from months to quarters, against sums that need no program."""

import io
import os
import pathlib
import re
import subprocess

import numpy as np
import pandas
import pytest

from conftest import WORKER

CASES = pathlib.Path(os.environ.get("COBRE_NOVOMODELO_CASES", WORKER.parents[2].parent / "shared" / "novomodelo-cases"))


@pytest.mark.skipif(not CASES.exists(), reason="the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
def test_the_optimum_of_months_and_quarters_is_the_cost_of_its_water(tmp_path):
    """The load is always served, so all that costs money is water at 0.01 $ per m³/s and hour, less what the full reservoir keeps.

    The expectation of a linear recursion is the recursion of the expectations, and the lag of a quarter is the quarter before.
    """
    case = CASES / "d30-multi-resolution-monthly-quarterly"
    done = subprocess.run([WORKER, "openings", case], check=True, capture_output=True, text=True, timeout=100)
    noise = pandas.read_csv(io.StringIO(done.stdout)).groupby("stage_id").value.mean()
    hours = np.array([744, 696, 744, 720, 744, 720, 2208, 2208, 2160, 2184.0])
    above = []
    for stage in range(10):
        if stage == 0:
            lag = 200.0 - 100.0
        elif stage == 6:
            lag = np.average(above[3:6], weights=hours[3:6])
        else:
            lag = above[-1]
        above.append(0.5 * lag + 20 * 0.75 ** 0.5 * noise[stage])
    expected = 0.01 * (hours * (100 + np.array(above))).sum() - 0.01 * (200 - 100) / 0.0036
    done = subprocess.run([WORKER, "train", case, "--output", tmp_path / "run", "--simulate", "0"], check=True, capture_output=True,
                          text=True, timeout=100)
    assert float(re.search(r"lower bound (-?[\d.e+]+)", done.stdout).group(1)) == pytest.approx(expected, rel=1e-10)
