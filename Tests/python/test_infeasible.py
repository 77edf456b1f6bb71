"""Limits that contradict each other, against the LP that the run has written and another LP code (SciPy's HiGHS)."""

import json
import shutil
import subprocess

import numpy
from scipy.optimize import linprog

from conftest import EXAMPLES, WORKER


def program(path):
    """Matrix, bounds of rows and bounds of columns of an MPS file, in its order (rows E, L and G; bounds UP, LO, FX, FR, MI)."""
    rows, kinds, columns, entries, sides, lower, upper = {}, [], {}, {}, {}, {}, {}
    section = None
    for line in path.read_text().splitlines():
        words = line.split()
        if line and line[0] != " ":
            section = words[0]
        elif section == "ROWS" and words[0] != "N":
            rows[words[1]] = len(rows)
            kinds.append(words[0])
        elif section in ("COLUMNS", "RHS"):
            for name, value in zip(words[1::2], words[2::2]):
                if section == "COLUMNS":
                    columns.setdefault(words[0], len(columns))
                    if name in rows:
                        entries[rows[name], columns[words[0]]] = float(value)
                elif name in rows:
                    sides[rows[name]] = float(value)
        elif section == "BOUNDS":
            column = columns[words[2]]
            if words[0] in ("UP", "FX"):
                upper[column] = float(words[3])
            if words[0] in ("LO", "FX"):
                lower[column] = float(words[3])
            if words[0] in ("FR", "MI"):
                lower[column] = -numpy.inf
        assert section != "RANGES"
    matrix = numpy.zeros((len(rows), len(columns)))
    for place, value in entries.items():
        matrix[place] = value
    bounds = [(lower.get(j, 0.0), upper.get(j, numpy.inf)) for j in range(len(columns))]
    return matrix, kinds, [sides.get(i, 0.0) for i in range(len(rows))], bounds


def is_feasible(matrix, kinds, sides, bounds, limits):
    """Whether limits of the program can be met; that nothing is negative is taken for granted."""
    less, equal = [], []
    for row, (kind, side) in enumerate(zip(kinds, sides)):
        if f"row {row}" not in limits:
            continue
        if kind == "E":
            equal.append((matrix[row], side))
        else:
            sign = 1 if kind == "L" else -1
            less.append((sign * matrix[row], sign * side))
    columns = []
    for column, (low, high) in enumerate(bounds):
        if f"lower bound of column {column}" not in limits and low != 0:
            low = 0 if low > 0 else -numpy.inf
        columns.append((low, high if f"upper bound of column {column}" in limits else numpy.inf))
    done = linprog(
        numpy.zeros(len(bounds)), A_ub=[row for row, _ in less] or None, b_ub=[side for _, side in less] or None,
        A_eq=[row for row, _ in equal] or None, b_eq=[side for _, side in equal] or None, bounds=columns, method="highs")
    assert done.status in (0, 2), done.message
    return done.status == 0


def explained(tmp_path, constraints, sides):
    """What the worker says of the example of one reservoir with constraints in its second stage, and the LP."""
    case, run = tmp_path / "case", tmp_path / "run"
    shutil.copytree(EXAMPLES / "single-hydro", case)
    (case / "constraints").mkdir()
    document = {"constraints": [
        {"id": place + 1, "name": name, "expression": expression, "sense": sense, "slack": {"enabled": False}}
        for place, (name, expression, sense) in enumerate(constraints)]}
    (case / "constraints/generic_constraints.json").write_text(json.dumps(document))
    (case / "constraints/generic_constraint_bounds.csv").write_text(
        "constraint_id,stage_id,bound\n" + "".join(f"{place + 1},1,{side}\n" for place, side in enumerate(sides)))
    done = subprocess.run([WORKER, "train", case, "--output", run, "--iterations", "2"], capture_output=True, text=True)
    assert done.returncode == 70 and "no feasible point" in done.stderr, done
    answer = subprocess.run([WORKER, "explain-violation", run, "--json"], capture_output=True, text=True, check=True)
    (file,) = run.glob("unsolved-*.mps")
    return json.loads(answer.stdout)["limits"]["rows"], program(file)


def check(rows, lp, names):
    assert sorted(row[0] for row in rows) == sorted(names)
    places = {row[2] for row in rows}
    assert not is_feasible(*lp, places)
    for place in places:
        assert is_feasible(*lp, places - {place}), place


def test_two_constraints(tmp_path):
    rows, lp = explained(tmp_path, [
        ("MUST_RUN", "thermal_generation(1)", ">="), ("SMOG", "thermal_generation(1) + thermal_generation(2)", "<="),
        ("LOOSE", "thermal_generation(2)", "<=")], [12, 10, 50])
    check(rows, lp, ["constraint MUST_RUN", "constraint SMOG"])


def test_a_constraint_against_plants_and_water(tmp_path):
    """All power together cannot reach 90 MW: 25 + 15 MW of the thermal plants and 40 m3/s with 0.9 MW each."""
    rows, lp = explained(tmp_path, [
        ("ALL", "thermal_generation(1) + thermal_generation(2) + hydro_generation(1)", ">=")], [90])
    check(rows, lp, [
        "constraint ALL", "largest generation of GAS", "largest generation of DIESEL", "largest turbined flow of LAKE"])
