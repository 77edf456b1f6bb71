"""Prices as processes (objective states) against dynamic programming on a fine grid and against a scenario tree by HiGHS."""

import csv
import itertools
import json
import sqlite3

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array
from scipy.stats import norm

HOURS = 0.0036


def rows(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def write(path, header, lines):
    path.write_text("\n".join([header] + [",".join(map(str, line)) for line in lines]) + "\n")


class Case:
    """What the references read of a copy of the template `spot-market`."""

    def __init__(self, directory):
        read = lambda name: json.loads((directory / name).read_text())
        self.stages = read("stages.json")["stages"]
        self.rate = read("stages.json")["policy_graph"]["annual_discount_rate"]
        penalties = read("penalties.json")
        self.deficit = penalties["bus"]["deficit_segments"][0]["cost"]
        self.excess, self.spill = penalties["bus"]["excess_cost"], penalties["hydro"]["spillage_cost"]
        self.thermal = read("system/thermals.json")["thermals"][0]
        self.hydro = read("system/hydros.json")["hydros"][0]
        self.contracts = read("system/energy_contracts.json")["contracts"]
        self.processes = read("system/price_processes.json")["price_processes"]
        self.start = read("initial_conditions.json")["storage"][0]["value_hm3"]
        self.load = {int(r["stage_id"]): float(r["mean_mw"]) for r in rows(directory / "scenarios/load_seasonal_stats.csv")}
        self.inflow = {int(r["stage_id"]): float(r["mean_m3s"])
                       for r in rows(directory / "scenarios/inflow_seasonal_stats.csv")}
        self.productivity = self.hydro["generation"]["productivity_mw_per_m3s"]
        self.turbined = min(self.hydro["generation"]["max_turbined_m3s"],
                            self.hydro["generation"]["max_generation_mw"] / self.productivity)

    def hours(self, t):
        return sum(block["hours"] for block in self.stages[t]["blocks"])

    def discount(self, t):
        days = (np.datetime64(self.stages[t]["end_date"]) - np.datetime64(self.stages[t]["start_date"])).astype(int)
        return (1 + self.rate) ** (-days / 365.25)


def quantiles(count):
    """Midpoints of equal parts of the normal distribution, scaled to variance 1."""
    raw = norm.ppf((np.arange(count) + 0.5) / count)
    return raw / np.sqrt(np.mean(raw**2)) if count > 1 else raw * 0


def grid_value(case, storages=121, prices=121):
    """Dynamic programming over storage and price with one block, one process and no noise of inflows.

    Storages at the end are those of the grid and those at which another supply begins, so that only the interpolation of a
    convex function of storage costs a little more, and that of a concave function of the price a little less.
    """
    low, high = case.hydro["reservoir"]["min_storage_hm3"], case.hydro["reservoir"]["max_storage_hm3"]
    x = np.linspace(low, high, storages)
    process = case.processes[0]
    y = np.linspace(-60, 240, prices)
    buy, sell = (next(c for c in case.contracts if c["type"] == kind) for kind in ("import", "export"))
    most = sell["limits"]["max_mw"]

    def best(t, price, start, future):
        """Least cost from storages at the start, given the discounted future at the grid of storages."""
        hours = case.hours(t)
        zeta = HOURS * hours
        # All that can be sold is sold; not to sell is a supply at the price that is lost.
        supplies = sorted([
            (price - sell["price_per_mwh"], most), (case.thermal["cost_per_mwh"], case.thermal["generation"]["max_mw"]),
            (price + buy["price_per_mwh"], buy["limits"]["max_mw"]), (case.deficit, np.inf)])
        edges = np.cumsum([0] + [size for _, size in supplies[:-1]])
        flows = np.clip(np.append((case.load[t] + most - edges) / case.productivity, [0, case.turbined]), 0, case.turbined)
        full = start[:, None] + zeta * case.inflow[t]
        end = np.concatenate([np.broadcast_to(x, (len(start), storages)), full - zeta * flows[None, :]], axis=1)
        water = (full - end) / zeta
        possible = (water >= -1e-9) & (end >= low - 1e-9) & (end <= high + 1e-9)
        turbined = np.clip(water, 0, case.turbined)
        need = case.load[t] + most - case.productivity * turbined
        cost = case.spill * np.maximum(water - turbined, 0) + (sell["price_per_mwh"] - price) * most
        cost = cost + case.excess * np.maximum(-need, 0)
        need = np.maximum(need, 0)
        for each, size in supplies:
            used = np.minimum(need, size)
            cost = cost + each * used
            need = need - used
        return np.min(np.where(possible, hours * cost + np.interp(end, x, future), np.inf), axis=1)

    after = np.zeros((prices, storages))
    for t in reversed(range(len(case.stages))):
        future = case.discount(t) * after
        noise = process["deviation"] * quantiles(case.stages[t]["num_scenarios"])
        base = (1 - process["coefficient"]) * process["mean_price"]
        if t == 0:
            reached = base + process["coefficient"] * process["initial_price"] + noise
            at = [np.array([np.interp(price, y, future[:, j]) for j in range(storages)]) for price in reached]
            return float(np.mean([best(t, price, np.array([case.start]), now) for price, now in zip(reached, at)]))
        solved = np.array([best(t, price, x, future[i]) for i, price in enumerate(y)])
        after = np.zeros_like(solved)
        for e in noise:
            place = np.clip((base + process["coefficient"] * y + e - y[0]) / (y[1] - y[0]), 0, prices - 1 - 1e-9)
            index = place.astype(int)
            share = (place - index)[:, None]
            after += ((1 - share) * solved[index] + share * solved[index + 1]) / len(noise)


def tree_value(case, innovations, inflows, stages):
    """The case as one program over all nodes of its tree, from `innovations[t][opening][process]` and `inflows[t][opening]`."""
    names, costs, bounds = {}, [], []
    entries, right = [], []

    def column(lower, upper, cost):
        costs.append(cost)
        bounds.append((lower, upper))
        return len(costs) - 1

    def row(value, terms):
        entries.extend((len(right), c, v) for c, v in terms)
        right.append(value)

    def add(t, before, prices, weight):
        """`before` is the storage column of the node before, or a number."""
        for opening in range(len(inflows[t])):
            share = weight / len(inflows[t])
            hours = case.hours(t)
            here = [(1 - p["coefficient"]) * p["mean_price"] + p["coefficient"] * prices[i] + innovations[t][opening][i]
                    for i, p in enumerate(case.processes)]
            load = []
            for contract in case.contracts:
                process = next(i for i, p in enumerate(case.processes) if p["id"] == contract["price_process_id"])
                sign = 1 if contract["type"] == "import" else -1
                cost = contract["price_per_mwh"] + sign * here[process]
                c = column(contract["limits"]["min_mw"], contract["limits"]["max_mw"], share * hours * cost)
                load.append((c, sign))
            load.append((column(0, case.thermal["generation"]["max_mw"], share * hours * case.thermal["cost_per_mwh"]), 1))
            load.append((column(0, None, share * hours * case.deficit), 1))
            load.append((column(0, None, share * hours * case.excess), -1))
            turbined, spilled = column(0, case.turbined, 0), column(0, None, share * hours * case.spill)
            load.append((turbined, case.productivity))
            row(case.load[t], load)
            storage = column(case.hydro["reservoir"]["min_storage_hm3"], case.hydro["reservoir"]["max_storage_hm3"], 0)
            zeta = HOURS * hours
            balance = [(storage, 1), (turbined, zeta), (spilled, zeta)]
            value = zeta * inflows[t][opening]
            if isinstance(before, float):
                value += before
            else:
                balance.append((before, -1))
            row(value, balance)
            if t + 1 < stages:
                add(t + 1, storage, here, share * case.discount(t))

    add(0, float(case.start), [p["initial_price"] for p in case.processes], 1.0)
    r, c, v = zip(*entries)
    matrix = coo_array((v, (r, c)), shape=(len(right), len(costs))).tocsr()
    found = linprog(costs, A_eq=matrix, b_eq=right, bounds=bounds, method="highs")
    assert found.status == 0
    return found.fun


@pytest.fixture
def market(start, tmp_path):
    """A server, and a copy of the template that it has made, without noise of inflows."""
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "market"
    server.ok("create_case", {"template": "spot-market", "directory": str(case)})
    table = case / "scenarios/inflow_seasonal_stats.csv"
    write(table, "hydro_id,stage_id,mean_m3s,std_m3s",
          [(r["hydro_id"], r["stage_id"], r["mean_m3s"], 0) for r in rows(table)])
    return server, case


def train(server, case, **options):
    answer = server.ok("train", {
        "case_dir": str(case), "iterations": 60, "forward_passes": 4, "simulate_scenarios": 0, "num_workers": 1,
        "wait_seconds": 45, **options}, 90)
    # However long the machine takes.
    for _ in range(10):
        if answer["state"] in ("succeeded", "failed", "interrupted", "cancelled"):
            break
        answer = server.ok("status", {"run_id": answer["run_id"], "wait_seconds": 45}, 90)
    assert answer["state"] == "succeeded", answer
    return answer


def test_a_reservoir_with_a_price_process_has_the_value_of_a_fine_grid(market):
    server, directory = market
    shorten(directory, 5, 4)
    # More load than the town has, so that the cost is far from 0.
    table = directory / "scenarios/load_seasonal_stats.csv"
    write(table, "bus_id,stage_id,mean_mw,std_mw", [(1, r["stage_id"], 130, 0) for r in rows(table)])
    wanted = grid_value(Case(directory))
    answer = train(server, directory, iterations=120)
    assert answer["lower_bound"] == pytest.approx(wanted, rel=3e-4)


def shorten(directory, stages, openings):
    """Leaves the first stages, with some openings each."""
    file = directory / "stages.json"
    document = json.loads(file.read_text())
    document["stages"] = document["stages"][:stages]
    for stage in document["stages"]:
        stage["num_scenarios"] = openings
    file.write_text(json.dumps(document))
    for path in (directory / "scenarios").glob("*.csv"):
        kept = [r for r in rows(path) if int(r["stage_id"]) < stages]
        write(path, ",".join(kept[0]), [r.values() for r in kept])


def two_prices(directory, stages, openings):
    """Gives purchases a process of their own, and joint openings of inflow and both prices; returns them."""
    file = directory / "system/price_processes.json"
    document = json.loads(file.read_text())
    document["price_processes"].append(
        {"id": 2, "name": "IMPORT", "initial_price": 70.0, "mean_price": 100.0, "coefficient": 1.0})
    file.write_text(json.dumps(document))
    file = directory / "system/energy_contracts.json"
    document = json.loads(file.read_text())
    document["contracts"][0]["price_process_id"] = 2
    file.write_text(json.dumps(document))
    (directory / "scenarios/inflow_seasonal_stats.csv").unlink()
    generator = np.random.default_rng(5)
    innovations = np.round(generator.normal(0, 25, (stages, openings, 2)), 2)
    inflows = np.round(generator.uniform(30, 110, (stages, openings)), 2)
    write(directory / "scenarios/price_openings.csv", "stage_id,opening_index,price_process_id,value",
          [(t, o, p + 1, innovations[t, o, p]) for t, o, p in itertools.product(range(stages), range(openings), range(2))])
    write(directory / "scenarios/inflow_openings.csv", "stage_id,opening_index,hydro_id,value_m3s",
          [(t, o, 1, inflows[t, o]) for t, o in itertools.product(range(stages), range(openings))])
    return innovations, inflows


def test_two_prices_and_inflows_reach_their_tree_and_the_simulation_adds_up(market, runs_dir):
    server, directory = market
    before = Case(directory)
    shorten(directory, 5, 3)
    innovations, inflows = two_prices(directory, 5, 3)
    case = Case.__new__(Case)
    case.__dict__.update(before.__dict__)
    read = lambda name: json.loads((directory / name).read_text())
    case.processes = read("system/price_processes.json")["price_processes"]
    case.contracts = read("system/energy_contracts.json")["contracts"]
    wanted = tree_value(case, innovations, inflows, 5)
    answer = train(server, directory, iterations=150)
    assert answer["lower_bound"] == pytest.approx(wanted, rel=1e-7)
    kept = server.ok("simulate", {
        "run_id": answer["run_id"], "scenarios": 300, "detail": "blocks", "num_workers": 1, "wait_seconds": 45}, 90)
    with sqlite3.connect(runs_dir / kept["run_id"] / "run.sqlite") as base:
        found = {
            row[:5]: row[5] for row in base.execute(
                "SELECT q.entity_kind, q.name, v.entity, v.scenario, v.stage, v.value FROM simulation_value v "
                "JOIN simulation_quantity q ON q.id = v.quantity WHERE v.scenario < 20 ORDER BY v.block")}
    known = {p: np.array([[innovations[t, o, p] for o in range(3)] for t in range(5)]) for p in range(2)}
    for scenario in range(20):
        price = [p["initial_price"] for p in case.processes]
        for t in range(5):
            for i, p in enumerate(case.processes):
                now = found["price", "price", p["id"], scenario, t]
                drift = (1 - p["coefficient"]) * p["mean_price"] + p["coefficient"] * price[i]
                assert np.min(np.abs(now - drift - known[i][t])) < 1e-9
                price[i] = now
            power = {c["id"]: found["contract", "power", c["id"], scenario, t] for c in case.contracts}
            cost = case.hours(t) * (power[1] * (3 + price[1]) + power[2] * (2 - price[0]))
            assert found["system", "cost.contracts", 0, scenario, t] == pytest.approx(cost, rel=1e-9, abs=1e-6)
            parts = sum(found["system", f"cost.{group}", 0, scenario, t]
                        for group in ("resource", "recourse", "violation", "regularisation"))
            assert found["system", "cost", 0, scenario, t] == pytest.approx(parts, rel=1e-9, abs=1e-5)


def test_the_value_of_a_state_is_that_of_the_program(market):
    """`inspect_policy` at the start of the study and the lower bound of a stage that costs nothing agree."""
    server, directory = market
    answer = train(server, directory, iterations=30)
    seen = server.ok("inspect_policy", {"run_id": answer["run_id"], "stage": 3})
    assert "price[1]" in json.dumps(seen)


@pytest.mark.parametrize("change, word", [
    ({"training": {"cut_formulation": "multi"}}, "cuts for each opening"),
    ({"upper_bound_evaluation": {"enabled": True}}, "deterministic upper bound"),
    ({"training": {"cut_selection": {"enabled": True, "method": "domination"}}}, "by their values"),
])
def test_what_prices_do_not_go_with_is_refused(market, change, word):
    server, directory = market
    file = directory / "config.json"
    document = json.loads(file.read_text())
    for section, values in change.items():
        document.setdefault(section, {}).update(values)
    file.write_text(json.dumps(document))
    report = server.ok("validate_case", {"case_dir": str(directory)})
    assert not report["valid"]
    assert any(f["code"] == 565 and word in f["message"] for f in report["findings"]), report
