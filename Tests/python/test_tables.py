"""Parquet tables of pyarrow, polars, DuckDB and parquet-rs read by Cobre, and Cobre's tables read by all of them."""

import datetime
import itertools
import json
import math
import subprocess

import arro3.core
import arro3.io
import duckdb
import polars
import pyarrow
import pyarrow.parquet
import pytest

from conftest import WORKER

ROWS = 211
WORDS = ["", "água", "Itaipú, \"binacional\"", "a longer text\nof two lines", "z"]


def sometimes(values, absent):
    return [None if absent(row) else value for row, value in enumerate(values)]


def make(absent):
    """A table of all types; `absent` says which rows lack their value in the nullable columns."""
    columns = {
        "int8": (pyarrow.int8(), [row % 200 - 100 for row in range(ROWS)]),
        "int16": (pyarrow.int16(), [row * 300 - 31000 for row in range(ROWS)]),
        "int32": (pyarrow.int32(), [(-1) ** row * row * 10_000_000 for row in range(ROWS)]),
        "int64": (pyarrow.int64(), [(-1) ** row * row**3 * 900_000_000_000 for row in range(ROWS)]),
        "uint8": (pyarrow.uint8(), [row for row in range(ROWS)]),
        "uint16": (pyarrow.uint16(), [row * 300 for row in range(ROWS)]),
        "uint32": (pyarrow.uint32(), [row * 20_000_000 for row in range(ROWS)]),
        "uint64": (pyarrow.uint64(), [row * 80_000_000_000_000_000 for row in range(ROWS)]),
        "float": (pyarrow.float32(), [row / 8 - 1 for row in range(ROWS)]),
        "double": (pyarrow.float64(), [math.sin(row) * 10 ** (row % 30 - 15) for row in range(ROWS)]),
        "few": (pyarrow.float64(), [row % 3 / 7 for row in range(ROWS)]),
        "flag": (pyarrow.bool_(), [row // 20 % 2 == 0 for row in range(ROWS)]),
        "day": (pyarrow.date32(), [datetime.date(1931, 1, 1) + datetime.timedelta(300 * row) for row in range(ROWS)]),
        "word": (pyarrow.string(), [WORDS[row * row % 5] for row in range(ROWS)]),
        "name": (pyarrow.string(), [f"plant {row // 2:04}" for row in range(ROWS)]),
    }
    for name in ["int32", "uint64", "double", "few", "flag", "day", "word"]:
        kind, values = columns[name]
        columns[f"some_{name}"] = (kind, sometimes(values, absent))
    schema = pyarrow.schema(
        [pyarrow.field(name, kind, nullable=name.startswith("some_")) for name, (kind, _) in columns.items()])
    return pyarrow.table([pyarrow.array(values, kind) for kind, values in columns.values()], schema=schema)


TABLES = {
    "none absent": make(lambda row: False), "some absent": make(lambda row: row % 7 == 3 or 50 < row < 90),
    "all absent": make(lambda row: True),
}
INTEGERS = [n for n in TABLES["none absent"].column_names if "int" in n or "day" in n]
REALS = [n for n in TABLES["none absent"].column_names if n.endswith(("float", "double", "few"))]
TEXTS = [n for n in TABLES["none absent"].column_names if n.endswith(("word", "name"))]
FLAGS = [n for n in TABLES["none absent"].column_names if n.endswith("flag")]
WIDE = [n for n in INTEGERS if not n.endswith(("int8", "int16"))]
ENCODINGS = {
    "plain": {},
    "delta": {n: "DELTA_BINARY_PACKED" for n in INTEGERS} | {n: "DELTA_BYTE_ARRAY" for n in TEXTS},
    "split": {n: "BYTE_STREAM_SPLIT" for n in REALS + WIDE} | {n: "DELTA_LENGTH_BYTE_ARRAY" for n in TEXTS},
}


def read(path):
    """What Cobre reads, as Python values by column."""
    result = subprocess.run([WORKER, "table", "dump", "--format", "json", path], capture_output=True, timeout=60)
    assert result.returncode == 0, result.stderr.decode()
    document = json.loads(result.stdout)
    return {column["name"]: column["values"] for column in document["columns"]}


def plain(table):
    """What pyarrow has, in the form of `read`."""

    def cell(value):
        if isinstance(value, datetime.date):
            return value.isoformat()
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 63:
            return str(value)
        return value

    return {name: [cell(value) for value in table.column(name).to_pylist()] for name in table.column_names}


def copy(source, target):
    subprocess.run([WORKER, "table", "copy", source, target], check=True, timeout=60)


@pytest.mark.parametrize("absent", TABLES)
@pytest.mark.parametrize("codec", ["none", "zstd", "snappy", "gzip", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("encoding", ["dictionary", *ENCODINGS])
def test_pyarrow_is_read(tmp_path, absent, codec, version, encoding):
    table = TABLES[absent]
    options = {"use_dictionary": encoding == "dictionary"}
    if encoding != "dictionary":
        options["column_encoding"] = ENCODINGS[encoding] | ({n: "RLE" for n in FLAGS} if version == "2.0" else {})
    path = tmp_path / "table.parquet"
    # Small pages and groups, so that there are several of each.
    pyarrow.parquet.write_table(
        table, path, compression=codec, data_page_version=version, row_group_size=150, data_page_size=200,
        write_batch_size=32, write_page_checksum=version == "1.0", **options)
    assert read(path) == plain(table)


@pytest.mark.parametrize("absent", TABLES)
@pytest.mark.parametrize("codec", ["uncompressed", "zstd", "snappy", "gzip", "lz4"])
@pytest.mark.parametrize("page", [300, None])
def test_polars_is_read(tmp_path, absent, codec, page):
    path = tmp_path / "table.parquet"
    polars.from_arrow(TABLES[absent]).write_parquet(path, compression=codec, row_group_size=100, data_page_size=page)
    assert read(path) == plain(TABLES[absent])


@pytest.mark.parametrize("absent", TABLES)
@pytest.mark.parametrize("codec", ["uncompressed", "zstd", "snappy", "gzip", "lz4_raw"])
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_duckdb_is_read(tmp_path, absent, codec, version):
    path = tmp_path / "table.parquet"
    with duckdb.connect() as connection:
        connection.register("source", TABLES[absent])
        connection.sql(f"copy (select * from source) to '{path}' "
                       f"(format parquet, codec '{codec}', parquet_version {version})")
    assert read(path) == plain(TABLES[absent])


@pytest.mark.parametrize("absent", TABLES)
@pytest.mark.parametrize("codec", ["uncompressed", "zstd(3)", "snappy", "gzip(6)", "lz4_raw"])
@pytest.mark.parametrize("version", ["parquet_1_0", "parquet_2_0"])
@pytest.mark.parametrize("encoding", ["dictionary", *ENCODINGS])
def test_parquet_rs_is_read(tmp_path, absent, codec, version, encoding):
    path = tmp_path / "table.parquet"
    encodings = {n: e.lower() for n, e in ENCODINGS.get(encoding, {}).items()}
    arro3.io.write_parquet(
        arro3.core.Table.from_arrow(TABLES[absent]), path, compression=codec, writer_version=version,
        dictionary_enabled=encoding == "dictionary", column_encoding=encodings or None, max_row_group_size=150,
        data_page_row_count_limit=40, write_batch_size=20)
    assert read(path) == plain(TABLES[absent])


@pytest.mark.parametrize("absent", TABLES)
def test_every_reader_reads_what_is_written(tmp_path, absent):
    table = TABLES[absent]
    source, target = tmp_path / "source.parquet", tmp_path / "target.parquet"
    pyarrow.parquet.write_table(table, source, store_schema=False)
    copy(source, target)
    assert read(target) == plain(table)

    arrow = pyarrow.parquet.read_table(target, page_checksum_verification=True)
    assert arrow.schema == table.schema
    assert arrow.equals(table)
    assert polars.read_parquet(target).equals(polars.from_arrow(table))
    assert duckdb.sql(f"from '{target}'").to_arrow_table().cast(table.schema).equals(table)
    assert pyarrow.table(arro3.io.read_parquet(target).read_all()).cast(table.schema).equals(table)


def test_bounds_let_readers_pass_over_row_groups(tmp_path):
    source, target = tmp_path / "source.parquet", tmp_path / "target.parquet"
    count = 250_000
    pyarrow.parquet.write_table(
        pyarrow.table({"stage_id": pyarrow.array([row // 1000 for row in range(count)], pyarrow.int32()),
                       "value": [row / 7 for row in range(count)]}), source)
    copy(source, target)
    metadata = pyarrow.parquet.read_metadata(target)
    assert [metadata.row_group(group).num_rows for group in range(3)] == [100_000, 100_000, 50_000]
    bounds = [metadata.row_group(group).column(0).statistics for group in range(3)]
    assert [(b.min, b.max, b.null_count) for b in bounds] == [(0, 99, 0), (100, 199, 0), (200, 249, 0)]
    assert duckdb.sql(f"select count(*), sum(value) from '{target}' where stage_id = 150").fetchall()[0] == (
        1000, pytest.approx(sum(row / 7 for row in range(150_000, 151_000))))
    assert polars.scan_parquet(target).filter(polars.col("stage_id") == 249).collect().height == 1000


def test_numbers_without_order_have_no_bounds(tmp_path):
    source, target = tmp_path / "source.parquet", tmp_path / "target.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1.0, math.nan, 2.0], "b": [0.0, 1.0, 2.0]}), source)
    copy(source, target)
    group = pyarrow.parquet.read_metadata(target).row_group(0)
    assert not group.column(0).statistics.has_min_max
    assert math.copysign(1, group.column(1).statistics.min) == -1
    assert read(target)["a"] == [1.0, "nan", 2.0]


def test_a_table_without_rows(tmp_path):
    source, target = tmp_path / "source.parquet", tmp_path / "target.parquet"
    table = TABLES["some absent"].slice(0, 0)
    pyarrow.parquet.write_table(table, source, store_schema=False)
    copy(source, target)
    assert pyarrow.parquet.read_table(target).equals(table)
    assert polars.read_parquet(target).height == 0
    assert duckdb.sql(f"from '{target}'").fetchall() == []
    assert read(target) == {name: [] for name in table.column_names}


def test_what_cannot_be_read_is_said(tmp_path):
    path = tmp_path / "table.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1], "list": [[1, 2]]}), path)
    result = subprocess.run([WORKER, "table", "dump", path], capture_output=True, text=True, timeout=60)
    assert result.returncode == 65 and "column 'list'" in result.stderr and "nested" in result.stderr
    result = subprocess.run(
        [WORKER, "table", "dump", "--column", "a", path], capture_output=True, text=True, timeout=60)
    assert result.stdout == "a\n1\n"
    path.write_text("a,b\n1,2\n")
    result = subprocess.run([WORKER, "table", "schema", path], capture_output=True, text=True, timeout=60)
    assert result.returncode == 65 and "no Parquet file" in result.stderr
