"""Results in the layout of Novomodelo: every reader has each table as one, and the figures keep the laws of the model."""

import subprocess

import duckdb
import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

from conftest import EXAMPLES, WORKER

SCENARIOS = 7
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
    return pandas.read_parquet(out / "simulation" / family)


def families(out):
    return [family for family in FAMILIES if (out / "simulation" / family).exists()]


def test_every_reader_has_each_folder_as_one_table(out):
    for family in families(out):
        folder = out / "simulation" / family
        arrow = pyarrow.parquet.read_table(folder)
        assert arrow.num_rows > 0
        names = arrow.column_names
        assert names[:4] == ["scenario_id", "stage_id", "node_id", "block_id"]
        assert [str(arrow.schema.field(name).type) for name in names[:4]] == ["int32"] * 4
        assert set(arrow.column("scenario_id").to_pylist()) == set(range(SCENARIOS))
        assert all(str(field.type) in ("double", "bool", "int32") for field in arrow.schema)
        assert pandas.read_parquet(folder).shape == (arrow.num_rows, len(names))
        assert polars.read_parquet(folder).equals(polars.from_arrow(arrow))
        for pattern in (f"{folder}/*.parquet", f"{folder}/**/*.parquet"):
            assert duckdb.sql(f"from '{pattern}'").to_arrow_table().cast(arrow.schema).equals(arrow)
        # As the readers of the format's converter ask.
        assert polars.scan_parquet(folder / "**/*.parquet", hive_partitioning=True).collect().height == arrow.num_rows
        assert arrow.select(names[:5] if family != "costs" else names[:2]).to_pandas().duplicated().sum() == 0


def test_costs_add_up(out):
    costs = table(out, "costs")
    parts = [name for name in costs if name.endswith("_cost")
             and name not in ("total_cost", "immediate_cost", "future_cost")]
    np.testing.assert_allclose(costs[parts].sum(axis=1), costs.immediate_cost, rtol=1e-9, atol=1e-6)
    np.testing.assert_allclose(costs.immediate_cost + costs.future_cost, costs.total_cost)
    assert costs.block_id.isna().all() and (costs[costs.stage_id == 0].discount_factor == 1).all()
    summary = pandas.read_parquet(out / "simulation" / "scenario_summary.parquet")
    discounted = (costs.immediate_cost * costs.discount_factor).groupby(costs.scenario_id).sum()
    np.testing.assert_allclose(summary.discounted_immediate_cost, discounted)
    paths = pandas.read_parquet(out / "simulation" / "paths.parquet")
    assert len(paths) == len(costs) and (paths.stage_id == paths.node_id).all()


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
    if (out / "simulation" / "non_controllables" / "data.parquet").exists():
        supply = supply.add(total("non_controllables", "generation_mw"), fill_value=0)
    if (out / "simulation" / "exchanges" / "data.parquet").exists():
        need = need.add(total("exchanges", "losses_mw"), fill_value=0)
    assert len(need) > 0
    np.testing.assert_allclose(supply, need, rtol=1e-7, atol=1e-6)
    buses = table(out, "buses")
    hours = buses.load_mwh / buses.load_mw
    assert ((hours > 0) & (hours < 800)).all()


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
