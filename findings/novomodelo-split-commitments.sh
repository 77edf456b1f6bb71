#!/bin/sh
# novomodelo-python 0.19.1 takes two windows of past_anticipated_commitments that share a stage, since together they cover it, and then
# delivers nothing in that stage: 10 MW in each half of January cost as much as a commitment of 0 MW.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
packages="novomodelo-python==0.19.1 pyarrow==26.0.1"
. "$here/novomodelo_environment"
PYTHONPATH=$here "$python" - "$work" <<'END'
import pathlib
import sys

import tiny_case

work = pathlib.Path(sys.argv[1])


def bound(name: str, windows: list) -> float:
    """The cost of two months with these commitments of January, in MW, of a plant that is decided a month ahead."""
    case = tiny_case.documents()
    case["system/thermals.json"]["thermals"].append(dict(
        id=8, name="A", bus_id=1, cost_per_mwh=40.0, generation=dict(min_mw=0.0, max_mw=30.0),
        operational_start_date="2000-01-01", anticipated_config=dict(lead_stages=1)))
    case["initial_conditions.json"]["past_anticipated_commitments"] = [
        dict(thermal_id=8, start_date=start, end_date=end, value_mw=power) for start, end, power in windows]
    tiny_case.write(work / name / "case", case, load=62.0)
    return tiny_case.train(work / name / "case", work / name / "out")


whole = bound("whole", [("2027-01-01", "2027-02-01", 10.0)])
none = bound("none", [("2027-01-01", "2027-02-01", 0.0)])
halves = bound("halves", [("2027-01-01", "2027-01-15", 10.0), ("2027-01-15", "2027-02-01", 10.0)])
print(f"novomodelo-python 0.19.1: 10 MW in one window {whole:.1f}, 0 MW {none:.1f}, 10 MW in two windows {halves:.1f}")
assert abs(none - whole - 10 * 744 * 75) < 1e-3, (none, whole)
assert abs(halves - none) < 1e-3, "two windows of one stage deliver something now"
END
