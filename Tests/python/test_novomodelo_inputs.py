"""What a Novomodelo case comes to before it is solved, in the tables of its results, against the program itself."""

import os
import subprocess
import sys

import numpy as np
import pandas
import pyarrow.parquet
import pytest

from conftest import WORKER
from novomodelo_outputs import differences
from novomodelo_random import draft

# python3.12 -m pip install novomodelo-python==0.19.1 pyarrow
PEER = os.environ.get("COBRE_NOVOMODELO_PYTHON") or sys.executable
HAS_PEER = subprocess.run([PEER, "-c", "import novomodelo.run, pyarrow"], capture_output=True).returncode == 0
INPUTS = ["hydro_models/evaporation_models", "stochastic/inflow_seasonal_stats", "stochastic/inflow_ar_coefficients",
          "stochastic/inflow_annual_component", "stochastic/noise_openings"]


def limits_of_blocks(case, place):
    """The limit of each entity in each block: its own, else that of the stage."""
    rows = pyarrow.parquet.read_table(place / "training" / "dictionaries" / "bounds.parquet").to_pylist()
    keys = ("entity_type_code", "entity_id", "hydro_id", "bound_type_code", "stage_id")
    known = {(*(row[key] for key in keys), row["block_id"]): row["bound_value"] for row in rows}
    assert len(known) == len(rows)
    blocks = {stage["id"]: len(stage["blocks"]) for stage in case.stages}
    limits = {(*entity, block): known.get((*entity, block), known.get((*entity, None)))
              for entity in {key[:-1] for key in known} for block in range(blocks[entity[-1]])}
    return {key: limit for key, limit in limits.items() if limit is not None}


def planes(place):
    """The coefficients of planes by plant and stage; the last ones, which are flat, are numbered in another order there."""
    table = pandas.read_parquet(place / "hydro_models" / "fpha_hyperplanes.parquet")
    columns = ["hydro_id", "stage_id", "gamma_q", "gamma_v", "gamma_0", "gamma_s", "kappa"]
    return table[columns].round(9).sort_values(columns).to_numpy(float) + 0.0


@pytest.mark.skipif(not HAS_PEER, reason="novomodelo-python is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.parametrize("seed", [0, 2, 3, 19, 1009, 3005, 3011])
def test_what_a_case_comes_to_is_told_as_there(seed, tmp_path):
    """Limits of blocks, evaporation, fitted planes, statistics and noise of random cases, to 1e-9 of each figure."""
    case, names = draft(seed)
    case.documents["config.json"]["exports"] = {"stochastic": True}
    case.write(tmp_path / "case")
    for arguments in (["train", tmp_path / "case", "--output", tmp_path / "run", "--iterations", "2"],
                      ["export", tmp_path / "run", tmp_path / "ours", "--format", "novomodelo"]):
        done = subprocess.run([WORKER, *arguments], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
    script = "import sys; from novomodelo import run; run.run(sys.argv[1], sys.argv[2], threads=1)"
    subprocess.run([PEER, "-c", script, tmp_path / "case", tmp_path / "theirs"], check=True, capture_output=True, timeout=300)
    found = [row for row in differences(tmp_path / "theirs", tmp_path / "ours", 1e-9) if row[0] in INPUTS]
    assert found == [], names
    if "pre_study_stages" not in case.documents["stages.json"]:
        # With them stages are called by ids of earlier ones there.
        ours, theirs = limits_of_blocks(case, tmp_path / "ours"), limits_of_blocks(case, tmp_path / "theirs")
        assert set(ours) == set(theirs), names
        assert {key: ours[key] for key in ours if abs(ours[key] - theirs[key]) > 1e-9 * max(1, abs(theirs[key]))} == {}
    if "fitted planes" in names:
        # Given planes are told here alone.
        np.testing.assert_allclose(planes(tmp_path / "ours"), planes(tmp_path / "theirs"), rtol=1e-9, atol=2e-9)
