"""Results of a converted deck, read by the converter's own readers and made into its page."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pandas
import pytest

from conftest import WORKER

CASES = pathlib.Path(os.environ.get("COBRE_NOVOMODELO_CASES", WORKER.parents[2].parent / "shared" / "novomodelo-cases"))
PEER = os.environ.get("COBRE_NOVOMODELO_PYTHON") or sys.executable
# python3.12 -m pip install novomodelo-bridge==0.19.1
HAS_BRIDGE = subprocess.run([PEER, "-c", "import novomodelo_bridge.dashboard"], capture_output=True).returncode == 0
READ = """
import json, pathlib, sys
import novomodelo_bridge.novomodelo.readers as readers
out = pathlib.Path(sys.argv[1])
def rows(name):
    table = getattr(readers, "read_novomodelo_" + name)(out)
    return (table.collect() if hasattr(table, "collect") else table).to_dicts()
names = ["convergence", "bus_means", "thermal_means", "hydro_means", "line_means", "stage_costs", "bus_percentiles",
         "hydro_percentiles", "bus_aggregates", "bus_block_prices", "hydro_block_operation", "hydro_bus_generation",
         "spillage_energy", "iteration_timing"]
json.dump({name: rows(name) for name in names}, sys.stdout, default=str)
"""


@pytest.mark.skipif(not HAS_BRIDGE, reason="novomodelo-bridge is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.skipif(not CASES.exists(), reason="the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
def test_the_converter_reads_results_of_a_converted_deck(tmp_path):
    case = tmp_path / "case"
    shutil.copytree(CASES / "newave-2m", case, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", case], check=True)
    subprocess.run([WORKER, "train", case, "--output", tmp_path / "run", "--iterations", "1", "--simulate", "1", "--keep",
                    "blocks"], check=True, capture_output=True, timeout=600)
    subprocess.run([WORKER, "export", tmp_path / "run", case / "output", "--format", "novomodelo"], check=True,
                   capture_output=True, timeout=120)
    done = subprocess.run([PEER, "-c", READ, case / "output"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    assert all(read.values()), [name for name, rows in read.items() if not rows]
    ours = pandas.read_parquet(case / "output" / "training" / "convergence.parquet")
    assert read["convergence"][-1]["lower_bound"] == ours.lower_bound.iloc[-1]
    buses = pandas.read_parquet(case / "output" / "simulation" / "buses").astype({"scenario_id": int})
    prices = {(row["stage_id"], row["bus_id"], row["block_id"]): row["spot_price"] for row in read["bus_block_prices"]
              if row.get("scenario_id", 0) == 0}
    for row in buses[buses.scenario_id == 0].itertuples():
        assert prices[row.stage_id, row.bus_id, row.block_id] == pytest.approx(row.spot_price, rel=1e-12)
    page = tmp_path / "page.html"
    done = subprocess.run([PEER, "-m", "novomodelo_bridge.cli", "dashboard", case, "--output", page, "--json"], capture_output=True,
                          text=True, timeout=300)
    verdict = json.loads(done.stdout)
    assert done.returncode == 0 and verdict["status"] == "ok" and verdict["diagnostics"] == []
    assert page.stat().st_size > 300_000
