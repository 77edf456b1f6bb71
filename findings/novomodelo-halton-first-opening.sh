#!/bin/sh
# The opening tree of sampling_method qmc_halton in novomodelo-python 0.19.1 begins with a point at -8.21 standard deviations in
# every component: the scrambled digits of point 0 are none, so its coordinate is 0 and its normal quantile the cut-off.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import pyarrow.parquet as pq

import tiny_case

work = pathlib.Path(sys.argv[1])
case = tiny_case.documents(openings=25, method="qmc_halton")
tiny_case.write(work / "case", case, load=62.0, deviation=1.0)
tiny_case.train(work / "case", work / "out")
table = pq.ParquetFile(work / "out/stochastic/noise_openings.parquet").read().to_pylist()
first = [row["value"] for row in table if row["opening_index"] == 0]
others = [row["value"] for row in table if row["opening_index"] != 0]
print(f"novomodelo-python 0.19.1: opening 0 is {first}, the mean of the other {len(others)} values "
      f"{sum(others) / len(others):.4f}")
assert first and all(abs(value + 8.21) < 1e-9 for value in first), "opening 0 is no longer at the cut-off"
END
