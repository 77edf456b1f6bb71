"""The package cobre: training here and in processes, bits, failures, policies."""

import asyncio
import contextlib
import io
import json
import multiprocessing
import os
import pathlib
import pty
import re
import signal
import subprocess
import sys
import threading
import time
import types

import pytest

import cobre
from conftest import EXAMPLES, ROOT, WORKER

CASES = ["single-hydro", "cascade"]


def bounds(run):
    """All bounds of a run, to the last bit."""
    return [(row.iteration, row.lower_bound.hex(), row.upper_bound.hex()) for row in run.convergence]


@pytest.fixture(scope="module", params=CASES)
def reference(request, tmp_path_factory):
    """What the worker alone computes: case, and bounds as they are in its database."""
    output = tmp_path_factory.mktemp("reference") / "runs" / "run"
    case = EXAMPLES / request.param
    subprocess.run(
        [WORKER, "train", case, "--output", output, "--iterations", "6"], check=True, capture_output=True)
    import sqlite3

    with sqlite3.connect(output / "run.sqlite") as database:
        rows = database.execute("SELECT iteration, lower_bound, upper_bound FROM convergence ORDER BY iteration")
        return case, [(iteration, lower.hex(), upper.hex()) for iteration, lower, upper in rows]


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("backend", ["local", "shm", "tcp"])
@pytest.mark.filterwarnings("ignore:backend 'local'")
def test_bits_are_those_of_the_worker(reference, runs_dir, backend, workers):
    case, expected = reference
    result = cobre.train(case, backend=backend, num_workers=workers, iterations=6, runs_dir=runs_dir, progress=False)
    assert bounds(result.run) == expected
    assert result.backend == (backend if workers > 1 else "local")
    assert result.stop_reason == "iteration_limit" and result.iterations == 6


def test_the_server_sees_runs_of_python_and_python_those_of_the_server(reference, runs_dir, server):
    case, expected = reference
    mine = [
        cobre.train(case, backend=backend, num_workers=2, iterations=6, runs_dir=runs_dir, progress=False).run_id
        for backend in ("auto", "tcp")
    ] + [cobre.train(case, iterations=6, runs_dir=runs_dir, progress=False).run_id]
    listed = server.call("list_runs", {})["structuredContent"]["runs"]
    assert [run["run_id"] for run in listed] == mine[::-1]
    assert {run["state"] for run in listed} == {"succeeded"}
    answer = server.call(
        "train", {"case_dir": str(case), "num_workers": 2, "iterations": 6, "wait_seconds": 20}, timeout=40)
    theirs = answer["structuredContent"]["run_id"]
    assert cobre.runs(runs_dir)[0].run_id == theirs
    assert bounds(cobre.Run(theirs, runs_dir)) == expected
    place = pathlib.Path(runs_dir, theirs)
    for run in (cobre.Run(place), cobre.Run(str(place) + "/"), cobre.Run(os.path.relpath(place))):
        assert bounds(run) == expected and run.run_id == theirs
        assert cobre.Policy.load(place).cuts == run.policy.cuts


def test_local_warns_of_workers_that_it_ignores(runs_dir):
    with pytest.warns(UserWarning, match="num_workers=3 is ignored"):
        cobre.train(
            EXAMPLES / "single-hydro", backend="local", num_workers=3, iterations=1, runs_dir=runs_dir, progress=False)


def test_mpi_is_refused_with_reasons_and_the_line_to_use():
    with pytest.raises(cobre.BackendError) as caught:
        cobre.train("CASE", backend="mpi", num_workers=8)
    for words in ("(1)", "(2)", "(3)", "mpiexec -n 8 cobre-worker train CASE"):
        assert words in str(caught.value)


def test_a_bad_case_is_told_with_all_findings(case, runs_dir):
    path = case()
    stages = json.loads((path / "stages.json").read_text())
    (path / "stages.json").write_text(json.dumps({**stages, "wings": 1, "tail": 2}))
    assert len([finding for finding in cobre.validate(path) if finding["severity"] == "error"]) >= 2
    for workers in (1, 2):
        with pytest.raises(cobre.CaseError, match="wings") as caught:
            cobre.train(path, num_workers=workers, runs_dir=runs_dir, progress=False)
        assert "tail" in str(caught.value)
    with pytest.raises(cobre.CaseError):
        cobre.Study(path)
    assert not list(runs_dir.glob("run_*"))


def test_shipped_cases_are_found_by_name():
    assert {"cascade", "four-areas", "single-hydro"} <= set(cobre.examples())
    assert all(cobre.Study(cobre.example(name)).describe()["counts"]["hydros"] for name in cobre.examples())
    with pytest.raises(ValueError, match="no example 'north'.*single-hydro"):
        cobre.example("north")


def test_a_failure_is_an_error_and_nothing_on_stderr(runs_dir, capfd):
    with pytest.raises(cobre.CaseError) as caught:
        cobre.train("no-such-case", runs_dir=runs_dir)
    assert "\n  error 101: The case directory does not exist." in str(caught.value)
    assert capfd.readouterr().err == ""


def test_bad_arguments_are_told_at_once(runs_dir):
    with pytest.raises(cobre.ArgumentError) as caught:
        cobre.train(EXAMPLES / "cascade", iterations=0, target_gap=7.0, runs_dir=runs_dir, progress=False)
    assert len(caught.value.problems) == 2
    assert isinstance(caught.value, ValueError)


# ---- following a training


@pytest.mark.parametrize("options", [{}, {"backend": "shm", "num_workers": 2}, {"backend": "tcp", "num_workers": 2}])
def test_on_iteration_sees_everything_in_order_in_the_parent(runs_dir, options):
    seen = []
    result = cobre.train(
        EXAMPLES / "cascade", iterations=5, runs_dir=runs_dir, progress=False,
        on_iteration=lambda row: seen.append((os.getpid(), row.iteration, row.lower_bound)), **options)  # fmt: skip
    assert seen == [(os.getpid(), row.iteration, row.lower_bound) for row in result.convergence]


@pytest.mark.parametrize("options", [{}, {"backend": "shm", "num_workers": 2}, {"backend": "tcp", "num_workers": 2}])
def test_a_true_value_stops(runs_dir, options):
    result = cobre.train(
        EXAMPLES / "cascade", iterations=100_000, runs_dir=runs_dir, progress=False,
        on_iteration=lambda row: row.iteration >= 3, **options)  # fmt: skip
    assert result.stop_reason == "cancelled"
    assert result.iterations == 3 if not options else 3 <= result.iterations < 100_000
    assert result.policy.cuts[0] > 0


@pytest.mark.parametrize("options", [{}, {"backend": "shm", "num_workers": 2}, {"backend": "tcp", "num_workers": 2}])
def test_an_exception_stops_and_is_raised(runs_dir, options):
    def follow(row):
        raise KeyError("no further")

    with pytest.raises(KeyError, match="no further"):
        cobre.train(
            EXAMPLES / "cascade", iterations=100_000, runs_dir=runs_dir, progress=False, on_iteration=follow, **options)
    (run,) = cobre.runs(runs_dir)
    assert run.status["state"] == "cancelled" and run.status["iteration"] >= 1


@pytest.mark.parametrize("options", [{}, {"backend": "shm", "num_workers": 2}])
def test_ctrl_c_keeps_the_policy(runs_dir, options):
    timers = []
    # A shell that runs the tests in the background has them begin with this signal ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def follow(row):
        if not timers:
            # While the library waits, not in this function.
            timers.append(threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)))
            timers[0].start()

    with pytest.raises(KeyboardInterrupt) as caught:
        cobre.train(
            EXAMPLES / "cascade", iterations=1_000_000, runs_dir=runs_dir, progress=False, on_iteration=follow, **options)
    run = cobre.Run(caught.value.run_id, runs_dir)
    assert run.status["state"] == "cancelled"
    assert run.policy.cuts[0] > 0


def test_asyncio_goes_on_meanwhile(runs_dir):
    async def main():
        ticks = 0

        async def tick():
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        ticking = asyncio.ensure_future(tick())
        seen = []
        result = await cobre.train_async(
            EXAMPLES / "cascade", iterations=20, runs_dir=runs_dir, progress=False, on_iteration=seen.append)
        ticking.cancel()
        return result, seen, ticks

    result, seen, ticks = asyncio.run(main())
    assert [row.iteration for row in seen] == list(range(1, 21)) and result.iterations == 20
    assert ticks > 0


def test_cancelling_the_task_stops_the_training(runs_dir):
    async def main():
        task = asyncio.ensure_future(
            cobre.train_async(EXAMPLES / "cascade", iterations=1_000_000, runs_dir=runs_dir, progress=False))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert cobre.runs(runs_dir)[0].status["state"] == "cancelled"


def test_nothing_is_written_to_a_pipe(runs_dir):
    done = subprocess.run(
        [sys.executable, "-c",
         "import sys, cobre; cobre.train(sys.argv[1], iterations=3, runs_dir=sys.argv[2])",
         EXAMPLES / "single-hydro", runs_dir],
        capture_output=True, check=True)  # fmt: skip
    assert done.stdout == b"" and done.stderr == b""


def test_a_thread_of_the_parent_keeps_its_rate(runs_dir, monkeypatch):
    """Other threads of the parent lose what this one computes in Python: at most a twentieth.

    Counted in processor time outside of the library, which holds no lock of the interpreter, so that it does not depend on
    what else the machine does.
    """
    from cobre import _library

    inside = [0.0]
    plain = _library.call

    def call(*arguments):
        began = time.thread_time()
        try:
            plain(*arguments)
        finally:
            inside[0] += time.thread_time() - began

    monkeypatch.setattr(_library, "call", call)
    count, stop = [0], threading.Event()

    def work():
        while not stop.is_set():
            count[0] += 1

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    began, busy = time.monotonic(), time.thread_time()
    try:
        cobre.train(
            EXAMPLES / "cascade", backend="shm", num_workers=2, iterations=1_000_000, time_limit=2.0, runs_dir=runs_dir,
            progress=False)  # fmt: skip
    finally:
        stop.set()
    lost = (time.thread_time() - busy - inside[0]) / (time.monotonic() - began)
    thread.join()
    assert count[0] > 0 and lost <= 0.05


# ---- failures


def processes_of(run):
    return [worker["pid"] for worker in run.status["workers"]]


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def niceness(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[16])


@pytest.mark.parametrize("takes_all", [True, False])
def test_workers_that_take_every_processor_yield_to_their_parent(runs_dir, takes_all):
    """A thread of the parent keeps its rate only if it does not get an equal share of each processor beside them."""
    processors = len(os.sched_getaffinity(0))
    if processors < 2:
        pytest.skip("one processor is always taken")
    seen = []

    def follow(row):
        (run,) = cobre.runs(runs_dir)
        for pid in processes_of(run):
            session = pathlib.Path(f"/proc/{pid}/autogroup")
            group = session.read_text().split()[-1] if session.exists() else None
            seen.append((niceness(pid) - niceness(os.getpid()), group))
        return True

    cobre.train(
        EXAMPLES / "cascade", backend="shm", num_workers=processors if takes_all else 1, iterations=1_000_000,
        runs_dir=runs_dir, progress=False, on_iteration=follow)  # fmt: skip
    assert seen and {nice for nice, _ in seen} == {5 if takes_all else 0}
    # Kernels that share time between sessions first look at the whole session.
    assert {group for _, group in seen} <= {"5" if takes_all else "0", None}


@pytest.mark.parametrize("backend", ["shm", "tcp"])
def test_a_killed_worker_is_named_and_nothing_is_left(runs_dir, backend):
    before = set(os.listdir("/dev/shm"))
    killed = []

    def follow(row):
        if row.iteration >= 2 and not killed:
            (run,) = cobre.runs(runs_dir)
            killed.extend(processes_of(run))
            os.kill(killed[1], signal.SIGKILL)

    with pytest.raises(cobre.WorkerError) as caught:
        cobre.train(
            EXAMPLES / "cascade", backend=backend, num_workers=3, iterations=1_000_000, runs_dir=runs_dir,
            progress=False, on_iteration=follow)  # fmt: skip
    error = caught.value
    assert (error.rank, error.pid, error.signal) == (1, killed[1], signal.SIGKILL)
    assert "Killed" in error.cause
    assert not [pid for pid in killed if alive(pid)]
    assert {name for name in set(os.listdir("/dev/shm")) - before if name.startswith("cobre-")} == set()


def test_a_worker_that_dies_may_be_started_again(runs_dir):
    killed = []

    def follow(row):
        # Far more iterations than are computed, so that the worker is alive when it is killed.
        (run,) = cobre.runs(runs_dir)
        if not killed and row.iteration >= 2:
            killed.extend(processes_of(run))
            os.kill(killed[0], signal.SIGKILL)
        return bool(killed) and any("started again" in sentence for sentence in run.status["warnings"])

    result = cobre.train(
        EXAMPLES / "cascade", backend="shm", num_workers=2, iterations=1_000_000, restarts=2, runs_dir=runs_dir,
        progress=False, on_iteration=follow)  # fmt: skip
    assert killed and 2 <= result.iterations < 1_000_000
    assert any("started again" in sentence for sentence in result.warnings)


# ---- own processes


def compute_as_rank(case, rank, size, backend, runs_dir, queue):
    try:
        result = cobre.join(case, rank=rank, size=size, backend=backend, iterations=6, runs_dir=runs_dir)
        queue.put((rank, result.run.run_id, result.lower_bound.hex(), result.backend))
    except Exception as error:
        queue.put((rank, type(error).__name__, str(error), None))


def run_ranks(context, case, size, backend, runs_dir, target=compute_as_rank):
    queue = context.Queue()
    workers = [
        context.Process(target=target, args=(case, rank, size, backend, runs_dir, queue)) for rank in range(size)
    ]
    for worker in workers:
        worker.start()
    answers = sorted(queue.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(20)
    assert [worker.exitcode for worker in workers] == [0] * size
    return answers


@pytest.mark.parametrize("backend", ["shm", "tcp"])
def test_own_processes_compute_the_same_bits(reference, runs_dir, backend):
    case, expected = reference
    answers = run_ranks(multiprocessing.get_context("spawn"), case, 3, backend, runs_dir)
    assert [answer[0] for answer in answers] == [0, 1, 2]
    assert {answer[2] for answer in answers} == {expected[-1][1]}
    assert {answer[3] for answer in answers} == {backend}
    assert bounds(cobre.Run(answers[0][1], runs_dir)) == expected
    assert len({answer[1] for answer in answers}) == 1


def die_as_rank(case, rank, size, backend, runs_dir, queue):
    if rank == 1:
        threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGKILL)).start()
    try:
        cobre.join(case, rank=rank, size=size, backend=backend, iterations=1_000_000, runs_dir=runs_dir)
    except cobre.CobreError as error:
        queue.put((rank, type(error).__name__, error.details.get("rank")))


@pytest.mark.parametrize("backend", ["shm", "tcp"])
def test_ranks_of_own_processes_notice_that_one_dies(runs_dir, backend):
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    workers = [
        context.Process(target=die_as_rank, args=(EXAMPLES / "cascade", rank, 3, backend, runs_dir, queue))
        for rank in range(3)
    ]
    for worker in workers:
        worker.start()
    answers = sorted(queue.get(timeout=30) for _ in range(2))
    for worker in workers:
        worker.join(20)
    assert workers[1].exitcode == -signal.SIGKILL
    assert [answer[:2] for answer in answers] == [(0, "WorkerError"), (2, "WorkerError")]
    assert not [name for name in os.listdir("/dev/shm") if name.startswith("cobre-join-")]
    assert cobre.runs(runs_dir)[0].status["state"] == "failed"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_process_is_refused(runs_dir):
    cobre.train(EXAMPLES / "single-hydro", iterations=1, runs_dir=runs_dir, progress=False)
    answers = run_ranks(multiprocessing.get_context("fork"), EXAMPLES / "single-hydro", 1, "shm", runs_dir)
    assert answers[0][1] == "ForkError" and "spawn" in answers[0][2]


def test_ranks_that_cannot_be_told_from_others_are_refused():
    with pytest.raises(cobre.BackendError, match="group"):
        cobre.join(EXAMPLES / "single-hydro", rank=0, size=2)
    with pytest.raises(cobre.ArgumentError, match="rank"):
        cobre.join(EXAMPLES / "single-hydro", rank=2, size=2)


# ---- progress

SHOWN = """
import cobre
cobre.train({case!r}, num_workers={workers}, iterations=40, runs_dir={runs!r})
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_one_line_on_a_terminal(runs_dir, workers):
    master, terminal = pty.openpty()
    script = SHOWN.format(case=str(EXAMPLES / "four-areas"), workers=workers, runs=str(runs_dir))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=terminal)
    os.close(terminal)
    shown = b""
    # Reading from a terminal whose other side is closed is an error.
    with contextlib.suppress(OSError):
        while part := os.read(master, 65536):
            shown += part
    os.close(master)
    assert process.stdout is not None and process.stdout.read() == b"" and process.wait(30) == 0
    lines = shown.decode().split("\r")
    updates = [line for line in lines if line.startswith("iteration ")]
    assert updates[0].startswith("iteration 1/40  bounds ") and updates[-1].startswith("iteration 40/40  bounds ")
    assert "/s" in updates[-1] and shown.endswith(b"\r\n") and shown.count(b"\n") == 1
    # Ten a second at most, the first and the last on top.
    seconds = cobre.runs(runs_dir)[0].status["elapsed_seconds"]
    assert len(updates) <= 10 * seconds + 3


def test_progress_tells_the_time_left_and_skips_updates_that_come_too_soon(monkeypatch):
    written = io.StringIO()
    written.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", written)
    clock = [0.0]
    monkeypatch.setattr("cobre._progress.time.monotonic", lambda: clock[0])
    progress = cobre._progress.Progress(None, 3)
    for number, moment in ((1, 0.0), (2, 0.05), (3, 0.06)):
        clock[0] = moment
        progress.show(types.SimpleNamespace(
            iteration=number, lower_bound=1.5, upper_bound=None, gap=None, elapsed_seconds=number / 4), 90 - number)
    assert written.getvalue() == "\riteration 1/3  bounds 1.5 .. ?  4/s  about 89 s left"
    progress.close()
    assert written.getvalue().split("\r")[-1] == "iteration 3/3  bounds 1.5 .. ?  4/s  about 87 s left\n"


def test_waiting_for_a_while_leaves_nothing_open(tmp_path):
    runs = tmp_path / "runs"
    started = subprocess.run(
        [WORKER, "start", EXAMPLES / "four-areas", "--runs-dir", runs, "--iterations", "100000", "--workers", "1"],
        check=True, capture_output=True, text=True, timeout=60)
    run = cobre.Run(re.search(r"run_[a-z0-9]{20,}", started.stdout).group(0), runs)
    mine = lambda: [link for link in map(os.path.realpath, map("/proc/self/fd/{}".format, os.listdir("/proc/self/fd")))
                    if run.run_id in link]
    try:
        assert not run.wait(timeout=0.5)["ended"]
        assert mine() == []
        # A call that is not the last one keeps the database open for the next.
        run._wait(2**62, 0.1)
        assert any(link.endswith("run.sqlite") for link in mine())
        assert not run.wait(timeout=0)["ended"]
        assert mine() == []
    finally:
        run.stop()
        run.wait(60)
    assert mine() == []
