#!/bin/sh
# novomodelo-python 0.19.1 does not read a table that is given as CSV and does not say so: the case runs with another load.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=${PYTHON312:-}
for candidate in $python python3.12 python3.13 "$HOME"/.pyenv/versions/3.1[23]*/bin/python3; do
  if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "needs Python 3.12 or newer (name one in PYTHON312)"; exit 2; }
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q novomodelo-python==0.19.1 pyarrow==26.0.1
PYTHONPATH=$here "$work/venv/bin/python" - "$work" <<'END'
import pathlib
import sys

import tiny_case

work = pathlib.Path(sys.argv[1])
bounds = {}
for kind in ("parquet", "csv"):
    tiny_case.write(work / kind, tiny_case.documents(), load=62.0, csv_load=kind == "csv")
    bounds[kind] = tiny_case.train(work / kind, work / (kind + "-out"))
print(f"novomodelo-python 0.19.1: lower bound {bounds['parquet']:.2f} with the load as Parquet, "
      f"{bounds['csv']:.2f} with the same load as CSV, no message")
assert abs(bounds["parquet"] - 3544140) < 1e-3, "the case with Parquet changed"
assert bounds["csv"] < 1000, "the load of the CSV file was read"
END
