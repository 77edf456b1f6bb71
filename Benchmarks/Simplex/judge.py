#!/usr/bin/env python3
"""Judges the LPs on which two simplex solvers differ, in exact arithmetic.

    judge.py .build/suspects.json [AT_MOST]

For the last basis of each solver the point and the prices follow by rational elimination: its objective, and by how much bounds
and signs of reduced costs are missed, are exact. LPs of more than 80 rows are left out.
"""

import json
import sys
from fractions import Fraction

BASIC, AT_UPPER = 1, 2


def solve(matrix: list[list[Fraction]], right: list[Fraction]) -> list[Fraction] | None:
    """Gauss–Jordan; None for a singular matrix."""
    rows = [row + [value] for row, value in zip(matrix, right)]
    for column in range(len(rows)):
        pivot = next((row for row in range(column, len(rows)) if rows[row][column]), None)
        if pivot is None:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        scale = rows[column][column]
        rows[column] = [value / scale for value in rows[column]]
        for row in range(len(rows)):
            factor = rows[row][column]
            if row != column and factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[column])]
    return [row[-1] for row in rows]


def verdict(lp: dict, statuses: list[int]) -> str:
    columns, rows = len(lp["cost"]), len(lp["rows"])
    bounds = list(zip(lp["column_lower"] + lp["row_lower"], lp["column_upper"] + lp["row_upper"]))
    bounds = [(None if a < -1e29 else Fraction(a), None if b > 1e29 else Fraction(b)) for a, b in bounds]
    basic = [index for index, status in enumerate(statuses) if status & 7 == BASIC]
    if len(basic) != rows:
        return f"no basis: {len(basic)} members for {rows} rows"
    place = {variable: position for position, variable in enumerate(basic)}
    values = []
    for (lower, upper), status in zip(bounds, statuses):
        first, second = (upper, lower) if status & 7 == AT_UPPER else (lower, upper)
        values.append(first if first is not None else second if second is not None else Fraction(0))
    matrix = [[Fraction(0)] * rows for _ in range(rows)]
    right = [Fraction(0)] * rows
    for row, terms in enumerate(lp["rows"]):
        for variable, value in [*terms, [columns + row, -1]]:
            if variable in place:
                matrix[row][place[variable]] += Fraction(value)
            else:
                right[row] -= Fraction(value) * values[variable]
    cost = [Fraction(value) for value in lp["cost"]] + [Fraction(0)] * rows
    point = solve(matrix, right)
    prices = solve([list(column) for column in zip(*matrix)], [cost[variable] for variable in basic])
    if point is None or prices is None:
        return "singular basis"
    for variable, value in zip(basic, point):
        values[variable] = value
    reduced = cost[:columns] + prices
    for row, terms in enumerate(lp["rows"]):
        for variable, value in terms:
            reduced[variable] -= prices[row] * Fraction(value)
    missed, wrong = Fraction(0), Fraction(0)
    for variable, (lower, upper) in enumerate(bounds):
        value, slope = values[variable], reduced[variable]
        missed = max(missed, (lower - value) if lower is not None else 0, (value - upper) if upper is not None else 0)
        if variable not in place and lower != upper:
            wrong = max(wrong, abs(slope) if value not in (lower, upper) else -slope if value == lower else slope)
    objective = sum(a * b for a, b in zip(cost, values))
    return f"objective {float(objective):.15g}, bounds missed {float(missed):.1e}, wrong signs {float(wrong):.1e}"


def main() -> int:
    most = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with open(sys.argv[1]) as file:
        for number, line in enumerate(file):
            lp = json.loads(line)
            if number >= most or len(lp["rows"]) > 80:
                continue
            print(f"{lp['name']} ({lp['reason']}; own {lp['own']}, Clp {lp['clp']})")
            print("  own:", verdict(lp, lp["end"]))
            print("  Clp:", verdict(lp, lp["clp_end"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
