"""Results in the layout of Novomodelo: every reader has each table as one, and the figures keep the laws of the model."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

import duckdb
import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

from conftest import EXAMPLES, WORKER
from novomodelo_draft import SINCE, Draft
from novomodelo_random import PRICES

SCENARIOS = 7
CASES = pathlib.Path(os.environ.get("COBRE_NOVOMODELO_CASES", WORKER.parents[2].parent / "shared" / "novomodelo-cases"))
FAMILIES = ["costs", "hydros", "thermals", "buses", "exchanges"]


@pytest.fixture(scope="module", params=["four-areas", "cascade"])
def out(request, tmp_path_factory):
    """A small run with all its figures, exported."""
    folder = tmp_path_factory.mktemp("export")
    subprocess.run(
        [WORKER, "train", EXAMPLES / request.param, "--output", folder / "run", "--iterations", "3", "--simulate",
         str(SCENARIOS), "--keep", "blocks"], check=True, capture_output=True, timeout=300)
    subprocess.run(
        [WORKER, "export", folder / "run", folder / "out", "--format", "novomodelo"], check=True, capture_output=True,
        timeout=120)
    return folder / "out"


def table(out, family):
    frame = pandas.read_parquet(out / "simulation" / family)
    return frame.astype({"scenario_id": int})


def families(out):
    return [family for family in FAMILIES if (out / "simulation" / family).exists()]


def test_each_scenario_has_a_folder(out):
    for family in families(out):
        names = sorted(path.name for path in (out / "simulation" / family).iterdir())
        assert names == [f"scenario_id={scenario:04}" for scenario in range(SCENARIOS)]
    for part in ("training", "simulation"):
        assert (out / part / "_SUCCESS").read_bytes() == b""


def test_every_reader_has_each_folder_as_one_table(out):
    for family in families(out):
        folder = out / "simulation" / family
        arrow = pyarrow.parquet.read_table(folder)
        assert arrow.num_rows > 0
        names = arrow.column_names
        assert names[:3] == ["stage_id", "node_id", "block_id"] and names[-1] == "scenario_id"
        assert [str(arrow.schema.field(name).type) for name in names[:3]] == ["int32"] * 3
        assert set(arrow.column("scenario_id").to_pylist()) == set(range(SCENARIOS))
        assert all(str(field.type) in ("double", "bool", "int32", "int8") for field in list(arrow.schema)[:-1])
        frame = pandas.read_parquet(folder)
        assert frame.shape == (arrow.num_rows, len(names))
        # As the readers of the format's converter ask.
        hive = polars.scan_parquet(folder / "**/*.parquet", hive_partitioning=True).collect()
        duck = duckdb.sql(f"from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)").df()
        keys = ["scenario_id"] + (names[:4] if family != "costs" else names[:1])
        expected = frame.astype({"scenario_id": "int64"}).sort_values(keys)
        for other in (hive.to_pandas(), polars.read_parquet(folder).to_pandas(), duck):
            assert set(other) == set(names)
            other = other.astype({"scenario_id": "int64"}).sort_values(keys)
            for name in names[3:]:
                np.testing.assert_array_equal(other[name].to_numpy(float), expected[name].to_numpy(float))
        assert not frame[keys].duplicated().any()


def test_costs_add_up(out):
    costs = table(out, "costs")
    # The violations of plants are a sum of other columns.
    parts = [name for name in costs if name.endswith("_cost")
             and name not in ("total_cost", "immediate_cost", "future_cost", "hydro_violation_cost")]
    parts.append("curtailment_offset")
    np.testing.assert_allclose(costs[parts].sum(axis=1), costs.immediate_cost, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(costs.immediate_cost + costs.future_cost, costs.total_cost)
    assert costs.block_id.isna().all() and (costs[costs.stage_id == 0].discount_factor == 1).all()
    summary = pandas.read_parquet(out / "simulation" / "scenario_summary.parquet")
    costs["scenario_id"] = costs.scenario_id.astype(int)
    discounted = (costs.immediate_cost * costs.discount_factor).groupby(costs.scenario_id).sum()
    np.testing.assert_allclose(summary.discounted_immediate_cost, discounted)
    paths = pandas.read_parquet(out / "simulation" / "paths.parquet")
    assert len(paths) == len(costs) and (paths.stage_id == paths.node_id).all()
    thermals = table(out, "thermals")
    generated = thermals.groupby([thermals.scenario_id.astype(int), "stage_id"]).generation_cost.sum()
    np.testing.assert_allclose(generated, costs.set_index(["scenario_id", "stage_id"]).thermal_cost.sort_index(), atol=1e-6)


def test_water_is_kept(out):
    hydros = table(out, "hydros")
    hours = (hydros.generation_mwh / hydros.generation_mw).groupby([hydros.stage_id, hydros.block_id]).median()
    hydros["hours"] = [hours[stage, block] for stage, block in zip(hydros.stage_id, hydros.block_id)]
    keys = ["scenario_id", "stage_id", "hydro_id"]
    stages = hydros.groupby(keys).agg(
        initial=("storage_initial_hm3", "first"), final=("storage_final_hm3", "first"), hours=("hours", "sum"))
    # What is at the end of a stage is there at the beginning of the next.
    later = stages.reset_index()
    later["stage_id"] -= 1
    joined = stages.join(later.set_index(keys)["initial"].rename("next"), how="inner")
    assert len(joined) > 0
    np.testing.assert_allclose(joined.final, joined["next"], atol=1e-9)
    # A plant without plants above it loses what leaves it.
    names = pandas.read_csv(out / "training" / "dictionaries" / "entities.csv")
    assert set(names[names.entity_type_code == 0].entity_id) == set(hydros.hydro_id)
    np.testing.assert_allclose(hydros.outflow_m3s, hydros.turbined_m3s + hydros.spillage_m3s)


def test_power_is_balanced(out):
    keys = ["scenario_id", "stage_id", "block_id"]

    def total(family, column):
        return table(out, family).groupby(keys)[column].sum()

    supply = total("hydros", "generation_mw") + total("thermals", "generation_mw") + total("buses", "deficit_mw")
    need = total("buses", "load_mw") + total("buses", "excess_mw")
    if (out / "simulation" / "non_controllables").exists():
        supply = supply.add(total("non_controllables", "generation_mw"), fill_value=0)
    if (out / "simulation" / "exchanges").exists():
        need = need.add(total("exchanges", "losses_mw"), fill_value=0)
    assert len(need) > 0
    np.testing.assert_allclose(supply, need, rtol=1e-7, atol=1e-6)
    buses = table(out, "buses")
    hours = buses.load_mwh / buses.load_mw
    assert ((hours > 0) & (hours < 800)).all()


# Bounds that a cap on a thermal plant of the case d13 gets, and what Novomodelo 0.19.1 then writes for a slack of 700 $.
VIOLATED = [("per_hour", None, 1.0, 19.0, 9_709_000.0), ("per_unit", 1e5, None, 99_980.0, 69_986_000.0)]


@pytest.mark.parametrize("basis, lower, upper, value, cost", VIOLATED)
def test_violations_cost_what_they_cost_there(basis, lower, upper, value, cost, tmp_path):
    if not CASES.exists():
        pytest.skip("the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
    case = tmp_path / "case"
    shutil.copytree(CASES / "d13-generic-constraint", case, copy_function=shutil.copyfile)
    for folder in (case, case / "constraints"):
        folder.chmod(0o755)
    rows = case / "constraints" / "generic_constraints.json"
    constraints = json.loads(rows.read_text())
    constraints["constraints"][0]["slack"] = {"enabled": True, "penalty": 700.0, "penalty_basis": basis}
    rows.write_text(json.dumps(constraints))
    bounds = pyarrow.parquet.read_table(case / "constraints" / "generic_constraint_bounds.parquet")
    for name, limit in (("bound_lower", lower), ("bound_upper", upper)):
        index = bounds.column_names.index(name)
        bounds = bounds.set_column(index, name, pyarrow.array([limit, limit], pyarrow.float64()))
    pyarrow.parquet.write_table(bounds, case / "constraints" / "generic_constraint_bounds.parquet", compression="zstd")
    subprocess.run([WORKER, "train", case, "--output", tmp_path / "run", "--simulate", "2", "--keep", "blocks"], check=True,
                   capture_output=True, timeout=300)
    subprocess.run([WORKER, "export", tmp_path / "run", tmp_path / "out", "--format", "novomodelo"], check=True,
                   capture_output=True, timeout=120)
    found = table(tmp_path / "out", "violations/generic")
    np.testing.assert_allclose(found.slack_value, value, rtol=1e-9)
    np.testing.assert_allclose(found.slack_cost, cost, rtol=1e-9)
    np.testing.assert_allclose(table(tmp_path / "out", "costs").generic_violation_cost, cost, rtol=1e-9)


def changed(name, folder, change):
    """A copy of a case with documents changed: `change` gets them by name."""
    if not CASES.exists():
        pytest.skip("the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
    case = folder / "case"
    shutil.copytree(CASES / name, case, copy_function=shutil.copyfile)
    subprocess.run(["chmod", "-R", "u+w", case], check=True)
    documents = {path.relative_to(case).as_posix(): json.loads(path.read_text()) for path in case.glob("**/*.json")}
    change(documents)
    for path, document in documents.items():
        (case / path).write_text(json.dumps(document))
    return case


def exported(name, folder, keep="blocks"):
    if not CASES.exists():
        pytest.skip("the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
    subprocess.run([WORKER, "train", CASES / name, "--output", folder / "run", "--simulate", "2", "--keep", keep],
                   check=True, capture_output=True, timeout=300)
    subprocess.run([WORKER, "export", folder / "run", folder / "out", "--format", "novomodelo"], check=True,
                   capture_output=True, timeout=120)
    return folder / "out"


@pytest.mark.parametrize("keep", ["blocks", "stages"])
def test_water_on_its_way_arrives(keep, tmp_path):
    # 100 m³/s over the two weeks before the study, two weeks away: 100 · 168 · 0.0036 hm³ in each of the first two weeks.
    water = table(exported("d48-travel-time-ic-seed", tmp_path, keep), "in_transit").set_index(["scenario_id", "stage_id", "lag"])
    for scenario in (0, 1):
        found = water.loc[scenario]
        np.testing.assert_allclose(found.delayed_arrival_hm3.unstack().sort_index(), [[60.48, 0], [60.48, 0], [0, 0]], atol=1e-9)
        np.testing.assert_allclose(found.in_transit_volume_hm3.unstack().sort_index()[1], [60.48, 0, 0], atol=1e-9)
    assert len(water) == 12


@pytest.mark.parametrize("keep", ["blocks", "stages"])
def test_releases_are_handed_on_to_a_later_study(keep, tmp_path):
    # The water needs 600 hours and the study has 504: releases of the last four days before it are still under way, too.
    def travel(documents):
        documents["system/hydros.json"]["hydros"][0]["travel_time_hours"] = 600.0
        documents["initial_conditions.json"]["past_defluences"] = [
            {"hydro_id": 0, "start_date": start, "end_date": end, "value_m3s": flow}
            for start, end, flow in [("2023-12-01", "2023-12-18", 1.0), ("2023-12-18", "2023-12-29", 3.0),
                                     ("2023-12-29", "2024-01-01", 4.0)]]

    case = changed("d48-travel-time-ic-seed", tmp_path, travel)
    out = exported(case, tmp_path, keep)
    seeds = table(out, "transit_seed")
    dates = ["2023-12-18", "2023-12-29", "2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"]
    hydros = table(out, "hydros")
    for scenario in (0, 1):
        found = seeds[seeds.scenario_id == scenario]
        assert [str(day) for day in found.start_date] == dates[:-1] and [str(day) for day in found.end_date] == dates[1:]
        own = hydros[(hydros.scenario_id == scenario) & (hydros.hydro_id == 0)].sort_values("stage_id")
        np.testing.assert_allclose(found.value_m3s, [3, 4, *own.outflow_m3s], atol=1e-9)
    # The next study takes them as they are.
    rows = pyarrow.parquet.read_table(out / "simulation/transit_seed/scenario_id=0000/data.parquet").to_pylist()
    assert set(rows[0]) == {"hydro_id", "start_date", "end_date", "value_m3s"}


def test_deliveries_after_the_study_are_told_apart(tmp_path):
    # What is delivered after the study costs money and brings nothing: the least is bought.
    def wait(documents):
        documents["post_study_stages.json"] = {
            "stages": [{"start_date": start, "duration_hours": hours}
                       for start, hours in [("2024-07-01", 100.0), ("2024-07-05", 648.0), ("2024-08-01", 120.0)]],
            "thermal_bounds": [{"thermal_id": 1, "post_study_stage_index": index, "cost_per_mwh": 5.0, "min_mw": 7.0 + index,
                                "max_mw": 150.0} for index in range(3)]}

    found = table(exported(changed("d55-post-study-anticipated-lanes", tmp_path, wait), tmp_path), "anticipated_lanes")
    found = found[found.scenario_id == 0].sort_values(["stage_id", "deposited_decision_mw"])
    # The deliveries end 100, 748 and 868 hours after the study, thus are decided 900, 252 and 132 hours before its end: in the
    # last stage but one, and two of them in the last, which has 720 hours.
    assert found[["stage_id", "delivery_date", "deposited_decision_mw", "carried_committed_mw"]].values.tolist() == [
        [4, 20240701, 7, 7], [5, 20240701, 8, 8], [5, 20240801, 9, 9]]


def test_a_plant_that_has_left_is_not_committed(tmp_path):
    # It leaves with stage 4, and with the study: what would be delivered then is decided by nobody, whatever limits it has.
    def leave(documents):
        thermal = next(row for row in documents["system/thermals.json"]["thermals"] if row["id"] == 1)
        thermal["exit_stage_id"] = 4
        documents["post_study_stages.json"] = {
            "stages": [{"start_date": start, "duration_hours": 744.0} for start in ("2024-07-01", "2024-08-01")],
            "thermal_bounds": [{"thermal_id": 1, "post_study_stage_index": index, "cost_per_mwh": 5.0, "min_mw": 7.0,
                                "max_mw": 150.0} for index in range(2)]}

    out = exported(changed("d55-post-study-anticipated-lanes", tmp_path, leave), tmp_path)
    lanes = table(out, "anticipated_lanes")
    assert len(lanes) > 0 and (lanes.deposited_decision_mw == 0).all()
    # A delivery is decided 1000 hours before its end: in the stage before it. Stages from 3 on decide for a plant that has left.
    rows = table(out, "thermals").query("thermal_id == 1 and scenario_id == 0").set_index("stage_id")
    decides = rows.anticipated_decision_mw.notna().groupby("stage_id").any()
    assert decides.to_dict() == {0: True, 1: True, 2: True, 3: False, 4: False, 5: False}


def test_parts_of_a_plant_add_up_to_it(tmp_path):
    out = exported("d51-split-plant-two-bus", tmp_path)
    keys = ["scenario_id", "stage_id", "block_id", "hydro_id"]
    parts, plants = table(out, "hydro_bus_generation"), table(out, "hydros").set_index(keys).sort_index()
    assert set(parts.bus_id) == {0, 1} and len(parts) == 2 * len(plants)
    sums = parts.groupby(keys)[["turbined_m3s", "generation_mw", "generation_mwh"]].sum().sort_index()
    for column in sums:
        np.testing.assert_allclose(sums[column], plants[column], rtol=1e-9, atol=1e-9)
    # The second bus is short of 10 MW in the second block of January, which only its part of the plant can give.
    second = parts[(parts.bus_id == 1) & (parts.stage_id == 0) & (parts.block_id == 1)]
    np.testing.assert_allclose(second.generation_mw, 10, rtol=1e-9)


def test_convergence_is_that_of_the_run(out):
    arrow = pyarrow.parquet.read_table(out / "training" / "convergence.parquet")
    frame = arrow.to_pandas()
    assert list(frame.iteration) == [1, 2, 3]
    gap = 100 * (frame.upper_bound - frame.lower_bound) / frame.lower_bound.abs().clip(lower=1)
    np.testing.assert_allclose(frame.gap_percent, gap)
    assert (frame.cuts_added > 0).all() and frame.lower_bound.is_monotonic_increasing
    assert str(arrow.schema.field("time_total_ms").type) == "int64"


def test_a_run_without_figures_has_its_training_alone(tmp_path):
    subprocess.run([WORKER, "train", EXAMPLES / "single-hydro", "--output", tmp_path / "run", "--iterations", "2"],
                   check=True, capture_output=True, timeout=100)
    subprocess.run([WORKER, "export", tmp_path / "run", tmp_path / "out", "--format", "novomodelo"], check=True,
                   capture_output=True, timeout=60)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["training"]
    again = subprocess.run([WORKER, "export", tmp_path / "run", tmp_path / "out", "--format", "novomodelo"],
                           capture_output=True, text=True, timeout=60)
    assert again.returncode == 74 and "not empty" in again.stderr


# Against the program itself, where Python 3.12 has it: python3.12 -m pip install novomodelo-python==0.19.1 pyarrow.
PEER = os.environ.get("COBRE_NOVOMODELO_PYTHON") or sys.executable
HAS_PEER = subprocess.run([PEER, "-c", "import novomodelo.results, pyarrow"], capture_output=True).returncode == 0
SIMILAR = """
import json, pathlib, sys
import novomodelo.results as results
from novomodelo import run

ours, case, theirs = sys.argv[1:4]
run.run(case, theirs, threads=1)
whole = results.load_results(ours)
assert whole["training"]["complete"] and whole["simulation"]["complete"]
assert results.load_convergence(ours)[-1]["lower_bound"] == whole["training"]["metadata"]["bounds"]["final_lower_bound"]
found = {}
for family in sorted(path.name for path in pathlib.Path(theirs, "simulation").iterdir() if (path / "scenario_id=0000").exists()):
    left, right = (results.load_simulation(place, family) for place in (ours, theirs)) if family in FAMILIES else ([], [])
    found[family] = [left, right]
json.dump(found, sys.stdout, default=str)
"""


@pytest.mark.skipif(not HAS_PEER, reason="novomodelo-python is missing: name a Python that has it in COBRE_NOVOMODELO_PYTHON")
@pytest.mark.skipif(not CASES.exists(), reason="the Novomodelo cases are missing: set COBRE_NOVOMODELO_CASES")
@pytest.mark.parametrize("name", ["d03-two-hydro-cascade", "d20-operational-violations", "d34-anticipated-varying-blocks",
                                  "d41-energy-contracts", "d18-ncs-commissioning-window", "d51-split-plant-two-bus",
                                  "d45-travel-time-mixed-calendar", "d48-travel-time-ic-seed", "d16-par1-lag-shift",
                                  "d55-post-study-anticipated-lanes"])
def test_the_readers_of_novomodelo_find_what_it_writes_itself(name, tmp_path):
    case = tmp_path / "case"
    shutil.copytree(CASES / name, case)
    os.chmod(case, 0o755)
    os.chmod(case / "config.json", 0o644)
    config = json.loads((case / "config.json").read_text())
    config["simulation"] = {"enabled": True, "selection": {"method": "sampled", "num_scenarios": 2}}
    (case / "config.json").write_text(json.dumps(config))
    subprocess.run([WORKER, "train", case, "--output", tmp_path / "run", "--simulate", "2", "--keep", "blocks"], check=True,
                   capture_output=True, timeout=300)
    subprocess.run([WORKER, "export", tmp_path / "run", tmp_path / "ours", "--format", "novomodelo"], check=True,
                   capture_output=True, timeout=120)
    families = FAMILIES + ["contracts", "non_controllables", "hydro_bus_generation", "in_transit", "inflow_lags", "transit_seed",
                           "anticipated_lanes"]
    script = SIMILAR.replace("FAMILIES", repr(families))
    done = subprocess.run([PEER, "-c", script, tmp_path / "ours", case, tmp_path / "theirs"], capture_output=True, text=True,
                          timeout=300)
    assert done.returncode == 0, done.stderr
    for family, (ours, theirs) in json.loads(done.stdout).items():
        if family not in families:
            continue
        left, right = pandas.DataFrame(ours), pandas.DataFrame(theirs)
        assert set(right) <= set(left), (family, set(right) - set(left))
        keys = [key for key in right.columns[:6] if key.endswith(("_id", "_date")) or key.startswith("lag")]
        left, right = (frame.sort_values(keys, na_position="first").reset_index(drop=True) for frame in (left, right))
        assert left[keys].equals(right[keys]), family
        for column in COMPARED.get(family, []):
            if column not in right:
                continue
            if name == "d03-two-hydro-cascade" and column == "future_cost":
                continue
            a, b = left[column].to_numpy(float), right[column].to_numpy(float)
            if name == "d03-two-hydro-cascade":
                # The stages are alike, so which of them takes the dear thermal is open; what all of them take is not.
                a, b = (values.sum() if column != "total_cost" else values[right["stage_id"] == 0] for values in (a, b))
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-4, err_msg=f"{family} {column}")


# What is the same whichever of several optimal dispatches is found.
COMPARED = {
    "costs": ["total_cost", "immediate_cost", "future_cost", "discount_factor", "thermal_cost", "contract_cost",
              "anticipated_thermal_cost", "deficit_cost", "curtailment_cost", "hydro_violation_cost",
              "outflow_violation_below_cost", "turbined_violation_cost"],
    "hydros": ["incremental_inflow_m3s", "equivalent_productivity_mw_per_m3s", "accumulated_productivity_mw_per_m3s",
               "incremental_inflow_energy_mw", "integrated_equivalent_productivity_mw_per_m3s",
               "integrated_accumulated_productivity_mw_per_m3s", "operative_state_code", "storage_binding_code"],
    "thermals": ["generation_cost", "is_anticipated", "operative_state_code"],
    "contracts": ["power_mw", "energy_mwh", "price_per_mwh", "total_cost", "operative_state_code"],
    "non_controllables": ["available_mw", "curtailment_mw", "curtailment_cost", "operative_state_code"],
    "exchanges": ["operative_state_code"],
    "in_transit": ["in_transit_volume_hm3", "delayed_arrival_hm3"],
    "inflow_lags": ["inflow_m3s"],
    "transit_seed": ["value_m3s"],
    "anticipated_lanes": ["deposited_decision_mw", "carried_committed_mw"],
}


@pytest.fixture(scope="module")
def declared(tmp_path_factory):
    """A case whose stages have ids of their own, with blocks that follow each other, a diversion, a commitment and constraints."""
    folder = tmp_path_factory.mktemp("declared")
    case = tiny()
    case.write(folder / "case")
    for arguments in (["train", folder / "case", "--output", folder / "run", "--keep", "blocks"],
                      ["export", folder / "run", folder / "out", "--format", "novomodelo"]):
        subprocess.run([WORKER, *arguments], check=True, capture_output=True, timeout=300)
    return folder / "out"


def tiny():
    case = Draft()
    starts = ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"]
    stages = [{"id": 5 + 2 * k, "start_date": starts[k], "end_date": starts[k + 1], "num_openings": 1, "block_mode": "chronological",
               "blocks": [{"id": 0, "name": "A", "hours": 300.0}, {"id": 1, "name": "B", "hours": 372.0}]} for k in range(3)]
    case.documents["stages.json"] = {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0}, "stages": stages}
    case.documents["config.json"] = {
        "training": {"tree_seed": 1, "selection": {"method": "sampled", "forward_passes": 1},
                     "stopping_rules": [{"type": "iteration_limit", "limit": 12}]},
        "modeling": {"inflow_non_negativity": {"method": "none"}},
        "simulation": {"enabled": True, "selection": {"method": "sampled", "num_scenarios": 2}}}
    case.documents["penalties.json"] = PRICES
    case.documents["initial_conditions.json"] = {
        "storage": [{"hydro_id": 7, "value_hm3": 50.0}, {"hydro_id": 8, "value_hm3": 40.0}], "filling_storage": [],
        "past_anticipated_commitments": [
            {"thermal_id": 3, "start_date": starts[0], "end_date": starts[1], "value_mw": 12.0}]}
    case.entities("buses").append({"id": 1, "name": "B", "operational_start_date": SINCE})
    case.entities("lines")
    for number, most, price in ((2, 20.0, 150.0), (3, 25.0, 60.0)):
        case.entities("thermals").append({"id": number, "name": f"T{number}", "operational_start_date": SINCE, "bus_id": 1,
                                          "cost_per_mwh": price, "generation": {"min_mw": 0.0, "max_mw": most}})
    case.entities("thermals")[1]["anticipated_config"] = {"lead_stages": 1}
    models = case.documents["system/hydro_production_models.json"] = {"production_models": []}
    for number, below in ((7, 8), (8, None)):
        limits = {"min_turbined_m3s": 0.0, "max_turbined_m3s": 30.0, "min_generation_mw": 0.0, "max_generation_mw": 30.0}
        case.entities("hydros").append({
            "id": number, "name": f"H{number}", "operational_start_date": SINCE, "downstream_id": below,
            "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": 100.0},
            "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None},
            "generation": {"model": "constant_productivity", **limits},
            "unit_groups": [{"id": 1, "name": "G", "bus_id": 1, **limits}]})
        models["production_models"].append({"hydro_id": number, "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": 5, "end_stage_id": None, "model": "constant_productivity", "productivity_mw_per_m3s": 0.9}]})
    case.entities("hydros")[0]["diversion"] = {"downstream_id": 8, "max_flow_m3s": 6.0}
    case.documents["constraints/generic_constraints.json"] = {"constraints": [
        {"id": 4, "name": "LOW", "expression": "hydro_turbined(8) >= 29",
         "slack": {"enabled": True, "penalty": 3.0, "penalty_basis": "per_hour"}},
        {"id": 6, "name": "HIGH", "expression": "hydro_storage(7) <= 2",
         "slack": {"enabled": True, "penalty": 3.0, "penalty_basis": "per_unit"}}]}
    for stage in stages:
        case.add("constraints/hydro_bounds", hydro_id=7, stage_id=stage["id"], block_id=None, min_diversion_m3s=2.0)
        case.add("scenarios/load_seasonal_stats", bus_id=1, stage_id=stage["id"], mean_mw=62.0, std_mw=0.0)
        for number in (7, 8):
            case.add("scenarios/inflow_seasonal_stats", hydro_id=number, stage_id=stage["id"], mean_m3s=14.0, std_m3s=0.0)
    case.add("constraints/generic_constraint_bounds", constraint_id=4, stage_id=7, block_id=None, bound_lower=None, bound_upper=None)
    case.add("constraints/generic_constraint_bounds", constraint_id=6, stage_id=9, block_id=None, bound_lower=None, bound_upper=None)
    return case


def test_stages_bear_their_declared_ids(declared):
    for family in ("costs", "hydros", "thermals", "buses"):
        assert set(table(declared, family).stage_id) == {5, 7, 9}


def test_volumes_follow_from_block_to_block(declared):
    hydros = table(declared, "hydros").sort_values(["scenario_id", "hydro_id", "stage_id", "block_id"])
    for (_, plant), rows in hydros.groupby(["scenario_id", "hydro_id"]):
        np.testing.assert_allclose(rows.storage_initial_hm3.to_numpy()[1:], rows.storage_final_hm3.to_numpy()[:-1], atol=1e-9)
        assert rows.storage_initial_hm3.iloc[0] == {7: 50.0, 8: 40.0}[plant]
        hours = np.where(rows.block_id == 0, 300.0, 372.0)
        inflow = rows.incremental_inflow_m3s.to_numpy() + rows.diverted_inflow_m3s.to_numpy()
        if plant == 8:
            above = hydros[(hydros.scenario_id == rows.scenario_id.iloc[0]) & (hydros.hydro_id == 7)]
            np.testing.assert_array_equal(rows.diverted_inflow_m3s, above.diverted_outflow_m3s)
            inflow = inflow + above.outflow_m3s.to_numpy()
        lost = rows.outflow_m3s.to_numpy() + rows.diverted_outflow_m3s.to_numpy()
        np.testing.assert_allclose(rows.storage_final_hm3 - rows.storage_initial_hm3, 0.0036 * hours * (inflow - lost), atol=1e-8)
    assert (hydros[hydros.hydro_id == 7].diverted_outflow_m3s >= 2 - 1e-9).all()


def test_commitments_are_in_every_block(declared):
    rows = table(declared, "thermals").query("thermal_id == 3 and scenario_id == 0").sort_values(["stage_id", "block_id"])
    committed, decided = rows.anticipated_committed_mw.to_numpy(), rows.anticipated_decision_mw.to_numpy()
    assert np.allclose(committed[:2], 12) and np.isnan(decided[4:]).all()
    np.testing.assert_allclose(committed[2:], decided[:4])
    hours = np.where(rows.block_id == 0, 300.0, 372.0)
    mean = (rows.generation_mw * hours).groupby(rows.stage_id).sum() / 672
    np.testing.assert_allclose(committed[::2], mean)


def test_slacks_are_in_force_only(declared):
    rows = table(declared, "violations/generic").query("scenario_id == 0")
    assert list(zip(rows.stage_id, rows.constraint_id)) == [(7, 4), (7, 4), (9, 6)]
    # A row of a whole stage has no block, and too much is positive where nothing may be missing.
    assert rows.block_id.isna().tolist() == [False, False, True] and (rows.slack_value >= -1e-9).all()
    hours = np.array([300.0, 372.0, 1.0])
    np.testing.assert_allclose(rows.slack_cost, 3 * rows.slack_value * hours, atol=1e-6)
    turbined = table(declared, "hydros").query("scenario_id == 0 and hydro_id == 8 and stage_id == 7").turbined_m3s.to_numpy()
    np.testing.assert_allclose(rows.slack_value[:2], np.maximum(0, 29 - turbined), atol=1e-9)
