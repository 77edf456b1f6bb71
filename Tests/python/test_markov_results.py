"""What a simulation over a Markov graph leaves: figures by date over the states of that date, against numpy on single values."""

import json
import re
import sqlite3
import subprocess

import numpy as np
import pytest

from conftest import SERVER, WORKER

SCENARIOS = 120
DATES = [[0], [1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11]]


def call(place, tool, **arguments):
    done = subprocess.run(
        [SERVER, "call", tool, json.dumps(arguments), "--json", "--runs-dir", place / "runs", "--allow-dir", place],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Where the directory of a run is that has simulated the template `markov` and kept the values of blocks."""
    place = tmp_path_factory.mktemp("markov")
    call(place, "create_case", template="markov", directory=str(place / "case"))
    trained = call(place, "train", case_dir=str(place / "case"), iterations=8, simulate_scenarios=0, num_workers=1,
                   wait_seconds=45)
    simulated = call(place, "simulate", run_id=trained["run_id"], scenarios=SCENARIOS, detail="blocks", num_workers=1,
                     wait_seconds=45)
    assert simulated["state"] == "succeeded", simulated
    (place / "run").symlink_to(place / "runs" / simulated["run_id"])
    return place


def values(run, kind, name, entity=None):
    """By date, the value of each scenario with the stage that it came to; blocks weighted by their hours."""
    with sqlite3.connect(run / "run" / "run.sqlite") as database:
        hours = {(stage, block): h for stage, block, h in database.execute("SELECT stage, block, hours FROM block")}
        rows = database.execute(
            "SELECT v.stage, v.scenario, v.block, v.value, v.entity FROM simulation_value v JOIN simulation_quantity q "
            "ON q.id = v.quantity WHERE q.entity_kind = ? AND q.name = ?", (kind, name)).fetchall()
    found = {}
    for stage, scenario, block, value, element in rows:
        if entity is not None and element != entity:
            continue
        whole = sum(h for (s, _), h in hours.items() if s == stage)
        share = 1 if block < 0 else hours[stage, block] / whole
        date = next(i for i, states in enumerate(DATES) if stage in states)
        place = found.setdefault(date, {})
        place[scenario] = place.get(scenario, 0) + share * value
    return [np.array([found[date][s] for s in range(SCENARIOS)]) for date in range(len(DATES))]


def rows(run, sql):
    with sqlite3.connect(run / "run" / "run.sqlite") as database:
        return database.execute(sql).fetchall()


FIRST = [states[0] for states in DATES]


def test_views_count_every_state_by_those_who_come_there(run):
    storage = values(run, "hydro", "storage")
    shown = rows(run, "SELECT stage, mean, p05, p50, p95 FROM reservoir_storage ORDER BY stage")
    assert [row[0] for row in shown] == FIRST
    for own, (_, mean, low, median, high) in zip(storage, shown):
        assert mean == pytest.approx(own.mean(), rel=1e-12, abs=1e-9)
        assert [low, median, high] == pytest.approx(np.percentile(own, [5, 50, 95]), rel=1e-12, abs=1e-9)
    hours = {stage: h for stage, h in rows(run, "SELECT stage, SUM(hours) FROM block GROUP BY stage")}
    energy = rows(run, "SELECT stage, hydro, thermal, deficit FROM energy_by_source ORDER BY stage")
    assert [row[0] for row in energy] == FIRST
    parts = [values(run, "hydro", "generation"), values(run, "thermal", "generation"), values(run, "bus", "deficit")]
    for date, row in enumerate(energy):
        wanted = [hours[row[0]] * part[date].mean() for part in parts]
        assert list(row[1:]) == pytest.approx(wanted, rel=1e-9, abs=1e-6)
    deficits = rows(run, "SELECT stage, probability, energy_not_served FROM deficit_by_stage ORDER BY stage")
    assert [row[0] for row in deficits] == FIRST
    for date, (stage, probability, missing) in enumerate(deficits):
        own = hours[stage] * parts[2][date]
        assert probability == pytest.approx((own > 0.001).mean(), abs=1e-12)
        assert missing == pytest.approx(own.mean(), rel=1e-9, abs=1e-6)


def test_visits_are_shares_of_the_scenarios(run):
    came = dict(rows(run, "SELECT stage, COUNT(DISTINCT scenario) FROM simulation_value GROUP BY stage"))
    shown = rows(run, "SELECT stage, period, visits FROM stage ORDER BY stage")
    assert [period for _, period, _ in shown] == [states[0] for states in DATES for _ in states]
    for stage, _, visits in shown:
        assert visits == pytest.approx(came[stage] / SCENARIOS, abs=1e-15)
    for states in DATES:
        assert sum(visits for stage, _, visits in shown if stage in states) == pytest.approx(1, abs=1e-12)


def test_statistics_by_state_stay(run):
    mean = rows(run, "SELECT s.mean FROM simulation_statistics s JOIN simulation_quantity q ON q.id = s.quantity "
                     "WHERE q.entity_kind = 'hydro' AND q.name = 'storage' AND s.stage = 4")[0][0]
    own = [v for v, in rows(run, "SELECT v.value FROM simulation_value v JOIN simulation_quantity q ON q.id = v.quantity "
                                 "WHERE q.entity_kind = 'hydro' AND q.name = 'storage' AND v.stage = 4")]
    assert mean == pytest.approx(np.mean(own), rel=1e-12) and len(own) < SCENARIOS


def test_shares_of_prices_are_those_of_hours(run):
    hours = {(stage, block): h for stage, block, h in rows(run, "SELECT stage, block, hours FROM block")}
    single = rows(run, "SELECT v.stage, v.block, v.value FROM simulation_value v JOIN simulation_quantity q ON "
                       "q.id = v.quantity WHERE q.entity_kind = 'bus' AND q.name = 'marginal_cost'")
    weights = np.array([hours[stage, block] for stage, block, _ in single])
    prices = np.array([value for _, _, value in single])
    # Every scenario takes all hours of the study once.
    assert weights.sum() == pytest.approx(SCENARIOS * sum(hours[states[0], b] for states in DATES
                                                          for b in {b for s, b in hours if s == states[0]}))
    for price, share in rows(run, "SELECT price, share FROM price_duration"):
        assert share == pytest.approx(weights[prices >= price].sum() / weights.sum(), abs=1e-12)


def chart(run, **arguments):
    """The lines of a chart by name: places and values, and those of its bands."""
    file = run / "chart.vl.json"
    file.unlink(missing_ok=True)
    call(run, "save_plot", run_id=(run / "run").resolve().name, file=str(file), **arguments)
    layers = json.loads(file.read_text())["layer"]
    return {layer["description"]: layer["data"]["values"] for layer in layers}


def test_charts_have_one_place_for_each_date(run):
    storage = values(run, "hydro", "storage")
    lines = chart(run, kind="storage")
    places = [point["x"] for point in lines["mean"]]
    assert len(places) == len(set(places)) == len(DATES)
    assert [point["value"] for point in lines["mean"]] == pytest.approx([own.mean() for own in storage], rel=1e-9)
    for name, low, high in (("5 to 95 %", 5, 95), ("25 to 75 %", 25, 75), ("least to greatest", 0, 100)):
        assert [point["low"] for point in lines[name]] == pytest.approx([np.percentile(o, low) for o in storage], rel=1e-9)
        assert [point["high"] for point in lines[name]] == pytest.approx([np.percentile(o, high) for o in storage], rel=1e-9)
    supply = chart(run, kind="generation")
    load = [point["value"] for point in supply["load"]]
    assert load == pytest.approx([own.mean() for own in values(run, "bus", "load")], rel=1e-9)
    strands = chart(run, kind="spaghetti")
    assert len(strands["mean"]) == len(DATES)


def test_a_report_has_one_place_for_each_date(run, tmp_path):
    page = tmp_path / "report.html"
    subprocess.run([WORKER, "report", (run / "run").resolve(), "--output", page], check=True, capture_output=True)
    text = page.read_text()
    labels = [json.loads(found) for found in re.findall(r'"labels":(\[[^\]]*\])', text)]
    by_date = [found for found in labels if found and re.match(r"\d{4}-\d{2}", found[0])]
    assert by_date and all(len(found) == len(set(found)) == len(DATES) for found in by_date)
    storage = values(run, "hydro", "storage")
    match = re.search(r'"chart":"Storage at the end[^"]*".*?"name":"mean","values":(\[[^\]]*\])', text, re.S)
    shown = json.loads(match.group(1))
    assert shown == pytest.approx([own.mean() for own in storage], rel=1e-9, abs=1e-9)
