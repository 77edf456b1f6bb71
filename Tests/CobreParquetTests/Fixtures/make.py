"""Writes the small Parquet files of these tests, and what is in them as JSON.

Made with pyarrow 26.0.1, polars 2.1.0 and DuckDB 2.0.1. To make them again:
    pip install pyarrow==26.0.1 polars==2.1.0 duckdb==2.0.1 && python make.py
"""

import datetime
import json
import pathlib

import duckdb
import polars
import pyarrow
import pyarrow.parquet

here = pathlib.Path(__file__).parent
ROWS = 40


def sometimes(values):
    return [None if row % 5 == 3 else value for row, value in enumerate(values)]


words = ["", "água", "Itaipú", "a longer text that repeats", "z"]
columns = {
    "int8": (pyarrow.int8(), [row - 20 for row in range(ROWS)]),
    "int32": (pyarrow.int32(), [(-1) ** row * row * 50_000_000 for row in range(ROWS)]),
    "int64": (pyarrow.int64(), [(-1) ** row * row * 200_000_000_000_000_000 for row in range(ROWS)]),
    "uint8": (pyarrow.uint8(), [row * 6 for row in range(ROWS)]),
    "uint32": (pyarrow.uint32(), [row * 100_000_000 for row in range(ROWS)]),
    "uint64": (pyarrow.uint64(), [row * 400_000_000_000_000_000 for row in range(ROWS)]),
    "float": (pyarrow.float32(), [row / 8 - 1 for row in range(ROWS)]),
    "double": (pyarrow.float64(), [row / 3 - 5 for row in range(ROWS)]),
    "flag": (pyarrow.bool_(), [row % 3 == 0 for row in range(ROWS)]),
    "day": (pyarrow.date32(), [datetime.date(1931, 1, 1) + datetime.timedelta(900 * row) for row in range(ROWS)]),
    "word": (pyarrow.string(), [words[row * row % 5] for row in range(ROWS)]),
    "some_int": (pyarrow.int32(), sometimes([row // 7 for row in range(ROWS)])),
    "some_double": (pyarrow.float64(), sometimes([row * 0.1 for row in range(ROWS)])),
    "some_flag": (pyarrow.bool_(), sometimes([row % 2 == 0 for row in range(ROWS)])),
    "some_word": (pyarrow.string(), sometimes([f"name {row // 3}" for row in range(ROWS)])),
}
never_null = {name for name in columns if not name.startswith("some_")}
schema = pyarrow.schema([pyarrow.field(n, t, nullable=n not in never_null) for n, (t, _) in columns.items()])
table = pyarrow.table([pyarrow.array(values, kind) for kind, values in columns.values()], schema=schema)


def arrow(name, **options):
    pyarrow.parquet.write_table(table, here / f"arrow_{name}.parquet", store_schema=False, **options)


integers = ["int8", "int32", "int64", "uint8", "uint32", "uint64", "day", "some_int"]
reals = ["float", "double", "some_double"]
texts = ["word", "some_word"]
flags = {"flag": "RLE", "some_flag": "RLE"}

arrow("plain", compression="none", use_dictionary=False)
arrow("dictionary", compression="zstd", row_group_size=15)
arrow("delta", compression="snappy", use_dictionary=False, data_page_version="2.0",
      column_encoding={n: "DELTA_BINARY_PACKED" for n in integers} | {n: "DELTA_BYTE_ARRAY" for n in texts} | flags)
arrow("split", compression="gzip", use_dictionary=False, write_page_checksum=True,
      column_encoding={n: "BYTE_STREAM_SPLIT" for n in reals + integers if n not in ("int8", "uint8")}
      | {n: "DELTA_LENGTH_BYTE_ARRAY" for n in texts} | flags)
arrow("lz4", compression="lz4", data_page_version="2.0", data_page_size=64, write_batch_size=8)

polars.from_arrow(table).write_parquet(here / "polars.parquet", compression="zstd", row_group_size=17)
connection = duckdb.connect()
connection.register("columns", table)
for version in ("v1", "v2"):
    connection.sql("select * from columns").create(f"t_{version}")
    connection.sql(f"copy t_{version} to '{here}/duckdb_{version}.parquet' "
                   f"(format parquet, codec 'zstd', parquet_version {version})")

nested = pyarrow.table({"id": pyarrow.array([1, 2], pyarrow.int32()), "days": pyarrow.array([[1, 2], []]),
                        "place": pyarrow.array([{"x": 1.0}, {"x": 2.0}]), "raw": pyarrow.array([b"a", b"b"]),
                        "nothing": pyarrow.nulls(2),
                        "money": pyarrow.array([1, 2], pyarrow.int32()).cast(pyarrow.decimal128(12, 2)),
                        "moment": pyarrow.array([1, 2], pyarrow.timestamp("us", "UTC")), "last": [0.5, 1.5]})
pyarrow.parquet.write_table(nested, here / "other_types.parquet", compression="zstd", store_schema=False)
pyarrow.parquet.write_table(table.slice(0, 0), here / "no_rows.parquet", compression="zstd", store_schema=False)
pyarrow.parquet.write_table(table.select(["int32"]), here / "brotli.parquet", compression="brotli", store_schema=False)

epoch = datetime.date(1970, 1, 1)
expected = {name: [(value - epoch).days if isinstance(value, datetime.date) else value for value in values]
            for name, (_, values) in columns.items()}
(here / "expected.json").write_text(json.dumps(expected, ensure_ascii=False) + "\n")
