"""Going on from a run that has ended, through Python and the server, with the bits of one long run."""

import pytest

import cobre
from conftest import EXAMPLES


def bounds(run):
    return [(row.iteration, row.lower_bound.hex(), row.upper_bound.hex()) for row in run.convergence]


@pytest.mark.parametrize("workers", [1, 2])
def test_python_goes_on_from_a_run(runs_dir, workers):
    case = EXAMPLES / "cascade"
    options = {"runs_dir": runs_dir, "progress": False, "num_workers": workers}
    whole = cobre.train(case, iterations=6, **options)
    half = cobre.train(case, iterations=3, run_name="half", **options)
    # By id, by name, and without the case, which is that of the run.
    for source in (half.run_id, "half"):
        longer = cobre.train(continue_from=source, iterations=6, **options)
        assert longer.iterations == 6 and bounds(longer.run) == bounds(whole.run)
    assert bounds(half.run) == bounds(whole.run)[:3]
    with pytest.raises(cobre.CobreError, match="has completed 3 iterations"):
        cobre.train(continue_from="half", iterations=3, **options)


def test_the_server_and_python_go_on_from_runs_of_each_other(server, runs_dir):
    case = EXAMPLES / "cascade"
    whole = cobre.train(case, iterations=5, runs_dir=runs_dir, progress=False)
    first = server.ok("train", {"case_dir": str(case), "iterations": 2, "num_workers": 1, "wait_seconds": 40}, 60)
    second = cobre.train(continue_from=first["run_id"], iterations=4, runs_dir=runs_dir, progress=False)
    third = server.ok("train", {"continue_from": second.run_id, "iterations": 5, "wait_seconds": 40}, 60)
    assert third["iteration"] == 5 and third["continued_from"] == second.run_id
    assert bounds(cobre.Run(third["run_id"], runs_dir)) == bounds(whole.run)
