"""Estimated inflow models against numpy and statsmodels."""

import csv
import datetime
import json
import subprocess
from collections import defaultdict

import numpy as np
import pytest
from statsmodels.regression.linear_model import yule_walker
from statsmodels.tsa.stattools import acf, pacf

import inflow_reference as reference
from conftest import WORKER

TOLERANCE = dict(rtol=1e-9, atol=1e-11)


class Case:
    """A case of one bus whose inflow comes from a history."""

    def __init__(self, path, hydros, seasons, stages, settings):
        self.path = path
        plant = {
            "bus_id": 1, "downstream_id": None, "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": 100.0},
            "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None},
            "generation": {
                "model": "constant_productivity", "productivity_mw_per_m3s": 1.0, "min_turbined_m3s": 0.0,
                "max_turbined_m3s": 50.0, "min_generation_mw": 0.0, "max_generation_mw": 50.0,
            },
        }
        costs = [
            "spillage_cost", "fpha_turbined_cost", "diversion_cost", "storage_violation_below_cost",
            "filling_target_violation_cost", "turbined_violation_below_cost", "outflow_violation_below_cost",
            "outflow_violation_above_cost", "generation_violation_below_cost", "evaporation_violation_cost",
            "water_withdrawal_violation_cost",
        ]
        self.save("config.json", {
            "training": {"tree_seed": 1, "forward_passes": 1,
                         "stopping_rules": [{"type": "iteration_limit", "limit": 1}]},
            "estimation": settings,
        })
        self.save("penalties.json", {
            "bus": {"deficit_segments": [{"depth_mw": None, "cost": 1000.0}], "excess_cost": 0.1},
            "line": {"exchange_cost": 0.1}, "hydro": dict.fromkeys(costs, 1.0),
            "non_controllable_source": {"curtailment_cost": 0.01},
        })
        self.save("stages.json", {
            "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0}, "season_definitions": seasons,
            "stages": [
                {"id": t, "start_date": str(a), "end_date": str(b), "season_id": s, "num_scenarios": 2,
                 "blocks": [{"id": 0, "name": "ALL", "hours": 24 * (b - a).days}]}
                for t, (a, b, s) in enumerate(stages)
            ]})
        self.save("initial_conditions.json", {
            "storage": [{"hydro_id": h, "value_hm3": 10.0} for h in hydros], "filling_storage": [],
            "past_inflows": [{"hydro_id": h, "values_m3s": [50.0] * 48} for h in hydros]})
        self.save("system/buses.json", {"buses": [{"id": 1, "name": "B"}]})
        self.save("system/lines.json", {"lines": []})
        self.save("system/thermals.json", {"thermals": []})
        self.save("system/hydros.json", {"hydros": [{"id": h, "name": f"H{h}"} | plant for h in hydros]})

    def save(self, name, content):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else json.dumps(content))

    def table(self, name, header, rows):
        self.save(f"scenarios/{name}", header + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows))

    def model(self):
        """The tables that the worker writes, by name, rows as dictionaries."""
        directory = self.path / "out"
        done = subprocess.run([WORKER, "inflow", self.path, directory], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        tables = {}
        for file in directory.glob("*.csv"):
            with file.open() as lines:
                tables[file.stem] = list(csv.DictReader(lines))
        return tables


def months(years, first=2001):
    """Months of whole years as (start, end, season)."""
    dates = [datetime.date(first + k // 12, k % 12 + 1, 1) for k in range(12 * years + 1)]
    return [(a, b, a.month - 1) for a, b in zip(dates, dates[1:])]


MONTHLY = {
    "cycle_type": "monthly", "seasons": [{"id": m, "label": f"M{m}", "month_start": m + 1} for m in range(12)]}


def simulated(random, years, order, spread=1.0):
    """A history by year and month: a periodic recursion with noise that is skew enough to be like water."""
    phi = random.uniform(0.05, 0.9 / order, (12, order)) * random.choice([1, 1, 1, -0.6], (12, order))
    mean, deviation = random.uniform(30, 90, 12), spread * random.uniform(5, 12, 12)
    z = np.zeros(12 * years + 60)
    for k in range(order, len(z)):
        z[k] = phi[k % 12] @ z[k - order:k][::-1] + random.normal() * 0.7
    z = z[60:].reshape(years, 12)
    return mean + deviation * z


@pytest.mark.parametrize("annual", [False, True], ids=["pacf", "pacf_annual"])
@pytest.mark.parametrize("seed", range(6))
def test_fit_is_that_of_the_reference(tmp_path, seed, annual):
    random = np.random.default_rng(1000 + seed)
    years = int(random.integers(15, 70))
    histories = {2: simulated(random, years, 1), 5: simulated(random, years, 3), 9: simulated(random, years, 2, 3.0)}
    histories[5][:, 3] = 40.0
    histories[5][: years * 2 // 3, 7] = np.round(histories[5][0, 7])
    max_order = int(random.integers(1, 7))
    settings = {"max_order": max_order, "order_selection": "pacf_annual" if annual else "pacf"}
    limit = 0.6 if seed % 3 == 2 else None
    if limit:
        settings["max_coefficient_magnitude"] = limit
    case = Case(tmp_path, list(histories), MONTHLY, months(1, 2101), settings)
    rows = [
        (h, datetime.date(1930 + y, m + 1, 1), repr(float(values[y, m])))
        for h, values in histories.items() for y in range(years) for m in range(12)
    ]
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", rows)
    tables = case.model()
    fits = {(int(r["hydro_id"]), int(r["season_id"])): r for r in tables["inflow_fit"]}
    coefficients = defaultdict(list)
    for row in tables.get("inflow_fit_coefficients", []):
        coefficients[int(row["hydro_id"]), int(row["season_id"])].append(float(row["coefficient"]))
    reduced = 0
    for h, values in histories.items():
        plant = reference.Plant([values[:, m] for m in range(12)], max_order, annual, limit)
        for m in range(12):
            row = fits[h, m]
            phi, psi, ratio = plant.fits[m]
            reduced += len(phi) < plant.selected[m]
            assert int(row["observations"]) == years
            np.testing.assert_allclose(float(row["mean_m3s"]), plant.mean[m], **TOLERANCE)
            np.testing.assert_allclose(float(row["std_m3s"]), plant.std[m], **TOLERANCE)
            assert int(row["order"]) == len(phi), (h, m)
            np.testing.assert_allclose(coefficients[h, m], phi, **TOLERANCE)
            np.testing.assert_allclose(float(row["residual_std_ratio"]), ratio, **TOLERANCE)
            if annual:
                np.testing.assert_allclose(float(row["annual_coefficient"]), psi, **TOLERANCE)
    # The series are made so that the reductions have something to do.
    assert reduced > 0 or max_order < 3


def test_one_season_is_the_ordinary_autoregression(tmp_path):
    random = np.random.default_rng(7)
    values = np.zeros(400)
    for k in range(2, 400):
        values[k] = 0.5 * values[k - 1] + 0.25 * values[k - 2] + random.normal()
    values = 50 + 4 * values
    years = [(datetime.date(2301 + k, 1, 1), datetime.date(2302 + k, 1, 1), 0) for k in range(2)]
    season = {"id": 0, "label": "year", "month_start": 1, "month_end": 12, "day_end": 31}
    case = Case(tmp_path, [1], {"cycle_type": "custom", "seasons": [season]}, years, {"max_order": 4})
    case.table("inflow_history.csv", "hydro_id,date,value_m3s",
               [(1, datetime.date(1801 + k, 1, 1), repr(float(v))) for k, v in enumerate(values)])
    tables = case.model()
    partial = pacf(values, nlags=4, method="ywadjusted")[1:]
    order = max(k + 1 for k in range(4) if abs(partial[k]) > 1.96 / np.sqrt(400))
    phi = [float(r["coefficient"]) for r in tables["inflow_fit_coefficients"]]
    assert len(phi) == order
    expected = yule_walker(values, order=order, method="adjusted")[0]
    np.testing.assert_allclose(phi, expected, rtol=1e-9)
    rho = acf(values, nlags=order, adjusted=True, fft=False)[1:]
    ratio = float(tables["inflow_fit"][0]["residual_std_ratio"])
    np.testing.assert_allclose(ratio, np.sqrt(1 - expected @ rho), rtol=1e-9)


def test_days_are_averaged_into_months_and_quarters(tmp_path):
    random = np.random.default_rng(3)
    seasons = [{"id": m, "label": "m", "month_start": m + 1} for m in range(12)] + [
        {"id": 12 + q, "label": "q", "month_start": 3 * q + 1, "month_end": 3 * q + 3} for q in range(4)]
    quarters = [datetime.date(2102 + k // 4, 3 * (k % 4) + 1, 1) for k in range(5)]
    stages = months(1, 2101) + [(a, b, 12 + k) for k, (a, b) in enumerate(zip(quarters, quarters[1:]))]
    case = Case(tmp_path, [4], {"cycle_type": "custom", "seasons": seasons}, stages, {"max_order": 0})
    first = datetime.date(2001, 1, 1)
    days = [first + datetime.timedelta(days=k) for k in range((datetime.date(2011, 1, 1) - first).days)]
    values = random.uniform(10, 90, len(days))
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [(4, d, repr(float(v))) for d, v in zip(days, values)])
    fits = {int(r["season_id"]): r for r in case.model()["inflow_fit"]}
    month = np.array([d.month for d in days])
    year = np.array([d.year for d in days])
    for season in range(16):
        wanted = [season + 1] if season < 12 else [3 * (season - 12) + k for k in (1, 2, 3)]
        means = [values[(year == y) & np.isin(month, wanted)].mean() for y in range(2001, 2011)]
        assert int(fits[season]["observations"]) == 10
        np.testing.assert_allclose(float(fits[season]["mean_m3s"]), np.mean(means), rtol=1e-12)
        np.testing.assert_allclose(float(fits[season]["std_m3s"]), np.std(means), rtol=1e-10)


def test_residuals_give_the_correlation(tmp_path):
    random = np.random.default_rng(11)
    years = 60
    common = random.normal(size=(12 * years + 1, 1))
    noise = 0.8 * common + 0.6 * random.normal(size=(12 * years + 1, 3))
    z = np.zeros_like(noise)
    for k in range(1, len(z)):
        z[k] = 0.6 * z[k - 1] + 0.8 * noise[k]
    histories = {h: (70 + 10 * z[1:, i]).reshape(years, 12) for i, h in enumerate([2, 5, 9])}
    case = Case(tmp_path, list(histories), MONTHLY, months(1, 2101), {"max_order": 2})
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (h, datetime.date(1930 + y, m + 1, 1), repr(float(v[y, m])))
        for h, v in histories.items() for y in range(years) for m in range(12)])
    tables = case.model()
    residuals = {}
    for h, values in histories.items():
        plant = reference.Plant([values[:, m] for m in range(12)], 2)
        standard = ((values - plant.mean) / plant.std).ravel()
        result = np.full(12 * years, np.nan)
        for k in range(12 * years):
            phi, _, ratio = plant.fits[k % 12]
            if k >= len(phi):
                result[k] = (standard[k] - sum(p * standard[k - l - 1] for l, p in enumerate(phi))) / ratio
        residuals[h] = result
    profiles = defaultdict(dict)
    for row in tables["correlation"]:
        profiles[row["profile"]][int(row["entity_id"]), int(row["other_entity_id"])] = float(row["correlation"])
    assert set(profiles) == {"default"} | {f"season {m}" for m in range(12)}
    for name, pairs in profiles.items():
        chosen = slice(None) if name == "default" else slice(int(name.split()[1]), None, 12)
        for (a, b), value in pairs.items():
            x, y = residuals[a][chosen], residuals[b][chosen]
            both = ~np.isnan(x) & ~np.isnan(y)
            np.testing.assert_allclose(value, np.corrcoef(x[both], y[both])[0, 1], rtol=1e-9)


def test_given_statistics_take_the_place_of_fitted_ones(tmp_path):
    random = np.random.default_rng(5)
    values = simulated(random, 40, 1)
    case = Case(tmp_path, [3], MONTHLY, months(1, 2101), {"max_order": 1})
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (3, datetime.date(1930 + y, m + 1, 1), repr(float(values[y, m]))) for y in range(40) for m in range(12)])
    case.table("inflow_seasonal_stats.csv", "hydro_id,stage_id,mean_m3s,std_m3s",
               [(3, t, 10.0 + t, 2.0 + t) for t in range(12)])
    tables = case.model()
    plant = reference.Plant([values[:, m] for m in range(12)], 1)
    recursion = defaultdict(dict)
    for row in tables["inflow_recursion"]:
        recursion[int(row["stage_id"])][row["term"]] = float(row["value"])
    for t in range(12):
        phi, _, ratio = plant.fits[t]
        before = (t - 1) % 12
        psi = phi[0] * (2.0 + t) / (2.0 + before) if phi else 0.0
        np.testing.assert_allclose(recursion[t].get("lag_1", 0.0), psi, rtol=1e-9)
        np.testing.assert_allclose(recursion[t]["base"], 10.0 + t - psi * (10.0 + before), rtol=1e-9)
        np.testing.assert_allclose(recursion[t]["deviation"], (2.0 + t) * ratio, rtol=1e-9)


QUARTERS = [(12, 15), (1, 16), (5, 1), (9, 1)]
"""First days of four unequal seasons, the first of which passes New Year."""


def quarters(ids):
    """Those seasons with ids in the order of the year."""
    ends = [(1, 15), (4, 30), (8, 31), (12, 14)]
    return {"cycle_type": "custom", "seasons": [
        {"id": i, "label": "s", "month_start": a, "day_start": b, "month_end": c, "day_end": d}
        for i, (a, b), (c, d) in sorted(zip(ids, QUARTERS, ends))]}


def quarter(number):
    """First day of a season by its number in time."""
    month, day = QUARTERS[number % 4]
    return datetime.date(1900 + number // 4, month, day) if number % 4 else datetime.date(1899 + number // 4, month, day)


def recursion(random, count, strength):
    """A chain of positive values with memory."""
    z = np.zeros(count + 50)
    for k in range(2, count + 50):
        z[k] = strength * z[k - 1] + 0.2 * z[k - 2] + 0.6 * random.normal()
    return 60 + 9 * z[50:]


def fitted(tables):
    coefficients = defaultdict(list)
    for row in tables.get("inflow_fit_coefficients", []):
        coefficients[int(row["hydro_id"]), int(row["season_id"])].append(float(row["coefficient"]))
    return {
        (int(r["hydro_id"]), int(r["season_id"])): (coefficients[int(r["hydro_id"]), int(r["season_id"])], r)
        for r in tables["inflow_fit"]}


@pytest.mark.parametrize("annual", [False, True], ids=["pacf", "pacf_annual"])
@pytest.mark.parametrize("first", range(12))
def test_histories_that_begin_in_any_month(tmp_path, first, annual):
    random = np.random.default_rng(40 + first)
    case = Case(tmp_path, [1], MONTHLY, months(1, 2101), {
        "max_order": 14 if first % 4 == 3 else 3, "order_selection": "pacf_annual" if annual else "pacf"})
    values = recursion(random, 12 * 55 + int(random.integers(0, 12)), 0.6)
    series = {first + k: float(v) for k, v in enumerate(values)}
    # A gap in the first year, which may be incomplete, moves no later value.
    if first in (1, 6):
        del series[first + 2]
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (1, datetime.date(1930 + t // 12, t % 12 + 1, 1), repr(v)) for t, v in series.items()])
    plant = reference.Plant(series, 14 if first % 4 == 3 else 3, annual, n=12)
    fits = fitted(case.model())
    for m in range(12):
        phi, row = fits[1, m]
        np.testing.assert_allclose(phi, plant.fits[m][0], **TOLERANCE)
        np.testing.assert_allclose(float(row["residual_std_ratio"]), plant.fits[m][2], **TOLERANCE)
        if annual:
            np.testing.assert_allclose(float(row["annual_coefficient"]), plant.fits[m][1], **TOLERANCE)
    # Neighbouring months are alike in these series, so a pairing with another year would lose most orders.
    assert annual or sum(len(f[0]) > 0 for f in plant.fits) >= 11


@pytest.mark.parametrize("ids", [(0, 1, 2, 3), (3, 0, 1, 2), (7, 3, 12, 5)], ids=str)
def test_seasons_follow_the_calendar_and_not_their_ids(tmp_path, ids):
    random = np.random.default_rng(77)
    stages = [(quarter(4 * 202 + k), quarter(4 * 202 + k + 1), ids[k % 4]) for k in range(4)]
    case = Case(tmp_path, [1, 2], quarters(ids), stages, {"max_order": 6})
    common = random.normal(size=243)
    series = {}
    for h in (1, 2):
        values = recursion(random, 240 + h, 0.5) + 4 * common[: 240 + h]
        # The second history ends with the short season that passes New Year: it must not reach into the next.
        series[h] = {200 + 2 * h + k: float(v) for k, v in enumerate(values)}
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (h, quarter(t), repr(v)) for h, x in series.items() for t, v in x.items()])
    tables = case.model()
    fits = fitted(tables)
    plants = {h: reference.Plant(x, 6, n=4) for h, x in series.items()}
    for h, plant in plants.items():
        for m in range(4):
            phi, row = fits[h, ids[m]]
            assert int(row["observations"]) == len(plant.values[m])
            np.testing.assert_allclose(float(row["mean_m3s"]), plant.mean[m], **TOLERANCE)
            np.testing.assert_allclose(phi, plant.fits[m][0], **TOLERANCE)
            np.testing.assert_allclose(float(row["residual_std_ratio"]), plant.fits[m][2], **TOLERANCE)
    # Lags are whole seasons, however unequal: b, psi and sigma follow from the fit of the season and the one before.
    steps = defaultdict(dict)
    for row in tables["inflow_recursion"]:
        steps[int(row["hydro_id"]), int(row["stage_id"])][row["term"]] = float(row["value"])
    for h, plant in plants.items():
        for t in range(4):
            phi, _, ratio = plant.fits[t]
            psi = [f * plant.std[t] / plant.std[(t - k - 1) % 4] for k, f in enumerate(phi)]
            base = plant.mean[t] - sum(f * plant.mean[(t - k - 1) % 4] for k, f in enumerate(psi))
            np.testing.assert_allclose([steps[h, t][f"lag_{k + 1}"] for k in range(len(psi))], psi, **TOLERANCE)
            np.testing.assert_allclose(steps[h, t]["base"], base, **TOLERANCE)
            np.testing.assert_allclose(steps[h, t]["deviation"], plant.std[t] * ratio, **TOLERANCE)
    # What is left of both plants is paired by time too.
    residuals = {}
    for h, plant in plants.items():
        z = {t: (v - plant.mean[t % 4]) / plant.std[t % 4] for t, v in plant.x.items()}
        residuals[h] = {
            t: (v - sum(f * z[t - k - 1] for k, f in enumerate(plant.fits[t % 4][0]))) / plant.fits[t % 4][2]
            for t, v in z.items() if all(t - k - 1 in z for k in range(len(plant.fits[t % 4][0])))}
    for row in tables["correlation"]:
        if (row["entity_id"], row["other_entity_id"]) != ("1", "2"):
            continue
        season = None if row["profile"] == "default" else ids.index(int(row["profile"].split()[1]))
        times = [t for t in residuals[1] if t in residuals[2] and season in (None, t % 4)]
        expected = np.corrcoef([residuals[1][t] for t in times], [residuals[2][t] for t in times])[0, 1]
        np.testing.assert_allclose(float(row["correlation"]), expected, rtol=1e-9)


@pytest.mark.parametrize("count", range(4, 16))
@pytest.mark.parametrize("annual", [False, True], ids=["pacf", "pacf_annual"])
def test_no_order_is_larger_than_the_data_carry(tmp_path, count, annual):
    random = np.random.default_rng(count)
    halves = {"cycle_type": "custom", "seasons": [
        {"id": 0, "label": "a", "month_start": 1, "month_end": 6}, {"id": 1, "label": "b", "month_start": 7, "month_end": 12}]}
    dates = [datetime.date(2101 + k // 2, 1 + 6 * (k % 2), 1) for k in range(3)]
    stages = [(a, b, k) for k, (a, b) in enumerate(zip(dates, dates[1:]))]
    case = Case(tmp_path, [1], halves, stages, {
        "max_order": 6, "order_selection": "pacf_annual" if annual else "pacf"})
    series = {k: float(v) for k, v in enumerate(random.uniform(60, 130, count))}
    case.table("inflow_history.csv", "hydro_id,date,value_m3s", [
        (1, datetime.date(1950 + t // 2, 1 + 6 * (t % 2), 1), repr(v)) for t, v in series.items()])
    plant = reference.Plant(series, 6, annual, n=2)
    fits = fitted(case.model())
    for m in range(2):
        phi, row = fits[1, m]
        np.testing.assert_allclose(phi, plant.fits[m][0], **TOLERANCE)
        ratio = float(row["residual_std_ratio"])
        np.testing.assert_allclose(ratio, plant.fits[m][2], **TOLERANCE)
        # More pairs than unknowns, and a share of the variance that is left.
        assert len(phi) < len(series) // 2
        assert ratio > 0 and (ratio < 1 or not any(phi))
