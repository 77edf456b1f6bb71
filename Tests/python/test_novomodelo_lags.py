"""Lags of a study whose stages change from months to quarters, against sums that need no program."""

import calendar
import datetime
import io
import os
import pathlib
import re
import subprocess

import numpy as np
import pandas
import pytest

from conftest import WORKER
from novomodelo_draft import SINCE, Draft
from novomodelo_random import PRICES

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


def hours(starts):
    days = [datetime.date.fromisoformat(start) for start in starts]
    return np.array([24.0 * (later - earlier).days for earlier, later in zip(days, days[1:])])


MONTHS = [f"2026-{month:02}-01" for month in range(1, 13)] + ["2027-01-01"]
# January to March, then two quarters.
STARTS = ["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01", "2027-07-01", "2027-10-01"]
# Months are the seasons 0 to 11, quarters 12 to 15.
DECEMBER = {"id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01", "season_id": 11}


def observed(*rows):
    return [{"hydro_id": 7, "start_date": start, "end_date": end, "value_m3s": value} for start, end, value in rows]


def study(starts, seasons, before, statistics, coefficients, observations, cycle="custom"):
    """One plant whose noise is 0; mean and deviation by stage, coefficients from lag 1 on by stage."""
    case = Draft()
    count = len(seasons)

    def season(number, label, first, last):
        days = {"day_start": 1, "month_end": last, "day_end": calendar.monthrange(2027, last)[1]} if cycle == "custom" else {}
        return {"id": number, "label": label, "month_start": first, **days}

    quarters = [season(12 + k, f"Q{k}", 3 * k + 1, 3 * k + 3) for k in range(4)] if cycle == "custom" else []
    case.documents["stages.json"] = {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0},
        "season_definitions": {"cycle_type": cycle, "seasons": [
            *(season(month, f"M{month}", month + 1, month + 1) for month in range(12)), *quarters]},
        "pre_study_stages": before,
        "stages": [{"id": k, "start_date": starts[k], "end_date": starts[k + 1], "season_id": seasons[k], "num_openings": 1,
                    "state_variables": {"storage": True, "inflow_lags": True},
                    "blocks": [{"id": 0, "name": "B", "hours": hours(starts)[k]}]} for k in range(count)]}
    case.documents["config.json"] = {
        "training": {"selection": {"method": "sampled", "forward_passes": 1}, "scenario_source": {"openings": {"source": "file"}},
                     "stopping_rules": [{"type": "iteration_limit", "limit": 3}]},
        "modeling": {"inflow_non_negativity": {"method": "none"}}}
    case.documents["penalties.json"] = PRICES
    case.documents["initial_conditions.json"] = {
        "storage": [{"hydro_id": 7, "value_hm3": 20.0}], "filling_storage": [], "recent_observations": observations}
    for name in ("lines", "thermals"):
        case.entities(name)
    case.entities("buses").append({"id": 1, "name": "B", "operational_start_date": SINCE})
    limits = {"min_turbined_m3s": 0.0, "max_turbined_m3s": 50.0, "min_generation_mw": 0.0, "max_generation_mw": 50.0}
    case.entities("hydros").append({
        "id": 7, "name": "H", "operational_start_date": SINCE, "downstream_id": None,
        "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": 100.0},
        "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None}, "generation": {"model": "constant_productivity", **limits},
        "unit_groups": [{"id": 0, "name": "G", "bus_id": 1, **limits}]})
    case.documents["system/hydro_production_models.json"] = {"production_models": [
        {"hydro_id": 7, "selection_mode": "stage_ranges", "stage_ranges": [
            {"start_stage_id": 0, "end_stage_id": None, "model": "constant_productivity", "productivity_mw_per_m3s": 0.9}]}]}
    for stage, (mean, deviation) in statistics.items():
        case.add("scenarios/inflow_seasonal_stats", hydro_id=7, stage_id=stage, mean_m3s=mean, std_m3s=deviation)
    for stage in range(count):
        for lag, coefficient in enumerate(coefficients.get(stage, []), 1):
            case.add("scenarios/inflow_ar_coefficients", hydro_id=7, stage_id=stage, lag=lag, coefficient=coefficient)
        case.add("scenarios/load_seasonal_stats", bus_id=1, stage_id=stage, mean_mw=40.0, std_mw=0.0)
        case.add("scenarios/noise_openings", stage_id=stage, opening_index=0, entity_index=0, value=0.0)
    return case


def inflows(case, folder):
    """The inflows of a simulation, with the rules of the findings."""
    case.write(folder / "case")
    checked = subprocess.run([WORKER, "validate", folder / "case"], capture_output=True, text=True, timeout=100)
    for arguments in (["train", folder / "case", "--output", folder / "run", "--simulate", "1", "--keep", "blocks"],
                      ["export", folder / "run", folder / "out", "--format", "novomodelo"]):
        done = subprocess.run([WORKER, *arguments], capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
    found = pandas.read_parquet(folder / "out" / "simulation" / "hydros").sort_values("stage_id").incremental_inflow_m3s
    return list(found), [line for line in checked.stdout.splitlines() if " 567 " in line]


def test_a_quarter_follows_the_quarter_before(tmp_path):
    """By hand: the months are 50, 25 and 12.5 above the mean, which is 29.306 over their 744, 672 and 744 hours.

    One observed month is all that the study needs of its past: the quarter before the first one lies within it. It has no
    statistics of its own.
    """
    case = study(STARTS, [0, 1, 2, 13, 14], [DECEMBER], {stage: (100.0, 20.0) for stage in range(-1, 5)},
                 {stage: [0.5] for stage in range(5)}, observed(("2026-12-01", "2027-01-01", 200.0)))
    found, told = inflows(case, tmp_path)
    months = (744 * 50 + 672 * 25 + 744 * 12.5) / 2160
    np.testing.assert_allclose(found, [150, 125, 112.5, 100 + months / 2, 100 + months / 4], rtol=1e-12)
    assert len(told) == 1 and "Lag 1" in told[0] and "stage 3" in told[0], told


STATISTICS = {-1: (100.0, 10.0), 0: (110.0, 17.0), 1: (120.0, 24.0), 2: (130.0, 31.0), 3: (140.0, 38.0), 4: (150.0, 45.0)}


def chain(coefficient, stage, lag, mean, deviation):
    """One step of the recursion, with the lag and its moments."""
    return STATISTICS[stage][0] + coefficient * STATISTICS[stage][1] / deviation * (lag - mean)


def test_a_quarter_without_statistics_has_the_mean_of_its_months(tmp_path):
    case = study(STARTS, [0, 1, 2, 13, 14], [DECEMBER], STATISTICS, {stage: [0.5] for stage in range(5)},
                 observed(("2026-12-01", "2027-01-01", 200.0)))
    found, told = inflows(case, tmp_path)
    expected = [200.0]
    for stage in range(3):
        expected.append(chain(0.5, stage, expected[-1], *STATISTICS[stage - 1]))
    del expected[0]
    weights = hours(STARTS)[:3]
    first = np.average(expected, weights=weights)
    # The mean of the whole quarter, and the deviation of the month before.
    expected.append(chain(0.5, 3, first, np.average([110, 120, 130], weights=weights), 31.0))
    expected.append(chain(0.5, 4, expected[-1], 140.0, 38.0))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert len(told) == 1


def test_the_statistics_of_a_season_count_before_those_of_its_months(tmp_path):
    """A row before the study for the first quarter of the year says what that quarter is like; then nothing is left to tell."""
    before = [DECEMBER, {"id": -2, "start_date": "2026-01-01", "end_date": "2026-04-01", "season_id": 12}]
    case = study(STARTS, [0, 1, 2, 13, 14], before, {**STATISTICS, -2: (300.0, 200.0)}, {3: [0.5]},
                 observed(("2026-12-01", "2027-01-01", 200.0)))
    found, told = inflows(case, tmp_path)
    first = np.average([110, 120, 130], weights=hours(STARTS)[:3])
    np.testing.assert_allclose(found, [110, 120, 130, chain(0.5, 3, first, 300, 200), 150], rtol=1e-12)
    assert told == []


def test_lags_of_quarters_reach_back_behind_the_study(tmp_path):
    """The second lag of the first quarter is October to December, of which December has statistics."""
    rows = [("2026-10-01", "2026-11-01", 90.0), ("2026-11-01", "2026-12-01", 120.0), ("2026-12-01", "2027-01-01", 200.0)]
    case = study(STARTS, [0, 1, 2, 13, 14], [DECEMBER], STATISTICS, {3: [0.5, 0.2], 4: [0.5, 0.2]}, observed(*rows))
    found, told = inflows(case, tmp_path)
    first = np.average([110, 120, 130], weights=hours(STARTS)[:3])
    before = np.average([90, 120, 200], weights=[31, 30, 31])
    second = chain(0.2, 3, before, 100.0, 10.0)
    third = chain(0.5, 4, second, 140.0, 38.0)
    np.testing.assert_allclose(found, [110, 120, 130, second, third], rtol=1e-12)
    assert len(told) == 1 and "and 2 more" in told[0], (first, told)


def test_a_quarter_that_starts_before_the_study(tmp_path):
    """January is before the study: the quarter before the only one consists of it, February and March."""
    starts = ["2027-02-01", "2027-03-01", "2027-04-01", "2027-07-01"]
    statistics = {-1: (90.0, 10.0), 0: (110.0, 17.0), 1: (120.0, 24.0), 2: (130.0, 31.0)}
    before = [{"id": -1, "start_date": "2027-01-01", "end_date": "2027-02-01", "season_id": 0}]
    case = study(starts, [1, 2, 13], before, statistics, {2: [0.5]}, observed(("2027-01-01", "2027-02-01", 150.0)))
    found, _ = inflows(case, tmp_path)
    lag, mean = np.average([150, 110, 120], weights=[31, 28, 31]), np.average([90, 110, 120], weights=[31, 28, 31])
    np.testing.assert_allclose(found, [110, 120, 130 + 0.5 * 31 / 24 * (lag - mean)], rtol=1e-12)


@pytest.mark.parametrize("statistics", [{0: (110.0, 17.0), 1: (120.0, 24.0)}, {-1: (90.0, 0.0), 0: (110.0, 17.0), 1: (120.0, 24.0)}])
def test_a_lag_of_which_nothing_is_known_drops_out_and_says_so(statistics, tmp_path):
    """As in Novomodelo 0.19.1, which gives 110 and 120 as well, without a word."""
    starts = ["2027-01-01", "2027-02-01", "2027-03-01"]
    case = study(starts, [0, 1], [DECEMBER], statistics, {0: [0.5], 1: [0.4]}, observed(("2026-12-01", "2027-01-01", 200.0)))
    found, told = inflows(case, tmp_path)
    np.testing.assert_allclose(found, [110, 120], rtol=1e-12)
    assert len(told) == 1 and "no effect" in told[0], told


@pytest.mark.parametrize("known, expected", [
    (0, [157.94, 193.22292, 216.927525]), (1, [248.663333, 241.44594, 243.498545]), (6, [241.098333, 229.29477, 228.25582]),
    (12, [236.457333, 221.894232, 218.801191])])
def test_annual_components_without_the_means_of_all_months(known, expected, tmp_path):
    """Inflows of simulations of novomodelo-python 0.19.1, where unknown means count as 0 without a word."""
    before = [{"id": -1 - k, "start_date": MONTHS[11 - k], "end_date": MONTHS[12 - k], "season_id": 11 - k} for k in range(12)]
    statistics = {stage: (110.0 + 10 * stage, 17.0 + stage) for stage in range(3)}
    statistics.update({-1 - k: (80.0 + 3 * k, 12.0 + k) for k in range(known)})
    past = [(MONTHS[k], MONTHS[k + 1], 200.0 + 10 * (12 - k)) for k in range(12)]
    case = study(["2027-01-01", "2027-02-01", "2027-03-01", "2027-04-01"], [0, 1, 2], before, statistics,
                 {stage: [0.5] for stage in range(3)}, observed(*past), "monthly")
    for stage in range(3):
        case.add("scenarios/inflow_annual_component", hydro_id=7, stage_id=stage, annual_coefficient=0.3, annual_mean_m3s=90.0,
                 annual_std_m3s=25.0)
    found, told = inflows(case, tmp_path)
    np.testing.assert_allclose(found, expected, atol=5e-7)
    assert bool(told) == (known < 12), told
    if 0 < known < 12:
        assert len(told) == 1 and "annual component" in told[0]
