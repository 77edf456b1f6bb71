"""The policy of a run as tables: cuts with names, dates and units, and water values that follow from them."""

import csv
import json
import sqlite3
import struct
import subprocess

import pytest

from conftest import EXAMPLES, WORKER


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    place = tmp_path_factory.mktemp("policy")
    subprocess.run([WORKER, "train", EXAMPLES / "cascade", "--output", place / "run", "--iterations", "12", "--simulate",
                    "0"], check=True, timeout=120, capture_output=True)
    subprocess.run([WORKER, "export", place / "run", place / "out", "--format", "policy"], check=True, timeout=60,
                   capture_output=True)
    subprocess.run([WORKER, "export-cuts", place / "run" / "policy", "--output", place / "cuts.json"], check=True,
                   timeout=60, capture_output=True)
    return place


def rows(place, name):
    with open(place / "out" / f"{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_cuts_are_those_of_the_policy(exported):
    stages = json.loads((EXAMPLES / "cascade/stages.json").read_text())["stages"]
    nodes = json.loads((exported / "cuts.json").read_text())
    table = rows(exported, "policy_cuts")
    assert len(table) == sum(len(node["single_cuts"]) for node in nodes)
    own = {}
    for row in table:
        own.setdefault(int(row["stage"]), []).append(row)
        assert row["date"] == stages[int(row["stage"])]["end_date"]
    for node in nodes:
        for row, cut in zip(own.get(int(node["node"]) - 1, []), node["single_cuts"], strict=True):
            assert float(row["intercept ($)"]) == cut["intercept"]
            for name, slope in cut["coefficients"].items():
                assert float(row[f"{name} ($/hm3)"]) == slope


def test_water_values_follow_from_cuts_and_states(exported):
    states = {}
    for row in rows(exported, "water_value_states"):
        states.setdefault(row["state"], {})[row["component"]] = float(row["value"])
    cuts = {}
    for row in rows(exported, "policy_cuts"):
        if row["in_use"] == "1":
            cuts.setdefault(row["stage"], []).append(row)
    hydros = {h["id"]: h for h in json.loads((EXAMPLES / "cascade/system/hydros.json").read_text())["hydros"]}
    values = rows(exported, "water_values")
    assert len(values) == 11 * 6 * 3
    for row in values:
        state = states[row["state"]]
        heights = [float(cut["intercept ($)"]) + sum(float(cut[f"{name} ($/hm3)"]) * value
                                                     for name, value in state.items()) for cut in cuts[row["stage"]]]
        # Where the cuts are below 0 the stage LPs know better: no cost of the case is negative.
        highest = max(0.0, *heights)
        assert float(row["cost_to_go ($)"]) == pytest.approx(highest, rel=1e-12)
        deciding = [-float(cut[f"storage[{row['hydro_id']}] ($/hm3)"])
                    for cut, height in zip(cuts[row["stage"]], heights) if height >= highest - 1e-9 * abs(highest)]
        deciding = deciding or [0.0]
        value = float(row["water_value ($/hm3)"])
        assert any(value == pytest.approx(slope, abs=1e-12) for slope in deciding)
        assert float(row["storage (hm3)"]) == state[f"storage[{row['hydro_id']}]"]
        # MWh of 1 hm3 on its way to the sea.
        plant, energy = hydros[int(row["hydro_id"])], 0
        while plant:
            energy += plant["generation"]["productivity_mw_per_m3s"] / 0.0036
            plant = hydros.get(plant["downstream_id"])
        assert float(row["energy_value ($/MWh)"]) == pytest.approx(value / energy, rel=1e-9, abs=1e-12)


def test_parquet_says_the_same(exported):
    parquet = pytest.importorskip("pyarrow.parquet")
    for name in ("policy_cuts", "water_values", "water_value_states", "state_components"):
        table = parquet.read_table(exported / "out" / f"{name}.parquet").to_pydict()
        text = rows(exported, name)
        assert list(table) == list(text[0])
        for column, values in table.items():
            for value, row in zip(values, text, strict=True):
                shown = row[column]
                if isinstance(value, float):
                    assert float(shown) == value
                else:
                    assert shown == ("" if value is None else str(value))


def test_cuts_over_prices_say_where_they_were_made_and_are_no_file_for_others(tmp_path):
    """A cut over a price is no bound by itself: the table has the price at which it was made, which the stored slope is minus of."""
    made = subprocess.run([WORKER.parent / "cobre-mcp", "call", "create_case", json.dumps({
        "template": "spot-market", "directory": str(tmp_path / "case")}), "--allow-dir", tmp_path], capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stdout + made.stderr
    for arguments in (["train", tmp_path / "case", "--output", tmp_path / "run", "--iterations", "3", "--simulate", "0"],
                      ["export", tmp_path / "run", tmp_path / "out", "--format", "policy"]):
        subprocess.run([WORKER, *arguments], check=True, capture_output=True, timeout=100)
    with open(tmp_path / "out" / "policy_cuts.csv", newline="") as file:
        table = list(csv.DictReader(file))
    with sqlite3.connect(tmp_path / "run" / "policy" / "policy.sqlite") as base:
        stored = [struct.unpack(f"<{len(blob) // 8}d", blob)[-1] for blob, in base.execute(
            "SELECT coefficients FROM cut ORDER BY stage, position")]
    assert table and [float(row["made_at_price[1] ($/MWh)"]) for row in table] == [-slope for slope in stored]
    assert all(float(row["made_at_price[1] ($/MWh)"]) > 0 for row in table)
    refused = subprocess.run([WORKER, "export-cuts", tmp_path / "run" / "policy", "--output", tmp_path / "cuts.json"],
                             capture_output=True, text=True, timeout=60)
    assert refused.returncode == 65 and "price processes" in refused.stderr, refused.stderr
