#!/bin/sh
# novomodelo-python 0.19.1 lets a bus with fewer deficit segments than another bus meet a generic constraint on its deficit for nothing, and
# reports a deficit that is no power: the balance does without it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import copy
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import tiny_case

work = pathlib.Path(sys.argv[1])


def bound(segments: bool, constrained: bool) -> tuple:
    """The lower bound, and the deficit at bus 1 in stage 1, of which a constraint wants at least 3 MW."""
    folder = work / f"{segments}{constrained}"
    case = tiny_case.documents()
    buses = case["system/buses.json"]["buses"]
    buses.append(dict(copy.deepcopy(buses[0]), id=2, name="C"))
    if segments:
        buses[1]["deficit_segments"] = [dict(depth_mw=5.0, cost=900.0), dict(depth_mw=None, cost=950.0)]
    case["config.json"]["simulation"] = dict(enabled=True, selection=dict(method="sampled", num_scenarios=1))
    if constrained:
        slack = dict(enabled=True, penalty=1e7, penalty_basis="per_unit")
        case["constraints/generic_constraints.json"] = dict(
            constraints=[dict(id=0, name="R", expression="bus_deficit(1)", slack=slack)])
    tiny_case.write(folder / "case", case, load=62.0)
    loads = {"bus_id": pa.array([1, 1, 2, 2], pa.int32()), "stage_id": pa.array([0, 1, 0, 1], pa.int32()),
             "mean_mw": pa.array([62.0, 62.0, 0.0, 0.0]), "std_mw": pa.array([0.0] * 4)}
    pq.write_table(pa.table(loads), folder / "case/scenarios/load_seasonal_stats.parquet", compression="zstd")
    if constrained:
        limits = {"constraint_id": pa.array([0], pa.int32()), "stage_id": pa.array([1], pa.int32()),
                  "bound_lower": pa.array([3.0]), "bound_upper": pa.array([None], pa.float64())}
        pq.write_table(
            pa.table(limits), folder / "case/constraints/generic_constraint_bounds.parquet", compression="zstd")
    value = tiny_case.train(folder / "case", folder / "out")
    rows = pq.ParquetFile(folder / "out/simulation/buses/scenario_id=0000/data.parquet").read().to_pylist()
    return value, [row["deficit_mw"] for row in rows if row["stage_id"] == 1 and row["bus_id"] == 1][0]


# 3 MW less from the thermal plant over the 672 hours of stage 1, at 900 $/MWh instead of 75.
cost = 3 * 672 * (900 - 75)
for segments in (False, True):
    (free, _), (bounded, deficit) = bound(segments, False), bound(segments, True)
    kind = "another bus has two segments" if segments else "all buses have one segment"
    print(f"novomodelo-python 0.19.1, {kind}: deficit {deficit:.3f} MW for {bounded - free:.2f} $; it is worth {cost} $")
    assert abs(deficit - 3) < 1e-6, "the constraint is met in another way now"
    assert abs(bounded - free - (0 if segments else cost)) < 1e-3, "the deficit costs another amount now"
END
