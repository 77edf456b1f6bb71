"""Mutants of Novomodelo cases: one value, key, column or row of a case is changed in a way that somebody may write by mistake.

Run as a program, it shows where the two programs do not agree on whether a mutant is a case, or on its bound:
`COBRE_NOVOMODELO_PYTHON=... python3 novomodelo_mutants.py --bases 3001 3002 --keep DIR`.
"""

import argparse
import collections
import copy
import json
import os
import pathlib
import queue
import re
import select
import shutil
import subprocess
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from conftest import SERVER, WORKER
from novomodelo_draft import shifted
from novomodelo_random import draft
from rawclient import RawServer

GONE = object()
# Numbers of things, for which a program may ask for more memory or time than there is.
# Stages of service beyond all others upset the filling of reservoirs there.
COUNTS = ("entry_stage_id", "num_openings", "forward_passes", "limit", "discretization_points", "num_scenarios", "n_samples", "_iterations", "capacity")
DATE = re.compile(r"\d{4}-\d\d-\d\d$")


class Raw:
    """Text that stands in a document as it is."""

    def __init__(self, text):
        self.text = text


def values(value):
    """Named changes of one value of a document."""
    yield "missing", GONE
    yield "null", None
    if isinstance(value, bool):
        yield from (("negated", not value), ("0", 0), ("text", "true"))
    elif isinstance(value, int):
        yield from (("real", float(value)), ("half", value + 0.5), ("text", str(value)), ("true", True), ("-1", -1), ("0", 0),
                    ("next", value + 1), ("unknown", 987654), ("2^31", 2 ** 31), ("2^63", 2 ** 63), ("list", [value]))
    elif isinstance(value, float):
        yield from (("text", str(value)), ("true", True), ("-1", -1.0), ("0", 0.0), ("double", 2 * value),
                    ("1e12", 1e12), ("NaN", Raw("NaN")), ("1e999", Raw("1e999")),
                    ("list", [value]))
    elif isinstance(value, str):
        yield from (("empty", ""), ("other", "unknown"), ("number", 3), ("list", [value]))
        if value.upper() != value:
            yield "upper", value.upper()
        if DATE.match(value):
            yield from (("no day", value[:5] + "02-30"), ("short", value.replace("-0", "-")), ("time", value + "T00:00:00"),
                        ("day later", shifted(value, 1)), ("day earlier", shifted(value, -1)), ("years later", shifted(value, 800)))
    elif isinstance(value, list):
        yield from (("empty", []), ("object", {}), ("text", "x"), ("with null", [*value, None]), ("with number", [*value, 1]))
        if value:
            yield from (("first twice", [*value, copy.deepcopy(value[0])]), ("without first", value[1:]),
                        ("without last", value[:-1]), ("reversed", value[::-1]))
    elif isinstance(value, dict):
        yield from (("empty", {}), ("text", "x"), ("extra", {**value, "extra": 1}))
    else:
        yield from (("0", 0), ("1.5", 1.5), ("text", "x"), ("list", []), ("object", {}))


def places(value, path=(), general=""):
    """Every value in a document, with a name that is the same for all elements of a list."""
    yield path, general, value
    if isinstance(value, dict):
        kind = next((f"<{value[tag]}>" for tag in ("type", "method", "kind", "model", "selection_mode", "scheme", "source")
                     if isinstance(value.get(tag), str)), "")
        for key, inner in value.items():
            yield from places(inner, (*path, key), f"{general}{kind}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*path, index), f"{general}[]")


def changed(document, path, value):
    document = copy.deepcopy(document)
    if not path:
        return value
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document


def text(document):
    """A document as JSON, with its raw parts."""
    raw = {}

    def plain(value):
        if isinstance(value, Raw):
            raw[f"@raw{len(raw)}@"] = value.text
            return f"@raw{len(raw) - 1}@"
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    found = json.dumps(plain(document))
    for mark, content in raw.items():
        found = found.replace(f'"{mark}"', content)
    return found


def document_mutants(name, document):
    for path, general, value in places(document):
        for change, new in values(value):
            if change in ("unknown", "2^31", "2^63") and general.endswith(COUNTS):
                continue
            if path or change not in ("missing", "null"):
                yield f"{name}{general}", change, ("json", name, changed(document, path, new))
    whole = json.dumps(document)
    first = next(iter(document))
    yield name, "no file", ("bytes", name, None)
    yield name, "no bytes", ("bytes", name, b"")
    yield name, "cut", ("bytes", name, whole[:-1].encode())
    yield name, "comment", ("bytes", name, ("// x\n" + whole).encode())
    yield name, "order mark", ("bytes", name, b"\xef\xbb\xbf" + whole.encode())
    yield name, "key twice", ("bytes", name, ("{" + f'"{first}": {json.dumps(document[first])}, ' + whole[1:]).encode())
    yield name, "schema", ("json", name, {"$schema": "x.json", **document})


def replaced(table, position, array, kind=None):
    field = pa.field(table.schema.field(position).name, kind or array.type)
    return table.set_column(position, field, array)


def one(column, row, value):
    """A column with another value in one row."""
    found = column.to_pylist()
    found[row] = value
    return pa.array(found, column.type)


def column_mutants(table, position):
    field, column = table.schema.field(position), table.column(position).combine_chunks()
    yield "missing", table.remove_column(position)
    yield "first null", replaced(table, position, one(column, 0, None))
    yield "last null", replaced(table, position, one(column, len(column) - 1, None))
    yield "all null", replaced(table, position, pa.nulls(len(column), column.type))
    kinds = {"int64": pa.int64(), "float32": pa.float32(), "string": pa.string(), "int32": pa.int32(), "double": pa.float64(),
             "uint32": pa.uint32(), "timestamp": pa.timestamp("ms"), "date64": pa.date64(), "bool": pa.bool_()}
    for name, kind in kinds.items():
        try:
            if kind != column.type:
                yield f"as {name}", replaced(table, position, pc.cast(column, kind, safe=False))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            pass
    yield "required", table.cast(pa.schema([
        pa.field(each.name, each.type, each.name != field.name or column.null_count > 0) for each in table.schema]))
    filled = next((row for row in range(len(column)) if column[row].is_valid), 0)
    before = column[filled].as_py()
    if pa.types.is_floating(column.type):
        news = [("NaN", float("nan")), ("infinite", float("inf")), ("-1", -1.0), ("0", 0.0), ("1e12", 1e12),
                ("double", 2 * (before or 0))]
    elif pa.types.is_integer(column.type):
        news = [("0", 0), ("next", (before or 0) + 1), ("unknown", 987654)]
        news += [] if pa.types.is_unsigned_integer(column.type) else [("-1", -1), ("-7", -7)]
    else:
        news = [("years later", before.replace(year=before.year + 3))]
    for name, value in news:
        yield name, replaced(table, position, one(column, filled, value))
        if len(column) > 1 and name in ("unknown", "-1", "next", "double"):
            yield f"{name} at the end", replaced(table, position, one(column, len(column) - 1, value))


def table_mutants(name, table):
    file = f"{name}.parquet"
    for position, field in enumerate(table.schema):
        for change, new in column_mutants(table, position):
            yield f"{file}.{field.name}", change, ("table", file, new, {})
    yield file, "first twice", ("table", file, pa.concat_tables([table, table.slice(0, 1)]), {})
    yield file, "all twice", ("table", file, pa.concat_tables([table, table]), {})
    for position, field in enumerate(table.schema):
        if pa.types.is_floating(field.type):
            row = table.slice(0, 1)
            value = row.column(position)[0].as_py()
            row = replaced(row, position, pa.array([0.9 * value if value is not None else 1.0]))
            yield f"{file}.{field.name}", "first again, other", ("table", file, pa.concat_tables([table, row]), {})
            yield f"{file}.{field.name}", "first before, other", ("table", file, pa.concat_tables([row, table]), {})
    yield file, "no rows", ("table", file, table.slice(0, 0), {})
    yield file, "without first", ("table", file, table.slice(1), {})
    yield file, "without last", ("table", file, table.slice(0, max(0, table.num_rows - 1)), {})
    yield file, "reversed", ("table", file, table.take(list(range(table.num_rows))[::-1]), {})
    yield file, "columns reversed", ("table", file, table.select(table.column_names[::-1]), {})
    yield file, "extra column", ("table", file, table.append_column("extra", pa.array([1.0] * table.num_rows)), {})
    yield file, "extra text", ("table", file, table.append_column("extra", pa.array(["x"] * table.num_rows)), {})
    yield file, "column twice", ("table", file, table.append_column(table.schema.field(0), table.column(0)), {})
    for change, options in {"snappy": {"compression": "snappy"}, "plain": {"compression": "none", "use_dictionary": False},
                            "groups": {"row_group_size": 1}, "pages v2": {"data_page_version": "2.0"},
                            "delta": {"use_dictionary": False, "column_encoding": {
                                field.name: "BYTE_STREAM_SPLIT" if pa.types.is_floating(field.type) else "DELTA_BINARY_PACKED"
                                for field in table.schema}}}.items():
        yield file, change, ("table", file, table, options)
    yield file, "no file", ("bytes", file, None)
    yield file, "no bytes", ("bytes", file, b"")
    yield file, "text", ("bytes", file, b"a,b\n1,2\n")


def mutants(case):
    """Name, change and content of every mutant of a case."""
    for name, document in case.documents.items():
        yield from document_mutants(name, document)
    for name in case.tables:
        yield from table_mutants(name, case.table(name))


def write(base, folder, content):
    """A case like `base` with one file of its own; the others are links."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, copy_function=os.link)
    path = folder / content[1]
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    if content[0] == "json":
        path.write_text(text(content[2]))
    elif content[0] == "table":
        pq.write_table(content[2], path, **{"compression": "zstd", **content[3]})
    elif content[2] is not None:
        path.write_bytes(content[2])


PEER_LOOP = """
import json, resource, shutil, sys
import pyarrow.parquet as pq
from novomodelo import io, run
resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
for line in sys.stdin:
    word, case, output = line.rstrip("\\n").split("\\t")
    found = {}
    try:
        if word == "check":
            checked = io.validate(case)
            if not checked["valid"]:
                found["refused"] = " | ".join(error["message"] for error in checked["errors"])[:600]
        else:
            run.run(case, output, threads=1)
            table = pq.ParquetFile(output + "/training/convergence.parquet").read()
            found["bound"] = (table.column("lower_bound").to_pylist() or [None])[-1]
    except BaseException as error:
        found["refused"] = f"{type(error).__name__}: {error}"[:600]
    shutil.rmtree(output, ignore_errors=True)
    print("@@" + json.dumps(found), flush=True)
"""


class Peer:
    """The other program, in a process that is started again when it ends or is late."""

    def __init__(self, python):
        self.python, self.process = python, None

    def ask(self, word, case, output, seconds=60):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.python, "-c", PEER_LOOP], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, text=True, bufsize=1)
        self.process.stdin.write(f"{word}\t{case}\t{output}\n")
        self.process.stdin.flush()
        while True:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                self.close()
                return {"late": True}
            line = self.process.stdout.readline()
            if not line:
                code = self.process.wait()
                self.process = None
                return {"ended": code}
            if line.startswith("@@"):
                return json.loads(line[2:])

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Own:
    """This program: its server checks, its worker trains."""

    def __init__(self, folder):
        self.folder, self.server = folder, None

    def check(self, case):
        if self.server is None:
            self.server = RawServer([SERVER, "--runs-dir", self.folder / "runs", "--allow-dir", self.folder])
        try:
            found = self.server.call("validate_case", {"case_dir": str(case)}, 60)["structuredContent"]
        except (AssertionError, queue.Empty, BrokenPipeError) as error:
            said = self.server.errors.decode(errors="replace")[-600:]
            self.close()
            return {"ended": str(error)[:300], "said": said}
        errors = [row for row in found["findings"] if row["severity"] == "error"]
        return {} if found["valid"] else {"refused": " | ".join(
            f"{row['code']} {row['file']} {row.get('location', '')}: {row['message']}" for row in errors)[:600]}

    def train(self, case, output, seconds=60):
        try:
            done = subprocess.run([WORKER, "train", case, "--output", output], capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            return {"late": True}
        finally:
            shutil.rmtree(output, ignore_errors=True)
        found = re.search(r"lower bound (-?[\d.e+]+)", done.stdout)
        if done.returncode == 0:
            return {"bound": float(found.group(1)) if found else None, "said": done.stderr[-300:]}
        if done.returncode < 0 or done.returncode > 128:
            return {"ended": done.returncode, "said": done.stderr[-600:]}
        return {"refused": (done.stderr + done.stdout)[:600], "code": done.returncode}

    def close(self):
        if self.server is not None:
            self.server.close()
            self.server = None


def both(peer, own, case, keep):
    """What each program says of a case: why it refuses it, or its bound."""
    left, right = peer.ask("check", case, "-"), own.check(case)
    if "refused" in left and "refused" in right or {"ended", "late"} & {*left, *right}:
        return left, right
    return left or peer.ask("train", case, keep / "theirs"), right or own.train(case, keep / "ours")


def verdict(left, right):
    """What the two programs make of a mutant."""
    if "ended" in right or "late" in right:
        return "ours ended" if "ended" in right else "ours late"
    if "ended" in left or "late" in left:
        return "theirs ended" if "ended" in left else "theirs late"
    if "refused" in left or "refused" in right:
        return ("both refuse" if "refused" in right else "ours accept") if "refused" in left else "ours refuse"
    a, b = left.get("bound"), right.get("bound")
    if a is None or b is None:
        return "both train" if a == b else "bounds differ"
    return "same bound" if abs(a - b) <= 1e-7 * max(1.0, abs(a)) else "bounds differ"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bases", type=int, nargs="+", required=True, help="numbers of random cases")
    parser.add_argument("--each", type=int, default=1, help="mutants of one key and change")
    parser.add_argument("--only", default="", help="part of the name of a key")
    parser.add_argument("--change", default="", help="a change, instead of all")
    parser.add_argument("--skip", default="", help="file of earlier results, whose keys and changes are left out")
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("mutants"))
    options = parser.parse_args()
    options.keep = options.keep.resolve()
    options.keep.mkdir(parents=True, exist_ok=True)
    own = Own(options.keep.resolve())
    peer = Peer(os.environ.get("COBRE_NOVOMODELO_PYTHON") or sys.executable)
    seen, tally = collections.Counter(), collections.Counter()
    if options.skip:
        for line in open(options.skip):
            row = json.loads(line)
            seen[row["key"], row["change"]] += 1
    try:
        with open(options.keep / "results.jsonl", "a") as results:
            for seed in options.bases:
                case, names = draft(seed)
                for rule in case.documents["config.json"]["training"]["stopping_rules"]:
                    if "limit" in rule:
                        rule["limit"] = 12
                base = options.keep / f"base-{seed}"
                shutil.rmtree(base, ignore_errors=True)
                case.write(base)
                whole = both(peer, own, base, options.keep)
                print(seed, verdict(*whole), whole, ", ".join(names), flush=True)
                if verdict(*whole) != "same bound":
                    continue
                for key, change, content in mutants(case):
                    if options.only not in key or options.change not in ("", change) or seen[key, change] >= options.each:
                        continue
                    seen[key, change] += 1
                    folder = options.keep / "case"
                    write(base, folder, content)
                    left, right = both(peer, own, folder, options.keep)
                    found = verdict(left, right)
                    tally[found] += 1
                    results.write(json.dumps({"seed": seed, "key": key, "change": change, "verdict": found, "theirs": left,
                                              "ours": right}) + "\n")
                    results.flush()
    finally:
        peer.close()
        own.close()
    print(dict(tally))


if __name__ == "__main__":
    main()
