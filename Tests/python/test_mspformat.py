"""Models in MSPFormat (MSMLP 1.1) as cases: the optimum against a reader that knows nothing but the format."""

import json
import math
import sqlite3
import subprocess

import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from conftest import WORKER


def variable(name, stage, cost=0.0, upper="inf", lower=0.0):
    return {"name": name, "stage": stage, "obj": [cost], "lb": [lower], "ub": [upper], "type": "CONTINUOUS"}


def row(right, *terms, kind="EQ"):
    return {"name": "", "type": kind, "rhs": right,
            "lhs": [{"name": n, "stage": t, "coefficient": [float(c)]} for n, t, c in terms]}


def value(expression, state):
    """A number, a key, or a sum or product of these."""
    if isinstance(expression, (int, float)):
        return expression
    if isinstance(expression, str):
        return {"inf": math.inf, "-inf": -math.inf}.get(expression, state.get(expression, 0.0))
    if len(expression) == 1 and not isinstance(expression[0], dict):
        return value(expression[0], state)
    result = None
    for term in expression:
        (word, inner), = term.items()
        number = value(inner, state)
        result = number if result is None else result + number if word == "ADD" else result * number
    return result


def optimum(problem, lattice):
    """The expected cost of all paths through the lattice as one linear program."""
    costs, bounds, entries, equal, limit = [], [], [], [], []

    def visit(key, weight, before):
        node = lattice[key]
        place = {}
        for v in problem["variables"]:
            if v["stage"] == node["stage"]:
                place[v["name"]] = len(costs)
                costs.append(weight * value(v["obj"], node["state"]))
                bounds.append((value(v["lb"], node["state"]), value(v["ub"], node["state"])))
        for c in problem["constraints"]:
            if max(t["stage"] for t in c["lhs"]) != node["stage"]:
                continue
            target, sign = (equal, 1) if c["type"] == "EQ" else (limit, 1 if c["type"] == "LEQ" else -1)
            for t in c["lhs"]:
                column = (place if t["stage"] == node["stage"] else before)[t["name"]]
                entries.append((target is equal, len(target), column, sign * value(t["coefficient"], {})))
            target.append(sign * value(c["rhs"], node["state"]))
        for child, share in node["successors"].items():
            visit(child, weight * share, place)

    first = [key for key, node in lattice.items() if node["stage"] == 0]
    for key in first:
        visit(key, 1 / len(first), {})

    def matrix(is_equal, rows):
        chosen = [e[1:] for e in entries if e[0] == is_equal]
        if not chosen:
            return None
        r, c, v = zip(*chosen)
        return coo_array((v, (r, c)), shape=(len(rows), len(costs))).tocsr()

    found = linprog(costs, A_eq=matrix(True, equal), b_eq=equal, A_ub=matrix(False, limit), b_ub=limit or None,
                    bounds=bounds, method="highs")
    assert found.status == 0
    return found.fun


def chain(stages, outcomes):
    """A lattice whose nodes of a stage all have the same successors."""
    return {f"{t}.{i}": {
        "stage": t, "state": state,
        "successors": {f"{t + 1}.{j}": 1 / len(outcomes) for j in range(len(outcomes))} if t + 1 < stages else {}}
        for t in range(stages) for i, state in enumerate(outcomes)}


def simple():
    """The hydrothermal problem of SDDP.jl's first tutorial and of its MSPFormat tests: 200 in store, a load of 150, thermal costs
    of 50, 100 and 150, inflows of 0, 50 or 100; its bound is 8333.33."""
    variables, constraints = [], []
    for t in range(3):
        variables += [variable("volume", t, upper=200.0), variable("thermal", t, 50.0 * (t + 1)), variable("hydro", t),
                      variable("spill", t)]
        start = [{"ADD": "inflow"}, {"ADD": 200.0}, {"ADD": [0.0]}] if t == 0 else [{"ADD": "inflow"}, {"ADD": 0.0}]
        terms = [("volume", t, 1), ("hydro", t, 1), ("spill", t, 1)] + ([("volume", t - 1, -1)] if t else [])
        constraints += [row(start, *terms), row([150.0], ("hydro", t, 1), ("thermal", t, 1))]
    return {"version": "MSMLP 1.1", "maximize": False, "variables": variables, "constraints": constraints}, chain(
        3, [{"inflow": 0.0}, {"inflow": 50.0}, {"inflow": 100.0}])


def cascade():
    """Two reservoirs, one above the other, with limits, two plants of which one must run, two loads that vary."""
    variables, constraints = [], []
    for t in range(4):
        variables += [
            variable("upper", t, upper=80.0), variable("lower", t, upper=60.0 - 5 * t, lower=5.0), variable("q1", t, upper=30.0),
            variable("q2", t, upper=35.0), variable("s1", t), variable("s2", t), variable("gas", t, 20.0 + 3 * t, 50.0),
            variable("base", t, 5.0, 20.0, 4.0), variable("oil", t, 90.0), variable("shed", t, 700.0)]
        past = lambda name: [(name, t - 1, -2.0)] if t else []
        constraints += [
            row([{"ADD": 60.0 * (t == 0)}, {"ADD": [{"MUL": "a"}, {"MUL": 2.0}]}], ("upper", t, 2), ("q1", t, 2), ("s1", t, 2),
                *past("upper")),
            row([{"ADD": 40.0 * (t == 0)}, {"ADD": "b"}], ("lower", t, 2), ("q2", t, 2), ("s2", t, 2), ("q1", t, -2), ("s1", t, -2),
                *past("lower")),
            row([{"ADD": 70.0}, {"ADD": "d"}], ("q1", t, 0.8), ("gas", t, 1), ("base", t, 1), ("shed", t, 1)),
            row([55.0], ("q2", t, 1.1), ("oil", t, 0.5), kind="GEQ")]
    return {"version": "MSMLP 1.1", "maximize": False, "variables": variables, "constraints": constraints}, chain(
        4, [{"a": 5.0, "b": 3.0, "d": -10.0}, {"a": 22.0, "b": 30.0, "d": 6.0}, {"a": 40.0, "d": 12.0}])


def memory():
    """The simple problem over four stages with dry and wet states that last."""
    problem, _ = simple()
    problem["variables"] += [variable(n, 3, c, u) for n, c, u in (
        ("volume", 0.0, 200.0), ("thermal", 120.0, "inf"), ("hydro", 0.0, "inf"), ("spill", 0.0, "inf"))]
    problem["constraints"] += [
        row([{"ADD": "inflow"}], ("volume", 3, 1), ("hydro", 3, 1), ("spill", 3, 1), ("volume", 2, -1)),
        row([150.0], ("hydro", 3, 1), ("thermal", 3, 1))]
    lattice = {"start": {"stage": 0, "state": {"inflow": 40.0}, "successors": {"dry1": 0.4, "wet1": 0.6}}}
    for t in (1, 2, 3):
        last = t == 3
        lattice[f"dry{t}"] = {"stage": t, "state": {"inflow": 10.0 * t},
                              "successors": {} if last else {f"dry{t + 1}": 0.8, f"wet{t + 1}": 0.2}}
        lattice[f"wet{t}"] = {"stage": t, "state": {"inflow": 120.0 - 10 * t},
                              "successors": {} if last else {f"dry{t + 1}": 0.3, f"wet{t + 1}": 0.7}}
    return problem, lattice


def imported(tmp_path, problem, lattice):
    files = tmp_path / "model.problem.json", tmp_path / "model.lattice.json"
    for file, content in zip(files, (problem, lattice)):
        file.write_text(json.dumps(content))
    return subprocess.run([WORKER, "import-model", *files, tmp_path / "case"], capture_output=True, text=True)


@pytest.mark.parametrize("model, stages", [(simple, 3), (cascade, 4), (memory, 7)])
def test_a_case_has_the_optimum_of_its_model(model, stages, tmp_path):
    problem, lattice = model()
    made = imported(tmp_path, problem, lattice)
    assert made.returncode == 0, made.stderr + made.stdout
    run = tmp_path / "run"
    subprocess.run([WORKER, "train", tmp_path / "case", "--output", run, "--iterations", "60", "--simulate", "0"], check=True,
                   capture_output=True)
    with sqlite3.connect(run / "run.sqlite") as base:
        bound, = base.execute("SELECT lower_bound FROM convergence ORDER BY iteration DESC LIMIT 1").fetchone()
    best = optimum(problem, lattice)
    if model is simple:
        assert best == pytest.approx(25000 / 3, rel=1e-9)
    assert bound == pytest.approx(best, rel=1e-8)
    assert len(json.loads((tmp_path / "case/stages.json").read_text())["stages"]) == stages


@pytest.mark.parametrize("change, word", [
    (lambda p, l: p.update(maximize=True), "maximises"),
    (lambda p, l: p["variables"][8].update(obj=[2.0]), "has a cost"),
    (lambda p, l: p["variables"][1].update(type="INTEGER"), "not continuous"),
    (lambda p, l: p["variables"][1].update(obj=["price"]), "only right-hand sides"),
    (lambda p, l: p["constraints"].append(row([10.0], ("hydro", 0, 1), kind="LEQ")), "is a limit"),
    (lambda p, l: p["constraints"].append(row([10.0], ("volume", 2, 1), ("volume", 0, 1))), "further back"),
    (lambda p, l: p["constraints"][0]["lhs"].pop(), "cannot spill"),
    (lambda p, l: l["0.0"]["successors"].update({"1.0": 0.9}), "sum to 1"),
    (lambda p, l: l.pop("2.0"), "successors of node"),
    (lambda p, l: p["constraints"][2]["lhs"][-1].update(coefficient=[-0.9]), "no water balance"),
])
def test_what_is_no_hydrothermal_system_is_refused_with_the_reason(change, word, tmp_path):
    problem, lattice = simple()
    change(problem, lattice)
    refused = imported(tmp_path, problem, lattice)
    assert refused.returncode == 65 and word in refused.stderr + refused.stdout, refused.stderr + refused.stdout
    assert not (tmp_path / "case").exists()
