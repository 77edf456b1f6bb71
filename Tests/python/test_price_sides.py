"""What `explain-price` tells for less and for more load, against linear programs of whole small cases by HiGHS."""

import json
import sqlite3
import subprocess

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from conftest import WORKER

EXCESS, SPILL, EXCHANGE = 0.5, 0.01, 0.1
HOURS = {1: [240.0], 2: [80.0, 160.0]}
BUSES = 1, 2
FLOW = 0.0036
LEAST = 1e-6


class System:
    """Two buses joined by a line, thermal plants and reservoirs in a row, without noise."""

    def __init__(self, hours, load, thermals, hydros, line, deficits=((None, 900.0),)):
        #: By block; MW by stage, bus and block.
        self.hours, self.load = hours, np.array(load, float)
        #: Bus, $/MWh, least and largest MW.
        self.thermals = thermals
        #: Bus, hm3 at first, hm3 at most, m3/s at most, MW per m3/s, place of the plant downstream, m3/s by stage.
        self.hydros = hydros
        #: MW there and back, share that is lost.
        self.line = line
        #: Depth in MW, $/MWh.
        self.deficits = deficits

    def write(self, directory):
        def dump(path, document):
            file = directory / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(document))

        stages = range(len(self.load))
        costs = {name: 1000.0 for name in (
            "fpha_turbined_cost", "diversion_cost", "storage_violation_below_cost", "filling_target_violation_cost",
            "turbined_violation_below_cost", "outflow_violation_below_cost", "outflow_violation_above_cost",
            "generation_violation_below_cost", "evaporation_violation_cost", "water_withdrawal_violation_cost")}
        dump("config.json", {
            "training": {"forward_passes": 1, "tree_seed": 1,
                         "stopping_rules": [{"type": "iteration_limit", "limit": 40}]},
            "modeling": {"inflow_non_negativity": {"method": "none"}}})
        dump("penalties.json", {
            "bus": {"deficit_segments": [{"depth_mw": d, "cost": c} for d, c in self.deficits], "excess_cost": EXCESS},
            "line": {"exchange_cost": EXCHANGE}, "hydro": {"spillage_cost": SPILL, **costs},
            "non_controllable_source": {"curtailment_cost": 1.0}})
        dump("stages.json", {
            "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0},
            "stages": [{"id": t, "start_date": f"2030-01-{1 + 10 * t:02}", "end_date": f"2030-01-{11 + 10 * t}",
                        "num_scenarios": 1,
                        "blocks": [{"id": k, "name": f"K{k}", "hours": h} for k, h in enumerate(self.hours)]}
                       for t in stages]})
        dump("initial_conditions.json", {
            "storage": [{"hydro_id": i, "value_hm3": h[1]} for i, h in enumerate(self.hydros)], "filling_storage": []})
        dump("system/buses.json", {"buses": [{"id": b, "name": f"B{b}"} for b in BUSES]})
        dump("system/lines.json", {"lines": [{
            "id": 1, "name": "L", "source_bus_id": 1, "target_bus_id": 2, "losses_percent": 100 * self.line[2],
            "capacity": {"direct_mw": self.line[0], "reverse_mw": self.line[1]}}]})
        dump("system/thermals.json", {"thermals": [
            {"id": i, "name": f"T{i}", "bus_id": bus, "cost_per_mwh": cost,
             "generation": {"min_mw": low, "max_mw": high}}
            for i, (bus, cost, low, high) in enumerate(self.thermals)]})
        dump("system/hydros.json", {"hydros": [{
            "id": i, "name": f"H{i}", "bus_id": bus, "downstream_id": below,
            "reservoir": {"min_storage_hm3": 0.0, "max_storage_hm3": most},
            "outflow": {"min_outflow_m3s": 0.0, "max_outflow_m3s": None},
            "generation": {"model": "constant_productivity", "productivity_mw_per_m3s": productivity,
                           "min_turbined_m3s": 0.0, "max_turbined_m3s": turbined, "min_generation_mw": 0.0,
                           "max_generation_mw": 10 * turbined * productivity}}
            for i, (bus, _, most, turbined, productivity, below, _) in enumerate(self.hydros)]})
        dump("scenarios/load_factors.json", {"load_factors": [
            {"bus_id": b, "stage_id": t, "block_factors": [
                {"block_id": k, "factor": float(self.load[t, i, k])} for k in range(len(self.hours))]}
            for i, b in enumerate(BUSES) for t in stages]})
        for name, header, lines in [
            ("load", "bus_id,stage_id,mean_mw,std_mw", [(b, t, 1.0, 0.0) for b in BUSES for t in stages]),
            ("inflow", "hydro_id,stage_id,mean_m3s,std_m3s",
             [(i, t, h[6][t], 0.0) for i, h in enumerate(self.hydros) for t in stages]),
        ]:
            text = "".join(",".join(map(str, line)) + "\n" for line in lines)
            (directory / f"scenarios/{name}_seasonal_stats.csv").write_text(f"{header}\n{text}")

    def optimum(self, first=0, storage=None, more=None):
        """Cost from a stage on, in $, with storages in hm3 at its beginning; `more` is stage, bus, block and MW."""
        load = self.load.copy()
        if more is not None:
            load[more[:3]] += more[3]
        cost, bounds, rows, right = [], [], [], []

        def column(price=0.0, low=0.0, high=None):
            cost.append(price)
            bounds.append((low, high))
            return len(cost) - 1

        before = None
        start = [h[1] for h in self.hydros] if storage is None else storage
        for t in range(first, len(load)):
            water = []
            for i, (_, _, most, _, _, _, inflow) in enumerate(self.hydros):
                end = column(high=most)
                water.append({end: 1.0} if before is None else {end: 1.0, before[i]: -1.0})
                right.append(FLOW * sum(self.hours) * inflow[t] + (start[i] if before is None else 0.0))
            before = [next(iter(row)) for row in water]
            rows += water
            for k, hours in enumerate(self.hours):
                power = [{}, {}]
                for bus, price, low, high in self.thermals:
                    power[bus - 1][column(hours * price, low, high)] = 1.0
                for balance in power:
                    for depth, price in self.deficits:
                        balance[column(hours * price, high=depth)] = 1.0
                    balance[column(hours * EXCESS)] = -1.0
                for source, most in enumerate(self.line[:2]):
                    flow = column(hours * EXCHANGE, high=most)
                    power[source][flow], power[1 - source][flow] = -1.0, 1.0 - self.line[2]
                for i, (bus, _, _, most, productivity, below, _) in enumerate(self.hydros):
                    turbined, spilt = column(high=most), column(hours * SPILL)
                    power[bus - 1][turbined] = productivity
                    for flow in (turbined, spilt):
                        water[i][flow] = FLOW * hours
                        if below is not None:
                            water[below][flow] = -FLOW * hours
                rows += power
                right += list(load[t, :, k])
        entries = [(v, i, j) for i, row in enumerate(rows) for j, v in row.items()]
        values, places, columns = zip(*entries)
        matrix = csr_array((values, (places, columns)), shape=(len(rows), len(cost)))
        solved = linprog(cost, A_eq=matrix, b_eq=right, bounds=bounds, method="highs-ds", options={
            "primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10})
        assert solved.status == 0, solved.message
        return solved.fun

    def prices(self, stage, bus, block, **start):
        """$/MWh for less and for more load, from the cost a little aside."""
        here = self.optimum(**start)

        def slope(step):
            return (self.optimum(more=(stage, bus, block, step), **start) - here) / (step * self.hours[block])

        sides = []
        for sign in (-1, 1):
            step = 0.05
            # The cost is piecewise linear: on the piece next to the load both slopes are the same.
            while abs(slope(sign * step) - slope(sign * step / 2)) > 1e-7:
                step /= 4
                assert step > 1e-4, "the cost bends too near to the load for this test"
            sides.append(slope(sign * step))
        assert sides[0] <= sides[1] + 1e-6
        return sides


def trained(system, directory):
    """The run of a system, checked to cost what the program costs; its storages by stage in hm3."""
    system.write(directory / "case")
    run = directory / "run"
    done = subprocess.run(
        [WORKER, "train", directory / "case", "--output", run, "--simulate", "1", "--keep", "blocks"],
        capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(run / "run.sqlite") as base:
        bound, = base.execute("SELECT lower_bound FROM convergence ORDER BY iteration DESC LIMIT 1").fetchone()
        ends = {(stage, hydro): value for stage, hydro, value in base.execute(
            "SELECT v.stage, v.entity, v.value FROM simulation_value v JOIN simulation_quantity q ON q.id = v.quantity "
            "WHERE q.entity_kind = 'hydro' AND q.name = 'storage'")}
    assert bound == pytest.approx(system.optimum(), rel=1e-8)
    return run, [[ends[t, i] for i in range(len(system.hydros))] for t in range(len(system.load))]


def told(run, stage, bus, block):
    done = subprocess.run(
        [WORKER, "explain-price", run, "--json", "--bus", str(BUSES[bus]), "--stage", str(stage),
         *(["--block", str(block)] if block is not None else [])], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return answer, [answer["range"]["mean_for_less_load"], answer["range"]["mean_for_more_load"]]


def compare(system, directory):
    """Holds every price of a system against the program; returns how many there are and how many are ranges."""
    run, ends = trained(system, directory)
    ranges = []
    is_apart = all(most == 0 for _, _, most, *_ in system.hydros)
    for t in range(len(system.load)):
        start = {} if t == 0 else {"first": t, "storage": ends[t - 1]}
        for bus in range(2):
            sides = []
            for block in range(len(system.hours)):
                wanted = system.prices(t, bus, block, **start)
                answer, found = told(run, t, bus, block)
                place = f"stage {t}, bus {BUSES[bus]}, block {block}: {found} told, {wanted} wanted"
                assert found[0] <= answer["mean_price"] + 1e-9 and answer["mean_price"] <= found[1] + 1e-9, place
                is_range = wanted[1] - wanted[0] > 1e-5 * max(1, abs(wanted[1]))
                if is_apart or t + 1 == len(system.load) or not is_range:
                    assert found == pytest.approx(wanted, rel=LEAST, abs=LEAST), place
                    assert (answer["range"]["share_with_two_prices"] == 1) == is_range, place
                else:
                    # Cuts are below the cost to come and touch it at the storage: they bend no more than it does.
                    slack = LEAST * max(1, *map(abs, wanted))
                    assert wanted[0] - slack <= found[0] and found[1] <= wanted[1] + slack, place
                ranges.append(is_range)
                sides.append(found)
            # Without a block it is the mean over the hours.
            if len(system.hours) > 1:
                _, found = told(run, t, bus, None)
                assert found == pytest.approx(np.average(sides, axis=0, weights=system.hours), rel=1e-9, abs=1e-9)
    return len(ranges), sum(ranges)


def drawn(seed, is_coarse, holds_water, stages=2):
    """A random system. Coarse numbers are few whole ones, which fill plants, lines and reservoirs to the last drop.

    Where reservoirs hold no water the stages have nothing to do with each other.
    """
    random = np.random.default_rng(seed)

    def number(low, high, step):
        value = random.uniform(low, high)
        return float(max(low, step * round(value / step)) if is_coarse else round(value, 3))

    hours = HOURS[int(random.integers(1, 3))]
    zeta = FLOW * hours[0]
    thermals = [(int(random.integers(1, 3)), number(20, 80, 20), 0.0, number(10, 40, 10))
                for _ in range(int(random.integers(3, 6)))]
    if random.random() < 0.4:
        bus, cost, _, most = thermals[0]
        thermals[0] = bus, cost, most / 2, most
    count = int(random.integers(1, 3))
    hydros = [(int(random.integers(1, 3)), zeta * number(0, 30, 10) * holds_water,
               zeta * number(40, 90, 10) * holds_water, number(10, 30, 10),
               1.0 if is_coarse else number(0.5, 1.5, 0.1), i + 1 if i + 1 < count else None,
               [number(0, 20, 10) for _ in range(stages)])
              for i in range(count)]
    load = [[[number(0, 70, 10) for _ in hours] for _ in BUSES] for _ in range(stages)]
    line = number(10, 30, 10), number(10, 30, 10), 0.0 if is_coarse or random.random() < 0.5 else 0.05
    deficits = [(10.0, 500.0), (None, 900.0)] if random.random() < 0.5 else [(None, 900.0)]
    return System(hours, load, thermals, hydros, line, deficits)


RIVER = 1, 0.0, 0.0, 20.0, 1.0, None, [5.0, 5.0]
# Load, thermal plants and line for which both prices at both buses can be said without any program; the river gives
# 5 MW at bus 1.
PLAIN = {
    "a plant at its capacity": (
        (35, 10), [(1, 40.0, 0.0, 30.0), (1, 70.0, 0.0, 30.0), (2, 20.0, 0.0, 50.0)], (0.0, 0.0),
        [(40, 70), (20, 20)]),
    "two plants of one cost": (
        (45, 10), [(1, 40.0, 0.0, 30.0), (1, 40.0, 0.0, 30.0), (2, 20.0, 0.0, 50.0)], (0.0, 0.0),
        [(40, 40), (20, 20)]),
    "two plants of one cost, one of them at its capacity": (
        (35, 10), [(1, 40.0, 0.0, 30.0), (1, 40.0, 0.0, 30.0), (2, 20.0, 0.0, 50.0)], (0.0, 0.0),
        [(40, 40), (20, 20)]),
    "two plants of one cost at the capacity of both": (
        (65, 0), [(1, 40.0, 0.0, 30.0), (1, 40.0, 0.0, 30.0), (2, 20.0, 0.0, 50.0)], (0.0, 0.0),
        [(40, 900), (-EXCESS, 20)]),
    "a line and the plant behind it at their capacities": (
        (5, 30), [(1, 40.0, 0.0, 50.0), (2, 60.0, 0.0, 10.0), (2, 80.0, 0.0, 50.0)], (20.0, 0.0),
        [(40, 40), (60, 80)]),
    "a load that water alone meets to the last drop": (
        (5, 0), [(1, 40.0, 0.0, 30.0), (2, 60.0, 0.0, 10.0)], (20.0, 20.0),
        [(-SPILL, 40), (-SPILL - EXCHANGE, 40 + EXCHANGE)]),
}


@pytest.mark.parametrize("name", PLAIN)
def test_both_prices_of_a_plain_case_are_those_of_its_merit_order(name, tmp_path):
    load, thermals, line, wanted = PLAIN[name]
    system = System([240.0], [[[float(load[0])], [float(load[1])]]] * 2, thermals, [RIVER], (*line, 0.0))
    for bus in range(2):
        assert system.prices(0, bus, 0) == pytest.approx(wanted[bus], rel=1e-6, abs=1e-6)
    compare(system, tmp_path)


@pytest.mark.parametrize("holds_water", [False, True])
def test_both_prices_are_the_slopes_of_the_optimum(holds_water, tmp_path):
    for seed in range(5):
        compare(drawn(100 + seed, False, holds_water), tmp_path / str(seed))


@pytest.mark.parametrize("holds_water", [False, True])
def test_both_prices_are_the_slopes_where_the_optimum_is_degenerate(holds_water, tmp_path):
    counts = [compare(drawn(300 + seed, True, holds_water), tmp_path / str(seed)) for seed in range(8)]
    prices, ranges = np.sum(counts, axis=0)
    assert 0.25 * prices < ranges < prices, f"{ranges} of {prices} prices are ranges"
