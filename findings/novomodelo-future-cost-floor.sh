#!/bin/sh
# novomodelo-python 0.19.1 reports a lower bound above the optimum where costs are negative: it keeps every future cost at 0
# or above, although the reward of a renewable source makes the later stages earn money.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1 scipy==1.18.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import numpy as np
from scipy.optimize import linprog

import tiny_case

work = pathlib.Path(sys.argv[1])
tiny_case.write(work / "case", tiny_case.documents(sources=True), load=20.0)
bound = tiny_case.train(work / "case", work / "out")

# The same problem without noise as one linear program: by stage thermal MW, turbined m3/s, spill m3/s, end storage hm3,
# source MW, deficit MW, excess MW.
cost, a, b, bounds = [], [], [], []
for stage, hours in enumerate((744.0, 672.0)):
    k = 0.0036 * hours
    cost += [75 * hours, 0, 0.01 * hours, 0, -0.005 * hours, 900 * hours, 0.5 * hours]
    bounds += [(0, 35), (0, 50), (0, None), (10, 150), (0, 30), (0, None), (0, None)]
    power, water = np.zeros(14), np.zeros(14)
    power[7 * stage:7 * stage + 7] = [1, 0.9, 0, 0, 1, 1, -1]
    water[7 * stage:7 * stage + 7] = [0, k, k, 1, 0, 0, 0]
    if stage:
        water[3] = -1
    a += [power, water]
    b += [20, 22 * k + (0 if stage else 60)]
optimum = linprog(cost, A_eq=np.array(a), b_eq=b, bounds=bounds).fun
print(f"novomodelo-python 0.19.1: lower bound {bound:.6f}; optimum of the extensive form {optimum:.6f}")
assert abs(optimum + 113.916) < 1e-6, "the extensive form changed"
assert abs(bound + 74.4) < 1e-6, "the reported bound changed"
END
