"""Two output directories in the layout of Novomodelo, table by table: which columns, types, keys and figures differ."""

import json
import pathlib

import numpy as np
import pyarrow.parquet as pq

KEYS = ["scenario_id", "stage_id", "node_id", "block_id"]


def family(folder):
    """The rows of all scenarios, as columns, with the types."""
    columns, types = {}, {}
    for path in sorted(folder.glob("scenario_id=*/data.parquet")):
        table = pq.ParquetFile(path).read()
        number = int(path.parent.name.split("=")[1])
        types = {field.name: str(field.type) for field in table.schema}
        found = table.to_pydict()
        found["scenario_id"] = [number] * table.num_rows
        for name, cells in found.items():
            columns.setdefault(name, []).extend(cells)
    return columns, types


def single(path):
    table = pq.ParquetFile(path).read()
    return table.to_pydict(), {field.name: str(field.type) for field in table.schema}


def tables(folder):
    """Every table of an output directory by name."""
    folder, found = pathlib.Path(folder), {}
    for path in sorted(folder.rglob("*.parquet")):
        name = path.relative_to(folder).as_posix()
        if "scenario_id=" in name:
            place = path.parent.parent
            key = place.relative_to(folder).as_posix()
            if key not in found:
                found[key] = family(place)
        else:
            found[name.removesuffix(".parquet")] = single(path)
    return found


def ordered(columns):
    """Rows in the order of their keys, and those keys."""
    names = [name for name in columns if name.endswith(("_id", "_date", "lag", "iteration", "_code", "_index")) and name != "state_code"]
    names = [name for name in names if not name.endswith("_code") or name in ("entity_type_code", "bound_type_code")]
    rows = list(zip(*(columns[name] for name in names))) if names else []
    order = sorted(range(len(rows)), key=lambda row: [(cell is not None, str(type(cell)), cell) for cell in rows[row]])
    return names, [rows[row] for row in order], {name: [cells[row] for row in order] for name, cells in columns.items()}


def differences(theirs, ours, tolerance=1e-6):
    """Sentences on what differs, by table and column: [(table, column, what, largest relative difference)]."""
    left, right = tables(theirs), tables(ours)
    found = []
    for name in sorted(set(left) | set(right)):
        if name not in left or name not in right:
            found.append((name, "", "only theirs" if name in left else "only ours", 0.0))
            continue
        (a, kinds), (b, own) = left[name], right[name]
        for column in sorted((set(a) ^ set(b)) - {"scenario_id"}):
            found.append((name, column, "only theirs" if column in a else "only ours", 0.0))
        for column in sorted(set(kinds) & set(own)):
            if kinds[column] != own[column]:
                found.append((name, column, f"type {kinds[column]}, ours {own[column]}", 0.0))
        shared = [column for column in a if column in b]
        _, first, a = ordered({column: a[column] for column in shared})
        _, second, b = ordered({column: b[column] for column in shared})
        if first != second:
            few = [row for row in first if row not in set(second)][:2], [row for row in second if row not in set(first)][:2]
            found.append((name, "", f"rows {len(first)}, ours {len(second)}; only theirs {few[0]}, only ours {few[1]}", 0.0))
            continue
        for column in shared:
            worst, place, nulls = 0.0, None, 0
            for row, (x, y) in enumerate(zip(a[column], b[column])):
                if (x is None) != (y is None):
                    nulls += 1
                    place = place or first[row]
                elif isinstance(x, float) and isinstance(y, float):
                    far = abs(x - y) / max(1.0, abs(x), abs(y)) if not (np.isnan(x) and np.isnan(y)) else 0.0
                    if not far <= worst:
                        worst, place = far, (first[row], x, y)
                elif x != y:
                    found.append((name, column, f"{x!r}, ours {y!r} at {first[row]}", 1.0))
                    break
            if nulls:
                found.append((name, column, f"{nulls} nulls on one side, first at {place}", 1.0))
            if worst > tolerance:
                found.append((name, column, f"{place}", worst))
    return found


def convergence(folder):
    return single(pathlib.Path(folder) / "training" / "convergence.parquet")[0]


def metadata(folder, part):
    return json.loads((pathlib.Path(folder) / part / "metadata.json").read_text())
