"""Exported models (StochOptFormat 1.0): their structure, and their optimum by a reader that knows nothing but the format."""

import csv
import json
import math
import sqlite3
import subprocess

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import coo_array

from conftest import WORKER


def check(document):
    """What the schemas of StochOptFormat 1.0 and MathOptFormat 1 ask for."""
    assert set(document) <= {"version", "name", "author", "date", "description", "root", "nodes", "subproblems",
                             "validation_scenarios"}
    assert document["version"] == {"major": 1, "minor": 0}
    assert set(document["root"]) == {"state_variables", "successors"}
    for node in document["nodes"].values():
        assert set(node) <= {"subproblem", "realizations", "successors"} and node["subproblem"] in document["subproblems"]
        assert all(name in document["nodes"] and 0 <= share <= 1 for name, share in node["successors"].items())
        if "realizations" in node:
            assert sum(r["probability"] for r in node["realizations"]) == pytest.approx(1, abs=1e-12)
            random = set(document["subproblems"][node["subproblem"]]["random_variables"])
            assert all(set(r) == {"probability", "support"} and set(r["support"]) == random for r in node["realizations"])
    for problem in document["subproblems"].values():
        assert set(problem) == {"state_variables", "random_variables", "subproblem"}
        model = problem["subproblem"]
        assert set(model) == {"version", "variables", "objective", "constraints"} and model["version"]["major"] == 1
        names = [variable["name"] for variable in model["variables"]]
        assert len(set(names)) == len(names)
        assert set(problem["state_variables"]) == set(document["root"]["state_variables"])
        used = {v for state in problem["state_variables"].values() for v in state.values()} | set(problem["random_variables"])
        for function in [model["objective"]["function"]] + [c["function"] for c in model["constraints"]]:
            used |= {function["name"]} if function["type"] == "Variable" else {t["variable"] for t in function["terms"]}
        assert used <= set(names)
        for constraint in model["constraints"]:
            keys = {"LessThan": {"upper"}, "GreaterThan": {"lower"}, "EqualTo": {"value"}, "Interval": {"lower", "upper"}}
            assert set(constraint["set"]) - {"type"} == keys[constraint["set"]["type"]]


def optimum(document):
    """The expected cost of the whole tree as one linear program."""
    costs, lower, upper, entries, row_lower, row_upper = [], [], [], [], [], []

    def visit(node, incoming, weight, weights):
        problem = document["subproblems"][node["subproblem"]]
        model = problem["subproblem"]
        for outcome in node.get("realizations") or [{"probability": 1, "support": {}}]:
            probability = weight * outcome["probability"]
            place = {}
            for variable in model["variables"]:
                place[variable["name"]] = len(costs)
                costs.append(0)
                value = outcome["support"].get(variable["name"])
                lower.append(-math.inf if value is None else value)
                upper.append(math.inf if value is None else value)
            for name, state in problem["state_variables"].items():
                column = place[state["in"]]
                if isinstance(incoming[name], float):
                    lower[column] = upper[column] = incoming[name]
                else:
                    entries.extend([(len(row_lower), column, 1), (len(row_lower), incoming[name][0], -1)])
                    row_lower.append(0)
                    row_upper.append(0)
            for term in model["objective"]["function"]["terms"]:
                costs[place[term["variable"]]] += probability * term["coefficient"] / 1000
            for constraint in model["constraints"]:
                function, limits = constraint["function"], constraint["set"]
                low = limits.get("lower", limits.get("value", -math.inf))
                high = limits.get("upper", limits.get("value", math.inf))
                terms = [(function["name"], 1)] if function["type"] == "Variable" else [
                    (t["variable"], t["coefficient"]) for t in function["terms"]]
                entries.extend((len(row_lower), place[name], value) for name, value in terms)
                row_lower.append(low)
                row_upper.append(high)
            outgoing = {name: [place[state["out"]]] for name, state in problem["state_variables"].items()}
            for name, share in node["successors"].items():
                visit(document["nodes"][name], outgoing, probability * share, weights)

    start = {name: float(value) for name, value in document["root"]["state_variables"].items()}
    for name, share in document["root"]["successors"].items():
        visit(document["nodes"][name], start, share, None)
    rows, columns, values = zip(*entries)
    matrix = coo_array((values, (rows, columns)), shape=(len(row_lower), len(costs))).tocsr()
    row_lower, row_upper = np.array(row_lower), np.array(row_upper)
    same, above, below = row_lower == row_upper, np.isfinite(row_lower), np.isfinite(row_upper)
    above, below = above & ~same, below & ~same
    from scipy.sparse import vstack
    found = linprog(
        costs, A_ub=vstack([matrix[below], -matrix[above]]), b_ub=np.r_[row_upper[below], -row_lower[above]],
        A_eq=matrix[same], b_eq=row_lower[same], bounds=list(zip(lower, upper)), method="highs")
    assert found.status == 0, found.message
    return 1000 * found.fun


def shorten(case, stages, openings):
    """The first stages of a template, with few openings."""
    document = json.loads((case / "stages.json").read_text())
    document["stages"] = document["stages"][:stages]
    for stage in document["stages"]:
        stage["num_scenarios"] = openings
    arcs = document["policy_graph"].get("transitions", [])
    document["policy_graph"]["transitions"] = [a for a in arcs if a["target_id"] < stages]
    (case / "stages.json").write_text(json.dumps(document))
    for table in (case / "scenarios").glob("*.csv"):
        with table.open() as text:
            names, *rows = csv.reader(text)
        place = names.index("stage_id")
        table.write_text("\n".join(",".join(row) for row in [names] + [r for r in rows if int(r[place]) < stages]) + "\n")
    for file in (case / "scenarios").glob("*.json"):
        content = json.loads(file.read_text())
        for key, rows in content.items():
            content[key] = [row for row in rows if row["stage_id"] < stages]
        file.write_text(json.dumps(content))


def remember(case):
    """Gives two plants of the cascade inflows that depend on the month before."""
    document = json.loads((case / "stages.json").read_text())
    document["pre_study_stages"] = [{"id": -1, "start_date": "2026-12-01", "end_date": "2027-01-01", "season_id": 11}]
    (case / "stages.json").write_text(json.dumps(document))
    with (case / "scenarios/inflow_seasonal_stats.csv").open("a") as table:
        table.writelines(f"{plant},-1,{mean},{mean / 4}\n" for plant, mean in ((1, 50), (2, 30), (3, 25)))
    (case / "scenarios/inflow_ar_coefficients.csv").write_text(
        "hydro_id,stage_id,lag,coefficient,residual_std_ratio\n"
        + "".join(f"{plant},{stage},1,0.6,0.8\n" for plant in (1, 3) for stage in range(3)))
    file = case / "initial_conditions.json"
    document = json.loads(file.read_text())
    document["past_inflows"] = [{"hydro_id": plant, "values_m3s": [70.0]} for plant in (1, 3)]
    file.write_text(json.dumps(document))


@pytest.mark.parametrize("template, stages", [("cascade", 3), ("lags", 3), ("battery", 3), ("markov", 5), ("river-rules", 3)])
def test_an_exported_model_has_the_optimum_of_its_case(template, stages, start, tmp_path):
    server = start("--allow-dir", tmp_path)
    case = tmp_path / template
    server.ok("create_case", {"template": "cascade" if template == "lags" else template, "directory": str(case)})
    shorten(case, stages, 3)
    if template == "lags":
        remember(case)
    file, run = tmp_path / "model.sof.json", tmp_path / "run"
    subprocess.run([WORKER, "export-model", case, "--output", file], check=True, capture_output=True)
    document = json.loads(file.read_text())
    check(document)
    subprocess.run([WORKER, "train", case, "--output", run, "--iterations", "80", "--simulate", "0"], check=True,
                   capture_output=True)
    with sqlite3.connect(run / "run.sqlite") as base:
        bound, = base.execute("SELECT lower_bound FROM convergence ORDER BY iteration DESC LIMIT 1").fetchone()
    best = optimum(document)
    assert bound <= best * (1 + 1e-7)
    assert bound == pytest.approx(best, rel=1e-5)
    assert any(name.startswith("inflow_lag") for name in document["root"]["state_variables"]) == (template == "lags")
    # Cuts name the same nodes and states.
    cuts = tmp_path / "cuts.json"
    subprocess.run([WORKER, "export-cuts", run / "policy", "--output", cuts], check=True, capture_output=True)
    for node in json.loads(cuts.read_text()):
        assert node["node"] in document["nodes"]
        for cut in node["single_cuts"]:
            assert set(cut["coefficients"]) == set(document["root"]["state_variables"])


def test_what_the_format_cannot_say_is_refused(start, tmp_path):
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "averse"
    server.ok("create_case", {"template": "risk-averse", "directory": str(case)})
    command = [WORKER, "export-model", case, "--output", tmp_path / "model.sof.json"]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 65 and "risk measure" in refused.stderr + refused.stdout
    assert not (tmp_path / "model.sof.json").exists()
