"""The package cobre: cases, policies, results, examples, types."""

import gc
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import threading

import numpy
import polars
import pyarrow
import pytest

import cobre
from conftest import EXAMPLES, ROOT


def test_a_study_describes_itself():
    study = cobre.Study(EXAMPLES / "cascade")
    assert study.validate() == [] or all(finding["severity"] == "warning" for finding in study.validate())
    assert study.describe()["state_dimension"] == len(study.state_names) == len(study.initial_state)
    assert "inflow" in study.stochastic


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    runs = tmp_path_factory.mktemp("policies") / "runs"
    return cobre.train(EXAMPLES / "four-areas", iterations=10, runs_dir=runs, progress=False)


def test_values_are_those_of_the_plain_formula(trained):
    policy = trained.policy
    stage = 1
    cuts = policy.cut_matrix(stage)
    assert cuts.outcomes is None
    assert cuts.intercepts.shape == (policy.cuts[stage],) and cuts.slopes.shape[0] == policy.cuts[stage]
    generator = numpy.random.default_rng(7)
    states = numpy.asarray(policy.initial_state) * generator.uniform(0, 1.5, (1003, cuts.slopes.shape[1]))
    heights = numpy.broadcast_to(cuts.intercepts, (len(states), len(cuts.intercepts))).copy()
    for component in range(states.shape[1]):
        heights = heights + states[:, component : component + 1] * cuts.slopes[:, component]
    values, slopes = policy.evaluate(stage, states, gradient=True)
    # No cost of the case is negative.
    best = heights.max(axis=1)
    assert values.tobytes() == numpy.where(best < 0, 0.0, best).tobytes()
    expected = numpy.where(best[:, None] < 0, 0.0, cuts.slopes[heights.argmax(axis=1)])
    assert slopes.tobytes() == expected.tobytes()
    assert policy.evaluate(stage, states, threads=3).tobytes() == values.tobytes()
    assert policy.evaluate(stage, states[5]) == values[5]
    assert policy.evaluate(stage, states[:0]).shape == (0,)


def test_water_values_are_those_of_the_server(trained, start):
    server = start(runs=pathlib.Path(trained.run.runs_dir))
    told = server.call("inspect_policy", {"run_id": trained.run_id, "stage": 2})["structuredContent"]
    mine = trained.policy.water_values(2)
    flat = json.dumps(told)
    for value in mine.values():
        assert any(abs(value - other) <= 1e-6 * max(1.0, abs(value)) for other in numbers(told)), (value, flat)


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, (int, float)):
        yield float(value)


def test_cuts_outlive_the_policy_and_are_read_only(trained):
    slopes = trained.policy.cut_matrix(0).slopes
    copy = slopes.copy()
    gc.collect()
    assert (slopes == copy).all()
    with pytest.raises(ValueError):
        slopes[0, 0] = 1


def test_a_stage_without_cuts_is_a_policy_error(trained):
    policy = trained.policy
    last = policy.stages - 1
    with pytest.raises(cobre.PolicyError, match="no cuts"):
        policy.evaluate(last, policy.initial_state)
    with pytest.raises(cobre.ArgumentError, match="stage"):
        policy.evaluate(policy.stages, policy.initial_state)
    with pytest.raises(cobre.ArgumentError, match="shape"):
        policy.evaluate(0, [1.0])


def test_an_evaluation_ends_when_another_thread_asks(trained):
    policy = trained.policy
    states = numpy.tile(policy.initial_state, (4_000_000, 1))
    timer = threading.Timer(0.05, policy.interrupt)
    timer.start()
    with pytest.raises(cobre.InterruptedComputation):
        for _ in range(200):
            policy.evaluate(0, states)
    timer.join()


def test_no_state_costs_less_than_nothing(trained):
    """Cuts fall below 0 at a storage that no reservoir can hold; stage LPs know that no cost of this case is negative."""
    policy = trained.policy
    full = {int(name[8:-1]): 1e7 for name in policy.state_names if name.startswith("storage[")}
    state = [1e7 if name.startswith("storage[") else value for name, value in zip(policy.state_names, policy.initial_state)]
    cuts = policy.cut_matrix(0)
    assert max(a + b @ numpy.array(state) for a, b in zip(cuts.intercepts, cuts.slopes)) < 0
    assert policy.evaluate(0, [state]) == [0.0]
    assert set(policy.water_values(0, full).values()) == {0.0}


def test_each_question_has_one_answer_in_python(trained, tmp_path):
    run = cobre.train(
        EXAMPLES / "cascade", iterations=5, simulate=10, keep="blocks", runs_dir=trained.run.runs_dir, progress=False).run
    other = run.simulate(10, num_workers=1, case_edits=[{"file": "penalties.json", "merge": {}}])
    answers = [run.diagnose(), run.explain_price(stage=1), run.explain_cost(), run.explain_violation(), run.compare(other),
               cobre.Study(EXAMPLES / "cascade").estimate(iterations=3)]
    for answer in answers:
        assert "content" not in answer and "result" not in answer and len(answer) > 1, answer
    path = run.report(tmp_path / "run.html", other)
    assert path == str(tmp_path / "run.html") and pathlib.Path(path).read_text().startswith("<!")


def test_a_run_is_simulated_plotted_and_queried(trained):
    run = trained.run.simulate(20, num_workers=2, keep="stages")
    assert run.status["simulation"]["scenarios"] == 20
    assert trained.run.plot("convergence")._repr_png_().startswith(b"\x89PNG")
    assert run.query("SELECT COUNT(*) AS n FROM simulation_scenario") == [{"n": 20}]


def test_results_go_to_other_libraries_without_a_copy(trained):
    convergence = pyarrow.table(trained.run.results("convergence"))
    assert convergence["lower_bound"].to_pylist() == [row.lower_bound for row in trained.convergence]
    assert convergence["deterministic_upper_bound"].null_count == convergence.num_rows
    run = trained.run.simulate(30, num_workers=1, keep="blocks")
    statistics = polars.DataFrame(run.results("statistics"))
    rows = run.query("SELECT COUNT(*) AS n, SUM(mean) AS total FROM simulation_statistics")[0]
    assert statistics.height == rows["n"]
    assert statistics["mean"].sum() == pytest.approx(rows["total"], rel=1e-12)
    assert set(statistics["entity_kind"]) >= {"hydro", "thermal", "bus"}
    hydros = pyarrow.table(run.results("hydros")).to_pandas()
    assert set(hydros["scenario_id"]) == set(range(30))
    # Volumes follow each other: what a stage ends with is what the next one begins with.
    one = hydros[(hydros.scenario_id == 3) & (hydros.hydro_id == hydros.hydro_id.min())]
    ends = one.groupby("stage_id").storage_final_hm3.last().to_list()
    begins = one.groupby("stage_id").storage_initial_hm3.first().to_list()
    assert begins[1:] == ends[:-1]
    values = polars.DataFrame(run.results("values"))
    generation = values.filter((polars.col("entity_kind") == "hydro") & (polars.col("quantity") == "generation"))
    assert generation["value"].sum() == pytest.approx(hydros.generation_mw.sum(), rel=1e-12)
    with pytest.raises(cobre.RunError, match='keep="stages"'):
        trained.run.simulate(5, num_workers=1).results("hydros").__arrow_c_stream__()
    with pytest.raises(cobre.ArgumentError, match="convergence"):
        run.results("wings").__arrow_c_stream__()


def test_a_stream_that_nobody_takes_is_released(trained):
    table = trained.run.results("statistics")
    table.__arrow_c_stream__()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(200):
        table.__arrow_c_stream__()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_unknown_runs_are_run_errors(runs_dir):
    with pytest.raises(cobre.RunError):
        _ = cobre.Run("run_" + "a" * 26, runs_dir).status


# ---- examples


@pytest.mark.parametrize("backend", ["shm", "tcp"])
def test_the_example_with_own_workers_reaches_the_same_bits(backend):
    done = subprocess.run(
        [sys.executable, EXAMPLES / "python/own_workers.py", EXAMPLES / "single-hydro", "--backend", backend],
        capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0 and "The bits are the same." in done.stdout, done.stdout + done.stderr


def test_the_notebook_can_be_executed(monkeypatch):
    monkeypatch.setenv("COBRE_EXAMPLES", str(EXAMPLES))
    notebook = json.loads((EXAMPLES / "python/four_areas.ipynb").read_text())
    names = {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert names["result"].stop_reason == "iteration_limit"


def test_the_package_is_typed():
    mypy = shutil.which("mypy") or str(pathlib.Path(sys.executable).parent / "mypy")
    subprocess.run([mypy, "--strict", ROOT / "python/cobre"], check=True, cwd=ROOT)


def test_the_types_suit_the_oldest_python_too():
    """By pyright, which knows the standard library of Python 3.9."""
    pyright = pathlib.Path(sys.executable).parent / "basedpyright"
    done = subprocess.run([pyright, "--project", ROOT / "python"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
