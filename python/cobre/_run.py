"""Runs: what is stored of a training or a simulation."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

from . import _errors, _library
from ._policy import Policy
from ._results import Results

PathLike = Union[str, "os.PathLike[str]"]

# Longest time in the library between two checks for signals of the process, in seconds.
POLL_SECONDS = 0.2


@dataclasses.dataclass(frozen=True)
class Iteration:
    """One iteration of a training. Money in $, times in seconds, None if a figure is not known."""

    iteration: int
    #: Lower bound of the expected cost.
    lower_bound: Optional[float]
    #: Mean cost of the trajectories of this iteration, an estimate.
    upper_bound: Optional[float]
    #: Half width of its 95 % interval.
    upper_bound_ci95: Optional[float]
    #: Upper bound by inner approximation, where the case asks for it.
    deterministic_upper_bound: Optional[float]
    #: (upper - lower) / max(1, |upper|)
    gap: Optional[float]
    #: Since training began.
    elapsed_seconds: Optional[float]
    forward_seconds: Optional[float]
    backward_seconds: Optional[float]
    communication_seconds: Optional[float]
    wait_seconds: Optional[float]
    #: Linear programs solved, by all ranks.
    lp_solves: int
    #: Solves that needed more than one attempt.
    retried_solves: int


class Plot:
    """A chart as a PNG image, which a notebook displays."""

    def __init__(self, png: bytes, text: str) -> None:
        self.png = png
        self.text = text

    def _repr_png_(self) -> bytes:
        return self.png

    def save(self, path: PathLike) -> None:
        with open(path, "wb") as file:
            file.write(self.png)

    def __repr__(self) -> str:
        return f"<Plot: {self.text}>"


class Run:
    """A run by its id. Everything is read from the runs directory on use.

    :param run_id: as ``train`` or the server gave it, or its name, or the path of its directory.
    :param runs_dir: where the run is, for an id or a name. None for the user's own runs directory.
    """

    def __init__(self, run_id: PathLike, runs_dir: Optional[PathLike] = None) -> None:
        self.run_id, self.runs_dir = _library.run_place(run_id, runs_dir)

    def _wait(self, after: int, seconds: float) -> Dict[str, Any]:
        runs = _library.runs_handle(self.runs_dir)
        return _library.call_json("cobre_run_wait", runs.number, self.run_id.encode(), after, seconds)

    def _tool(self, name: str, **arguments: Any) -> Dict[str, Any]:
        return call_tool(self.runs_dir, name, {"run_id": self.run_id, **arguments})

    def _answer(self, name: str, **arguments: Any) -> Dict[str, Any]:
        found: Dict[str, Any] = self._tool(name, **arguments)["result"]
        return found

    @property
    def status(self) -> Dict[str, Any]:
        """State, bounds, workers and warnings, with the names that the tool ``status`` of the server uses."""
        found: Dict[str, Any] = self._wait(2**62, 0)["run"]
        return found

    @property
    def directory(self) -> str:
        """Directory of the run."""
        return str(self.status["directory"])

    @property
    def convergence(self) -> List[Iteration]:
        """All iterations, in order."""
        return [Iteration(**row) for row in self._wait(0, 0)["iterations"]]

    @property
    def policy(self) -> Policy:
        """What was learnt."""
        return Policy(self.run_id, self.runs_dir)

    def results(self, table: str) -> Results:
        """A table of the run's results, for polars, pyarrow, pandas and others.

        :param table: convergence, scenarios, statistics, values, and if stages or blocks were stored also hydros,
            thermals, buses, exchanges, non_controllables, contracts, pumping_stations, generic_violations.
        """
        return Results(self.run_id, self.runs_dir, table)

    def wait(self, timeout: Optional[float] = None) -> Dict[str, Any]:
        """Waits for the end of the run, at most ``timeout`` seconds, and returns its status."""
        import time

        deadline = None if timeout is None else time.monotonic() + timeout
        status: Dict[str, Any] = {"ended": False}
        try:
            while True:
                rest = POLL_SECONDS if deadline is None else min(POLL_SECONDS, deadline - time.monotonic())
                status = self._wait(2**62, max(0.0, rest))["run"]
                if status["ended"] or (deadline is not None and time.monotonic() >= deadline):
                    return status
        finally:
            if not status["ended"]:
                self._unfollow()

    def _unfollow(self) -> None:
        """Closes what following the run holds open. What is wrong with the run has been said already."""
        with contextlib.suppress(_errors.CobreError):
            self._wait(2**62, -1)

    def stop(self) -> None:
        """Asks the run to stop at the end of its iteration. Its policy is kept."""
        _library.call("cobre_run_stop", _library.runs_handle(self.runs_dir).number, self.run_id.encode())

    def resume(self) -> None:
        """Continues an interrupted, failed or cancelled run from its last iteration, in its own processes."""
        self._tool("resume", wait_seconds=0)

    def delete(self) -> None:
        """Removes a run that has ended, with all its files."""
        self._tool("delete_run")

    def query(self, sql: str) -> List[Dict[str, Any]]:
        """Rows of a SELECT on the database of the run, within the bounds of the tool ``query_results``."""
        found = self._tool("query_results", sql=sql)["result"]
        return [dict(zip(found["columns"], row)) for row in found["rows"]]

    def diagnose(self) -> Dict[str, Any]:
        """Where the time went, what would make the run faster, and whether it has converged."""
        return self._answer("diagnose_run")

    def explain_price(self, bus: Optional[str] = None, **arguments: Any) -> Dict[str, Any]:
        """What sets the price at a bus; ``stage`` or ``date`` and ``block`` as for the tool of that name."""
        if bus is not None:
            arguments["bus"] = str(bus)
        return self._answer("explain_price", **arguments)

    def explain_cost(self, **arguments: Any) -> Dict[str, Any]:
        """Who pays what, by category, element and period; ``stage`` and ``scenarios`` as for the tool of that name."""
        return self._answer("explain_cost", **arguments)

    def explain_violation(self, **arguments: Any) -> Dict[str, Any]:
        """Why a deficit or missed limit could not be avoided; ``stage`` and ``scenarios`` as for the tool of that name."""
        return self._answer("explain_violation", **arguments)

    def report(self, path: PathLike, *others: "Run") -> str:
        """Writes a new HTML file about this run, compared with others of the same directory; returns its path."""
        names = [self.run_id] + [other.run_id for other in others]
        found = call_tool(self.runs_dir, "report", {"run_ids": names, "file": os.path.abspath(path)})["result"]
        return str(found["file"])

    def compare(self, *others: "Run") -> Dict[str, Any]:
        """In what the cases, options and results of other runs of the same directory differ from this one."""
        names = [self.run_id] + [other.run_id for other in others]
        found: Dict[str, Any] = call_tool(self.runs_dir, "compare_runs", {"run_ids": names})["result"]
        return found

    def plot(self, kind: str = "convergence", **arguments: Any) -> Plot:
        """A chart of the run, with ``kind`` and arguments as in the server's tool ``plot``."""
        text, png = "", b""
        for block in self._tool("plot", kind=kind, **arguments)["content"]:
            if block["type"] == "image":
                png = base64.b64decode(block["data"])
            else:
                text = block["text"]
        return Plot(png, text)

    def simulate(
        self,
        scenarios: int,
        *,
        num_workers: Optional[int] = None,
        scheme: Optional[str] = None,
        seed: Optional[int] = None,
        keep: str = "statistics",
        discount_rate: Optional[float] = None,
        case_edits: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> "Run":
        """Simulates the policy on new scenarios, in separate processes, and returns that run when it has ended.

        :param scenarios: number of scenarios.
        :param num_workers: processes. The default is one for each physical core.
        :param scheme: in_sample, out_of_sample, historical or external. The default is the case's.
        :param seed: of the scenarios.
        :param keep: statistics, stages or blocks: what is stored of each scenario.
        :param discount_rate: per year, for this simulation alone. The default is that of the run.
        :param case_edits: changes of the case for this run alone, as for :func:`cobre.edit`.
        :raises WorkerError: if a process was lost or has failed.
        """
        wanted: Dict[str, Any] = {"scenarios": scenarios, "num_workers": num_workers, "scheme": scheme, "seed": seed}
        wanted["detail"] = keep
        wanted["discount_rate"] = discount_rate
        if case_edits:
            wanted["case_edits"] = [dict(one) for one in case_edits]
        arguments = {name: value for name, value in wanted.items() if value is not None}
        answer = self._tool("simulate", wait_seconds=0, **arguments)["result"]
        run = Run(answer["run_id"], self.runs_dir)
        try:
            status = run.wait()
        except KeyboardInterrupt:
            run.stop()
            run.wait()
            raise
        raise_failure(status)
        return run

    def __repr__(self) -> str:
        return f"Run({self.run_id!r}, runs_dir={self.runs_dir!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Run) and (self.run_id, self.runs_dir) == (other.run_id, other.runs_dir)

    def __hash__(self) -> int:
        return hash((self.run_id, self.runs_dir))


def call_tool(runs_dir: Optional[str], name: str, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """Calls a tool of the server in this process."""
    runs = _library.runs_handle(runs_dir)
    return _library.call_json("cobre_tool", runs.number, name.encode(), _library.encoded(arguments))


def runs(runs_dir: Optional[PathLike] = None, limit: int = 50) -> List[Run]:
    """The runs of a runs directory, newest first."""
    directory = _library.directory_text(runs_dir)
    found = call_tool(directory, "list_runs", {"limit": limit})["result"]["runs"]
    return [Run(row["run_id"], directory) for row in found]


def raise_failure(status: Dict[str, Any]) -> None:
    """Raises the exception for a run that has failed. Returns if it has ended well or was stopped."""
    if status["state"] not in ("failed", "interrupted"):
        return
    message = status.get("error") or f"Run {status['run_id']} is {status['state']}."
    details: Dict[str, Any] = {"run_id": status["run_id"], "directory": status["directory"]}
    failed = [worker for worker in status["workers"] if worker["state"] == "failed"]
    # A killed process has failed first. Processes that only lost the connection come last.
    failed.sort(key=lambda worker: (worker.get("signal") is None, worker.get("exit_code") == 76))
    if failed:
        first = failed[0]
        for name in ("rank", "pid", "exit_code", "signal"):
            if name in first:
                details[name] = first[name]
        if "message" in first:
            details["cause"] = first["message"]
    elif "backend" in message.lower() and not status["workers"]:
        raise _errors.BackendError(message, details)
    raise _errors.WorkerError(message, details)
