"""Markov states out of a history, against numpy: every split tried, transitions counted from dates."""

import csv
import datetime
import itertools
import json
import subprocess

import numpy as np
import pytest

from conftest import WORKER


def rows(file):
    with file.open() as text:
        return list(csv.DictReader(text))


def last_year(case):
    return max(int(row["date"][:4]) for row in rows(case / "scenarios/inflow_history.csv"))


@pytest.fixture
def history(start, tmp_path, request):
    """The template cascade with eighteen years of inflows of its three plants that remember each other."""
    last = request.param
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "case"
    server.ok("create_case", {"template": "cascade", "directory": str(case)})
    generator = np.random.default_rng(11)
    (case / "scenarios/inflow_seasonal_stats.csv").unlink()
    means = {1: 40, 2: 25, 3: 20}
    lines, level = ["hydro_id,date,value_m3s"], 0.0
    for year, month in itertools.product(range(last - 17, last + 1), range(1, 13)):
        level = 0.7 * level + generator.normal(0, 0.3)
        for plant, mean in means.items():
            value = mean * np.exp(level + generator.normal(0, 0.1))
            lines.append(f"{plant},{year}-{month:02}-01,{value:.3f}")
    (case / "scenarios/inflow_history.csv").write_text("\n".join(lines) + "\n")
    # Without lags a history need not reach the start of the study.
    config = json.loads((case / "config.json").read_text())
    (case / "config.json").write_text(json.dumps({**config, "estimation": {"max_order": 0}}))
    return server, case


def expected(case, states, least, past=None):
    """States by month of the study and the chain between them, from the files alone."""
    plants = {h["id"]: h for h in json.loads((case / "system/hydros.json").read_text())["hydros"]}

    def power(plant):
        below = plants[plant]["downstream_id"]
        return plants[plant]["generation"]["productivity_mw_per_m3s"] + (power(below) if below is not None else 0)

    inflows = {}
    for row in rows(case / "scenarios/inflow_history.csv"):
        date = datetime.date.fromisoformat(row["date"])
        inflows.setdefault((date.year, date.month), {})[int(row["hydro_id"])] = float(row["value_m3s"])
    inflows = {key: value for key, value in inflows.items() if len(value) == len(plants)}
    wet = {key: sum(power(p) * v for p, v in value.items()) for key, value in inflows.items()}

    def split(month):
        members = sorted((wet[key], key) for key in wet if key[1] == month)
        values = np.array([value for value, _ in members])
        best = None
        for cuts in itertools.combinations(range(1, len(values)), states - 1):
            parts = np.split(np.arange(len(values)), cuts)
            if min(map(len, parts)) < least:
                continue
            spread = sum(((values[part] - values[part].mean()) ** 2).sum() for part in parts)
            if best is None or spread < best[0] - 1e-9:
                best = (spread, parts)
        return [sorted(members[i][1] for i in part) for part in best[1]]

    after = lambda key: (key[0] + key[1] // 12, key[1] % 12 + 1)
    first = sorted(key for key in wet if key[1] == 1)
    if past is not None:
        groups = split(12)
        index = sum(power(p) * v for p, v in past.items())
        near = min(range(states), key=lambda i: abs(np.mean([wet[k] for k in groups[i]]) - index))
        first = sorted(after(key) for key in groups[near] if after(key) in wet)
    nodes = [[first]] + [split(month) for month in range(2, 13)]
    chain = []
    for here, there in zip(nodes, nodes[1:]):
        counts = np.array([[sum(after(key) in state for key in own) for state in there] for own in here], float)
        chain.append(counts / counts.sum(axis=1, keepdims=True))
    # What nothing leads to is left out.
    for month in range(1, 12):
        reached = [state for state in range(len(nodes[month])) if chain[month - 1][:, state].any()]
        nodes[month] = [nodes[month][state] for state in reached]
        chain[month - 1] = chain[month - 1][:, reached]
        if month < 11:
            chain[month] = chain[month][reached]
    return nodes, chain, inflows


@pytest.mark.parametrize("history, states, past", [(2007, 3, None), (2007, 2, {1: 90.0, 2: 50.0, 3: 45.0}), (2026, 3, None)],
                         indirect=["history"])
def test_states_are_those_of_numpy(history, tmp_path, states, past):
    server, case = history
    if past:
        file = case / "initial_conditions.json"
        document = json.loads(file.read_text())
        document["past_inflows"] = [{"hydro_id": p, "values_m3s": [v]} for p, v in past.items()]
        file.write_text(json.dumps(document))
    made = tmp_path / "made"
    answer = server.ok("fit_markov", {
        "case_dir": str(case), "directory": str(made), "states": states, "least_years": 4}, 90)
    if last_year(case) == 2026:
        last = [row for row in rows(case / "scenarios/inflow_history.csv") if row["date"] == "2026-12-01"]
        past = {int(row["hydro_id"]): float(row["value_m3s"]) for row in last}
    nodes, chain, inflows = expected(case, states, 4, past)
    sizes = [len(month) for month in nodes]
    assert answer["stages"] == sum(sizes)
    assert [place.get("unreached_states", 0) for place in answer["places"]] == [0] + [states - size for size in sizes[1:]]
    assert [place["observations"] for place in answer["places"]] == [[len(state) for state in month] for month in nodes]
    document = json.loads((made / "stages.json").read_text())
    arcs = {(a["source_id"], a["target_id"]): a["probability"] for a in document["policy_graph"]["transitions"]}
    stage = lambda month, state: sum(sizes[:month]) + state
    for month, matrix in enumerate(chain):
        for source, row in enumerate(matrix):
            for target, probability in enumerate(row):
                assert arcs.get((stage(month, source), stage(month + 1, target)), 0) == pytest.approx(probability, abs=1e-15)
    openings = {}
    for row in rows(made / "scenarios/inflow_openings.csv"):
        key = int(row["stage_id"]), int(row["opening_index"])
        openings.setdefault(key, {})[int(row["hydro_id"])] = float(row["value_m3s"])
    wanted = {(stage(month, state), opening): inflows[key] for month, row in enumerate(nodes)
              for state, keys in enumerate(row) for opening, key in enumerate(keys)}
    assert openings == wanted
    # Loads and factors are there for each state, and the command writes the same bytes.
    loads = {int(row["stage_id"]): row["mean_mw"] for row in rows(made / "scenarios/load_seasonal_stats.csv")}
    given = {int(row["stage_id"]): row["mean_mw"] for row in rows(case / "scenarios/load_seasonal_stats.csv")}
    assert loads == {stage(month, state): given[month] for month in range(12) for state in range(len(nodes[month]))}
    again = tmp_path / "again"
    subprocess.run([WORKER, "fit-markov", case, again, "--states", str(states), "--least-years", "4"], check=True,
                   capture_output=True)
    files = sorted(path.relative_to(made) for path in made.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((made / name).read_bytes() == (again / name).read_bytes() for name in files)
    report = server.ok("validate_case", {"case_dir": str(made)}, 90)
    assert report["valid"] and report["errors"] == 0


def test_what_has_no_history_is_refused(start, tmp_path):
    server = start("--allow-dir", tmp_path)
    case = tmp_path / "plain"
    server.ok("create_case", {"template": "single-hydro", "directory": str(case)})
    made = str(tmp_path / "made")
    assert "inflow_history.csv" in server.error_text("fit_markov", {"case_dir": str(case), "directory": made})
    refused = subprocess.run([WORKER, "lattice", case, made], capture_output=True, text=True)
    assert refused.returncode == 65 and "inflow_history.csv" in refused.stderr
