"""DC power flow against PYPOWER's optimal power flow on IEEE cases: cost to 1e-6, prices by bus to 1e-4; losses by scipy."""

import json
import sqlite3

import numpy as np
import pytest
from scipy.optimize import minimize

api = pytest.importorskip("pypower.api", reason="needs PYPOWER")
DEFICIT = 10_000


def congested(name):
    """An IEEE case with linear costs and lines that the cheapest dispatch would overload."""
    system = getattr(api, name)()
    quiet = api.ppoption(VERBOSE=0, OUT_ALL=0)
    generator = np.random.default_rng(len(name) + len(system["bus"]))
    count = len(system["gen"])
    costs = np.round(generator.uniform(10, 80, count), 2)
    system["gencost"] = np.array([[2, 0, 0, 2, cost, 0, 0][:7] for cost in costs])
    system["branch"][:, 5] = 0
    free = api.rundcopf(system, quiet)
    assert free["success"]
    flows = np.abs(free["branch"][:, 13])
    # The most loaded branches get less than they would take, the others are ample.
    limits = np.maximum(1.5 * flows, 40)
    pairs = [frozenset(branch[:2]) for branch in system["branch"]]
    # Two at their limits side by side, or in a row through a bus without load, would leave prices open.
    loads = {bus[0]: bus[2] for bus in system["bus"]}
    alone = [branch for branch in np.argsort(flows)
             if pairs.count(pairs[branch]) == 1 and all(loads[bus] > 0 for bus in pairs[branch])]
    for branch in alone[-max(2, len(flows) // 20):]:
        limits[branch] = 0.85 * flows[branch]
    system["branch"][:, 5] = np.round(limits, 2)
    solved = api.rundcopf(system, quiet)
    assert solved["success"]
    return system, costs, solved


def write(directory, system, costs, pieces=None):
    """The same as a case of two days; with pieces, lines have their resistances."""
    def dump(path, document):
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(document))

    penalties = {name: 100.0 for name in (
        "spillage_cost", "fpha_turbined_cost", "diversion_cost", "storage_violation_below_cost",
        "filling_target_violation_cost", "turbined_violation_below_cost", "outflow_violation_below_cost",
        "outflow_violation_above_cost", "generation_violation_below_cost", "evaporation_violation_cost",
        "water_withdrawal_violation_cost")}
    dump("config.json", {"training": {"forward_passes": 1, "tree_seed": 1, "stopping_rules": [
        {"type": "iteration_limit", "limit": 2}]}})
    dump("penalties.json", {
        "bus": {"deficit_segments": [{"depth_mw": None, "cost": float(DEFICIT)}], "excess_cost": float(DEFICIT)},
        "line": {"exchange_cost": 1.0}, "hydro": penalties, "non_controllable_source": {"curtailment_cost": 1.0}})
    dump("stages.json", {
        "policy_graph": {"type": "finite_horizon", "annual_discount_rate": 0.0},
        "stages": [{"id": day, "start_date": f"2030-01-0{1 + day}", "end_date": f"2030-01-0{2 + day}", "num_scenarios": 1,
                    "blocks": [{"id": 0, "name": "DAY", "hours": 24}]} for day in range(2)]})
    dump("initial_conditions.json", {"storage": [], "filling_storage": []})
    dump("system/hydros.json", {"hydros": []})
    buses, branches, units = system["bus"], system["branch"], system["gen"]
    dump("system/buses.json", {"buses": [{"id": int(b[0]), "name": f"BUS{int(b[0])}"} for b in buses]})
    dump("system/lines.json", {"lines": [{
        "id": index, "name": f"L{index}", "source_bus_id": int(b[0]), "target_bus_id": int(b[1]),
        "capacity": {"direct_mw": b[5], "reverse_mw": b[5]}, "exchange_cost": 0.0,
        "reactance_pu": b[3] * (b[8] or 1) * 100 / system["baseMVA"],
        **({"resistance_pu": b[2] * 100 / system["baseMVA"], "loss_pieces": pieces} if pieces and b[2] > 0 else {})} for index, b in enumerate(branches) if b[10] > 0]})
    assert not branches[:, 9].any(), "no phase shifters here"
    dump("system/thermals.json", {"thermals": [{
        "id": index, "name": f"G{index}", "bus_id": int(g[0]), "cost_per_mwh": float(costs[index]),
        "generation": {"min_mw": max(0.0, g[9]), "max_mw": g[8]}} for index, g in enumerate(units) if g[7] > 0]})
    rows = [f"{int(b[0])},{day},{float(b[2] + b[4])!r},0" for b in buses for day in range(2)]
    file = directory / "scenarios/load_seasonal_stats.csv"
    file.parent.mkdir(exist_ok=True)
    file.write_text("bus_id,stage_id,mean_mw,std_mw\n" + "\n".join(rows) + "\n")


@pytest.mark.parametrize("name", ["case14", "case30", "case118"])
def test_dispatch_prices_and_flows_are_those_of_pypower(name, start, tmp_path, runs_dir):
    system, costs, solved = congested(name)
    case = tmp_path / name
    write(case, system, costs)
    server = start("--allow-dir", tmp_path)
    answer = server.ok("train", {
        "case_dir": str(case), "simulate_scenarios": 0, "num_workers": 1, "wait_seconds": 45}, 60)
    assert answer["state"] == "succeeded", answer
    assert answer["lower_bound"] == pytest.approx(48 * solved["f"], rel=1e-6)
    kept = server.ok("simulate", {
        "run_id": answer["run_id"], "scenarios": 1, "detail": "blocks", "num_workers": 1, "wait_seconds": 45}, 60)
    with sqlite3.connect(runs_dir / kept["run_id"] / "run.sqlite") as base:
        found = {(kind, quantity, entity): value for kind, quantity, entity, value in base.execute(
            "SELECT q.entity_kind, q.name, v.entity, v.value FROM simulation_value v "
            "JOIN simulation_quantity q ON q.id = v.quantity WHERE v.block = 0 AND v.stage = 1")}
    for bus in solved["bus"]:
        assert found["bus", "marginal_cost", int(bus[0])] == pytest.approx(bus[13], abs=1e-4), bus[0]
    prices = [found["bus", "marginal_cost", int(bus[0])] for bus in solved["bus"]]
    assert max(prices) - min(prices) > 1, "the grid is congested"
    reference = int(solved["bus"][0][0])
    for bus in solved["bus"]:
        angle = found["bus", "angle", int(bus[0])] - found["bus", "angle", reference]
        assert angle == pytest.approx(bus[8] - solved["bus"][0][8], abs=1e-5), bus[0]
    for index, branch in enumerate(solved["branch"]):
        flow = found["line", "direct_flow", index] - found["line", "reverse_flow", index]
        assert flow == pytest.approx(branch[13], abs=1e-4), index


def with_losses(system, costs):
    """The dispatch with losses r f² / S, half at each end, as a program of scipy: cost per hour, losses, largest loss by line."""
    buses, branches, units = system["bus"], system["branch"], system["gen"]
    place = {int(bus[0]): index for index, bus in enumerate(buses)}
    ends = [(place[int(b[0])], place[int(b[1])]) for b in branches]
    slopes = 100 / (branches[:, 3] * np.where(branches[:, 8] == 0, 1, branches[:, 8]))
    incidence = np.zeros((len(branches), len(buses)))
    for line, (source, target) in enumerate(ends):
        incidence[line, source], incidence[line, target] = 1, -1
    share = branches[:, 2] / 100
    supply = np.zeros((len(buses), len(units)))
    for index, unit in enumerate(units):
        supply[place[int(unit[0])], index] = 1
    count = len(units)
    # Angles in rad without that of the first bus; generation in MW.
    turn = (slopes[:, None] * incidence)[:, 1:]
    load = buses[:, 2] + buses[:, 4]

    def balance(values):
        flow = turn @ values[count:]
        return supply @ values[:count] - load - incidence.T @ flow - abs(incidence).T @ (share * flow ** 2) / 2

    def slope(values):
        flow = turn @ values[count:]
        angles = -(incidence.T + abs(incidence).T * (share * flow)) @ turn
        return np.hstack([supply, angles])

    limits = branches[:, 5]
    rows = np.hstack([np.zeros((len(branches), count)), turn])
    found = minimize(
        lambda values: costs @ values[:count] / 1000, np.r_[units[:, 8] / 2, np.zeros(len(buses) - 1)],
        jac=lambda values: np.r_[costs, np.zeros(len(buses) - 1)] / 1000, method="SLSQP",
        bounds=[(max(0, u[9]), u[8]) for u in units] + [(-2, 2)] * (len(buses) - 1),
        constraints=[{"type": "eq", "fun": balance, "jac": slope},
                     {"type": "ineq", "fun": lambda v: limits - rows @ v, "jac": lambda v: -rows},
                     {"type": "ineq", "fun": lambda v: limits + rows @ v, "jac": lambda v: rows}],
        options={"maxiter": 500, "ftol": 1e-10})
    assert found.success and abs(balance(found.x)).max() < 1e-6, found.message
    return 1000 * found.fun, (share * (turn @ found.x[count:]) ** 2).sum(), share * limits ** 2


@pytest.mark.parametrize("name", ["case14", "case30"])
def test_losses_are_those_of_a_convex_program(name, start, tmp_path, runs_dir):
    system, costs, _ = congested(name)
    pieces = 64
    case = tmp_path / name
    write(case, system, costs, pieces)
    server = start("--allow-dir", tmp_path)
    answer = server.ok("train", {
        "case_dir": str(case), "simulate_scenarios": 0, "num_workers": 1, "wait_seconds": 45}, 60)
    assert answer["state"] == "succeeded", answer
    cost, losses, largest = with_losses(system, costs)
    assert losses > 1
    # Tangents are below the square by at most a share of the largest loss, which the dearest plant would make up for.
    error = max(costs) * largest.sum() / (4 * pieces ** 2)
    assert error < 1e-3 * cost
    assert cost - error <= answer["lower_bound"] / 48 <= cost * (1 + 1e-7)
    kept = server.ok("simulate", {
        "run_id": answer["run_id"], "scenarios": 1, "detail": "blocks", "num_workers": 1, "wait_seconds": 45}, 60)
    with sqlite3.connect(runs_dir / kept["run_id"] / "run.sqlite") as base:
        lost, = base.execute(
            "SELECT SUM(v.value) FROM simulation_value v JOIN simulation_quantity q ON q.id = v.quantity "
            "WHERE v.stage = 1 AND v.block = 0 AND q.name = 'losses'").fetchone()
    assert lost == pytest.approx(losses, abs=largest.sum() / (4 * pieces ** 2) + 0.02 * losses)
