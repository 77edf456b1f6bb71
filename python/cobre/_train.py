"""Training: in the calling process, or in separate processes that the library spawns."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import os
import threading
import warnings
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, TypeVar, Union

from . import _errors, _library
from ._policy import Policy
from ._progress import Progress
from ._run import POLL_SECONDS, Iteration, Run, raise_failure

PathLike = Union[str, "os.PathLike[str]"]
OnIteration = Callable[[Iteration], Any]

BACKENDS = ("auto", "local", "shm", "tcp", "mpi")


@dataclasses.dataclass(frozen=True)
class TrainingResult:
    """How a training ended. Money in $."""

    run: Run
    #: How the processes communicated: local, shm or tcp.
    backend: str
    num_workers: int
    #: Why training ended: iteration_limit, target_gap, cancelled, ...
    stop_reason: Optional[str]
    #: Iterations completed.
    iterations: int
    lower_bound: Optional[float]
    upper_bound: Optional[float]
    upper_bound_ci95: Optional[float]
    deterministic_upper_bound: Optional[float]
    gap: Optional[float]
    #: Wall time of the run.
    elapsed_seconds: float
    #: scenarios, mean_cost, standard_deviation, mean_cost_ci95. None if nothing was simulated.
    simulation: Optional[Dict[str, Any]]
    #: What the user should know.
    warnings: List[str]

    @property
    def run_id(self) -> str:
        return self.run.run_id

    @property
    def convergence(self) -> List[Iteration]:
        """All iterations, in order."""
        return self.run.convergence

    @property
    def policy(self) -> Policy:
        """What was learnt."""
        return self.run.policy


def train(
    case: Optional[PathLike] = None,
    *,
    continue_from: Optional[str] = None,
    backend: str = "auto",
    num_workers: int = 1,
    threads_per_worker: int = 1,
    iterations: Optional[int] = None,
    forward_passes: Optional[int] = None,
    passes_together: Optional[int] = None,
    trial_region: Optional[float] = None,
    seed: Optional[int] = None,
    time_limit: Optional[float] = None,
    target_gap: Optional[float] = None,
    statistical_gap: Optional[float] = None,
    simulate: Optional[int] = None,
    keep: str = "statistics",
    solver: str = "auto",
    restarts: int = 0,
    run_name: Optional[str] = None,
    risk_measure: Optional[str] = None,
    discount_rate: Optional[float] = None,
    stages: Optional[int] = None,
    case_edits: Optional[Sequence[Mapping[str, Any]]] = None,
    budget_seconds: Optional[float] = None,
    budget_memory_mb: Optional[float] = None,
    on_iteration: Optional[OnIteration] = None,
    runs_dir: Optional[PathLike] = None,
    progress: Optional[bool] = None,
) -> TrainingResult:
    """Trains a policy and returns when that has ended. The result does not depend on backend, workers and threads.

    With one worker (or ``backend="local"``) the calling process computes. Otherwise the library spawns processes, never
    forks, and this process only follows them. Either way the run is stored in the runs directory, where servers see it.

    Ctrl-C stops the training at the end of its iteration, keeps the policy (the exception has the attribute ``run``) and
    raises ``KeyboardInterrupt``.

    :param case: directory of the case; may be left out with ``continue_from``.
    :param continue_from: id or name of a run that has ended: training goes on from it in a run of its own; ``iterations``
        counts those that it has done too.
    :param backend: auto (shm on one host, tcp where COBRE_TCP_COORDINATOR is set), local, shm or tcp.
    :param num_workers: processes that share the work.
    :param threads_per_worker: threads of each process.
    :param risk_measure: of all stages, for this run alone: ``"expectation"``, ``"worst_case"`` or such as ``"cvar:0.1:0.5"``
        (alpha, lambda), ``"entropic:GAMMA"``, ``"wasserstein:RADIUS"``, ``"modified_chi_squared:RADIUS"``.
    :param discount_rate: per year, for this run alone, in place of ``annual_discount_rate`` of stages.json.
    :param stages: only the first so many stages of the study, for this run alone.
    :param case_edits: changes of the case for this run alone, as for ``cobre.edit``.
    :param budget_seconds: seconds that training may take: passes, cuts and processes are chosen to fit.
    :param budget_memory_mb: megabytes that all processes may take together.
    :param iterations: the most iterations. The default of this and of the other options comes from the case.
    :param forward_passes: trajectories per iteration.
    :param passes_together: of these, how many walk with the same cuts; 0 for few at first where states have many components.
    :param trial_region: share of each reservoir's range in which forward passes end their stages at first; 1 for all of it, 0 for
        what suits the case.
    :param seed: of the scenario tree and of the sampling.
    :param time_limit: seconds after which training stops at the end of an iteration.
    :param target_gap: relative gap at which training stops.
    :param statistical_gap: the same for the interval of a fresh simulation.
    :param simulate: scenarios to simulate after training, 0 for none.
    :param keep: statistics, stages or blocks: what is stored of each scenario.
    :param solver: auto, simplex, clp or highs.
    :param restarts: how often processes are started again after one has died.
    :param run_name: makes the call repeatable: the same name and request give the same run. Only with several workers.
    :param on_iteration: called in this process after each iteration. A true value stops the training. An exception
        stops it and is raised. With several workers iterations continue meanwhile, so a few more may be completed.
    :param runs_dir: where the run is stored. None for the user's own runs directory, which the server uses too.
    :param progress: False for no line of progress. Otherwise one is shown on terminals and in notebooks.
    :raises CaseError: with all findings, before anything is started.
    :raises ArgumentError: with all problems of the arguments.
    :raises BackendError: if processes cannot be started or cannot communicate.
    :raises WorkerError: if a process was lost or has failed.
    :raises SolverError: if a stage LP could not be solved in this process.
    """
    if backend not in BACKENDS:
        raise _errors.ArgumentError(f"`backend` must be one of {', '.join(BACKENDS)}; {backend!r} was given.")
    if backend == "mpi":
        raise _mpi_refusal(case, num_workers)
    if backend == "local" and num_workers != 1:
        warnings.warn(
            f"backend 'local' computes in this process: num_workers={num_workers} is ignored. Results are the same.",
            stacklevel=2,
        )
    request: Dict[str, Any] = {
        "case_dir": _library.directory_text(case),
        "continue_from": continue_from,
        "threads_per_worker": threads_per_worker,
        "iterations": iterations,
        "forward_passes": forward_passes,
        "passes_together": passes_together,
        "trial_region": trial_region,
        "seed": seed,
        "time_limit_seconds": time_limit,
        "target_gap": target_gap,
        "statistical_gap": statistical_gap,
        "simulate_scenarios": simulate,
        "keep": keep,
        "solver": solver,
        "restarts": restarts,
        "run_name": run_name,
        "risk_measure": risk_measure,
        "discount_rate": discount_rate,
        "stages": stages,
        "case_edits": case_edits,
        "budget_seconds": budget_seconds,
        "budget_memory_mb": budget_memory_mb,
    }
    directory = _library.directory_text(runs_dir)
    follower = _Follower(on_iteration, Progress(progress, iterations))
    try:
        if backend == "local" or (backend == "auto" and num_workers == 1):
            run = _train_here(request, directory, follower)
        else:
            request["num_workers"] = num_workers
            run = _train_in_processes(request, backend, directory, follower)
    finally:
        follower.close()
    return result_of(run)


async def train_async(case: PathLike, **options: Any) -> TrainingResult:
    """``train`` for asyncio: the event loop keeps running, and cancelling the task stops the training.

    ``on_iteration`` is called in the thread of the event loop. Options are those of ``train``.
    """
    loop = asyncio.get_running_loop()
    asked: Optional[OnIteration] = options.pop("on_iteration", None)
    is_cancelled = threading.Event()

    def follow(row: Iteration) -> Any:
        if is_cancelled.is_set():
            return True
        callback = asked
        if callback is None:
            return False

        async def in_loop() -> Any:
            return callback(row)

        return asyncio.run_coroutine_threadsafe(in_loop(), loop).result()

    task = loop.run_in_executor(None, functools.partial(train, case, on_iteration=follow, **options))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        is_cancelled.set()
        try:
            await task
        except Exception:
            pass  # The caller has asked for the end. How it ended can be read from the run.
        raise


def result_of(run: Run) -> TrainingResult:
    """The outcome of a run."""
    status = run.status
    return TrainingResult(
        run=run,
        backend=status["backend"],
        num_workers=status["num_workers"],
        stop_reason=status["stop_reason"],
        iterations=status["iteration"],
        lower_bound=status["lower_bound"],
        upper_bound=status["upper_bound"],
        upper_bound_ci95=status["upper_bound_ci95"],
        deterministic_upper_bound=status["deterministic_upper_bound"],
        gap=status["gap"],
        elapsed_seconds=status["elapsed_seconds"],
        simulation=status["simulation"],
        warnings=list(status["warnings"]),
    )


class _Follower:
    """Passes iterations on to the caller and remembers whether it wants to stop."""

    def __init__(self, on_iteration: Optional[OnIteration], progress: Progress) -> None:
        self._on_iteration = on_iteration
        self._progress = progress
        self.seen = 0

    @property
    def is_watching(self) -> bool:
        return self._on_iteration is not None

    def take(self, rows: List[Dict[str, Any]], remaining: Optional[float], stop: Callable[[], None]) -> None:
        for row in rows:
            iteration = Iteration(**row)
            self.seen = iteration.iteration
            self._progress.show(iteration, remaining)
            if self._on_iteration is not None and self._on_iteration(iteration):
                stop()
                # Iterations completed before it has stopped are not reported to a caller that wants to stop.
                self._on_iteration = None

    def close(self) -> None:
        self._progress.close()


def _train_here(request: Dict[str, Any], directory: Optional[str], follower: _Follower) -> Run:
    request = {name: value for name, value in request.items() if value is not None}
    request["lockstep"] = 1 if follower.is_watching else 0
    runs = _library.runs_handle(directory)

    def start() -> _library.Handle:
        return _library.Handle("cobre_job_start", runs.number, _library.encoded(request), None)

    def undo(job: _library.Handle, error: BaseException) -> None:
        outcome = end_job(job)
        _remember(error, outcome["run_id"])

    outcome = follow_job(_uninterrupted(start, undo), follower)
    return Run(outcome["run_id"], directory)


def follow_job(job: _library.Handle, follower: _Follower) -> Dict[str, Any]:
    """Follows a computation of this process to its end. An exception of the caller stops it."""

    def stop() -> None:
        _library.call("cobre_job_stop", job.number)

    def wait() -> Dict[str, Any]:
        return _library.call_json("cobre_job_wait", job.number, follower.seen, POLL_SECONDS)

    try:
        while True:
            news = wait()
            follower.take(news["iterations"], news["remaining_seconds"], stop)
            if news["ended"]:
                outcome: Dict[str, Any] = news["outcome"]
                return outcome
    except _errors.CobreError as error:
        if error.details.get("run_id") is None:
            stop()
        raise
    except BaseException as error:
        _remember(error, end_job(job)["run_id"])
        raise


def end_job(job: _library.Handle) -> Dict[str, Any]:
    """Stops a computation of this process and waits until it has stopped."""
    _library.call("cobre_job_stop", job.number)
    while True:
        news = _library.call_json("cobre_job_wait", job.number, 2**62, POLL_SECONDS)
        if news["ended"]:
            outcome: Dict[str, Any] = news["outcome"]
            return outcome


_Started = TypeVar("_Started")


def _uninterrupted(start: Callable[[], _Started], undo: Callable[[_Started, BaseException], None]) -> _Started:
    """Starts something that must be tracked once it has begun. Ctrl-C takes effect when it can be undone.

    Signals only reach the main thread, so the start is made in another one.
    """
    if threading.current_thread() is not threading.main_thread():
        return start()
    values: List[_Started] = []
    errors: List[BaseException] = []

    def begin() -> None:
        try:
            values.append(start())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=begin)
    try:
        thread.start()
        while thread.is_alive():
            thread.join(POLL_SECONDS)
    except BaseException as error:
        thread.join()
        if values:
            undo(values[0], error)
        raise
    if errors:
        raise errors[0]
    return values[0]


def _train_in_processes(
    request: Dict[str, Any], backend: str, directory: Optional[str], follower: _Follower
) -> Run:
    if _library.worker_path() is None:
        raise _errors.BackendError(
            "The program cobre-worker, which computes in the processes, is not there. Build it with `make build`, or "
            "name it in COBRE_WORKER."
        )
    chosen = backend
    if backend == "auto":
        chosen = "tcp" if os.environ.get("COBRE_TCP_COORDINATOR") else "shm"

    def start() -> Run:
        try:
            return _start(request, chosen, directory)
        except _errors.BackendError:
            if backend != "auto" or chosen == "tcp":
                raise
            # No room in /dev/shm, say.
            return _start(request, "tcp", directory)

    def undo(run: Run, error: BaseException) -> None:
        run.stop()
        run.wait()
        _remember(error, run.run_id)

    run = _uninterrupted(start, undo)

    def news() -> Dict[str, Any]:
        return run._wait(follower.seen, POLL_SECONDS)

    try:
        while True:
            found = news()
            follower.take(found["iterations"], found["run"]["remaining_seconds"], run.stop)
            if found["run"]["ended"] and not found["iterations"]:
                break
    except BaseException as error:
        undo(run, error)
        raise
    raise_failure(found["run"])
    return run


def _start(request: Dict[str, Any], backend: str, directory: Optional[str]) -> Run:
    wanted = {name: value for name, value in request.items() if value is not None}
    wanted["backend"] = backend
    runs = _library.runs_handle(directory)
    answer = _library.call_json("cobre_run_start", runs.number, _library.encoded(wanted))
    return Run(answer["run"]["run_id"], directory)


def _remember(error: BaseException, run_id: str) -> None:
    """Says in an exception of the caller which run holds what was learnt."""
    try:
        setattr(error, "run_id", run_id)
    except AttributeError:
        pass


def _mpi_refusal(case: Optional[PathLike], num_workers: int) -> _errors.BackendError:
    command = f"mpiexec -n {num_workers} cobre-worker train {os.fspath(case or 'CASE')} --output RUN"
    return _errors.BackendError(
        "backend 'mpi' cannot be used from Python, for three reasons: (1) MPI must be initialised before anything else in "
        "the process and finalised last, and an interpreter that has run already cannot promise either; (2) an MPI that "
        "loses one rank ends the whole job, this interpreter and its data with it; (3) the ranks of an MPI job are started by "
        f"its launcher, so a process that already runs cannot become one of them. Use instead: {command}",
        {"command": command},
    )
