"""Noise of opening trees against an implementation in Python with scipy."""

import csv
import io
import json
import subprocess

import numpy as np
import pytest

import noise_reference as reference
from conftest import WORKER

STAGES, SEED = 3, 20240517
HYDROS, BUSES, SOURCES = [2, 3, 7], [1, 5], [4]
WORDS = [0, 1, 2, 1 << 24, (1 << 24) + 1, 2 << 24]
METHODS = ["saa", "lhs", "qmc_sobol", "qmc_halton"]
MATRIX = [[1.0, 0.8, -0.3], [0.8, 1.0, 0.2], [-0.3, 0.2, 1.0]]


@pytest.fixture
def case_of(tmp_path):
    """Writes a case of three months in which everything varies."""

    def write(method, openings, correlated=False):
        def save(name, content):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content if isinstance(content, str) else json.dumps(content))

        hydro = {
            "name": "H", "bus_id": 1, "downstream_id": None,
            "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": 100.0},
            "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None},
            "generation": {
                "model": "constant_productivity", "productivity_mw_per_m3s": 1.0, "min_turbined_m3s": 0.0,
                "max_turbined_m3s": 50.0, "min_generation_mw": 0.0, "max_generation_mw": 50.0,
            },
        }
        required = [
            "spillage_cost", "fpha_turbined_cost", "diversion_cost", "storage_violation_below_cost",
            "filling_target_violation_cost", "turbined_violation_below_cost", "outflow_violation_below_cost",
            "outflow_violation_above_cost", "generation_violation_below_cost", "evaporation_violation_cost",
            "water_withdrawal_violation_cost",
        ]
        dates = ["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]
        save("config.json", {
            "training": {
                "tree_seed": SEED, "forward_passes": 1, "stopping_rules": [{"type": "iteration_limit", "limit": 1}],
            }})
        save("penalties.json", {
            "bus": {"deficit_segments": [{"depth_mw": None, "cost": 1000.0}], "excess_cost": 0.1},
            "line": {"exchange_cost": 0.1}, "hydro": dict.fromkeys(required, 1.0),
            "non_controllable_source": {"curtailment_cost": 0.01},
        })
        save("stages.json", {
            "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0},
            "stages": [
                {"id": t, "start_date": dates[t], "end_date": dates[t + 1], "season_id": t, "num_scenarios": openings,
                 "sampling_method": method, "blocks": [{"id": 0, "name": "ALL", "hours": 720}]}
                for t in range(STAGES)],
        })
        save("initial_conditions.json", {
            "storage": [{"hydro_id": h, "value_hm3": 50.0} for h in HYDROS], "filling_storage": []})
        save("system/buses.json", {"buses": [{"id": b, "name": "B"} for b in BUSES]})
        save("system/lines.json", {"lines": []})
        save("system/thermals.json", {"thermals": []})
        save("system/hydros.json", {"hydros": [{"id": h, **hydro} for h in HYDROS]})
        save("system/non_controllable_sources.json", {"non_controllable_sources": [
            {"id": s, "name": "W", "bus_id": 1, "max_generation_mw": 10.0} for s in SOURCES]})

        def table(name, head, ids, values):
            rows = [f"{i},{t},{values}" for i in ids for t in range(STAGES)]
            save(f"scenarios/{name}.csv", "\n".join([head, *rows, ""]))

        table("inflow_seasonal_stats", "hydro_id,stage_id,mean_m3s,std_m3s", HYDROS, "100,10")
        table("load_seasonal_stats", "bus_id,stage_id,mean_mw,std_mw", BUSES, "50,5")
        table("non_controllable_stats", "ncs_id,stage_id,mean,std", SOURCES, "0.5,0.1")
        if correlated:
            entities = [{"type": "inflow", "id": h} for h in HYDROS]
            group = {"name": "G", "entities": entities, "matrix": MATRIX}
            save("scenarios/correlation.json", {
                "method": "spectral", "profiles": {"default": {"correlation_groups": [group]}}})
        return tmp_path

    return write


def openings_of(case, *arguments):
    """Noise by stage, [opening, component], as the worker writes it."""
    command = [str(WORKER), "openings", str(case), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    stages = [{} for _ in range(STAGES)]
    for row in csv.DictReader(io.StringIO(done.stdout)):
        place = int(row["opening_index"]), int(row["entity_index"])
        stages[int(row["stage_id"])][place] = float(row["value"])
    return [
        np.array([noise[place] for place in sorted(noise)]).reshape(-1, len(WORDS)) for noise in stages
    ], done.stdout


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("count", [1, 32, 45])
def test_tree_is_that_of_the_reference(case_of, method, count):
    noise, _ = openings_of(case_of(method, count))
    for stage in range(STAGES):
        expected = reference.tree_noise(method, SEED, count, WORDS, stage)
        assert noise[stage].shape == expected.shape
        # AS 241 and scipy's quantile each are good to about 1e-16 relative to the larger of value and 1.
        np.testing.assert_allclose(noise[stage], expected, rtol=4e-15, atol=4e-16)


def test_correlation_is_the_symmetric_root(case_of):
    noise, _ = openings_of(case_of("lhs", 50, correlated=True))
    values, vectors = np.linalg.eigh(np.array(MATRIX))
    root = vectors * np.sqrt(np.maximum(values, 0)) @ vectors.T
    for stage in range(STAGES):
        expected = reference.tree_noise("lhs", SEED, 50, WORDS, stage)
        expected[:, :3] = expected[:, :3] @ root.T
        np.testing.assert_allclose(noise[stage], expected, rtol=0, atol=1e-13)


def test_written_table_is_read_as_the_same_noise(case_of):
    case = case_of("qmc_sobol", 16)
    _, table = openings_of(case)
    _, other = openings_of(case, "--seed", "7")
    assert other != table
    (case / "scenarios/noise_openings.csv").write_text(table)
    assert openings_of(case)[1] == table
    assert openings_of(case, "--seed", "7")[1] == table
