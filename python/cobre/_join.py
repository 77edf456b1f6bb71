"""Computing as one rank of a group of processes that the caller has started."""

from __future__ import annotations

import dataclasses
import hashlib
import multiprocessing
import os
import socket
import threading
import time
from typing import Any, Dict, Optional, Union

from . import _errors, _library
from ._progress import Progress
from ._run import Run
from ._train import _Follower, follow_job

PathLike = Union[str, "os.PathLike[str]"]

# Groups that this process has joined. All ranks of one group count in the same way.
_joined = 0


@dataclasses.dataclass(frozen=True)
class RankResult:
    """How one rank's part ended. Bounds are the same on every rank."""

    rank: int
    size: int
    backend: str
    run: Run
    #: Directory of the run, made by rank 0.
    directory: str
    stop_reason: str
    iterations: int
    lower_bound: Optional[float]
    upper_bound: Optional[float]
    gap: Optional[float]


def join(
    case: PathLike,
    *,
    rank: int,
    size: int,
    backend: str = "shm",
    group: Optional[str] = None,
    coordinator: Optional[str] = None,
    token: Optional[str] = None,
    timeout: float = 30.0,
    threads_per_worker: int = 1,
    iterations: Optional[int] = None,
    forward_passes: Optional[int] = None,
    seed: Optional[int] = None,
    time_limit: Optional[float] = None,
    target_gap: Optional[float] = None,
    simulate: Optional[int] = None,
    keep: str = "statistics",
    solver: str = "auto",
    runs_dir: Optional[PathLike] = None,
) -> RankResult:
    """Computes in this process as one rank of a group, with the interpreter lock released.

    All ranks call it with the same arguments except ``rank``. Processes of ``multiprocessing`` (start method ``spawn``)
    that have the same parent find each other by themselves. Other processes need ``group`` (shm) or ``coordinator`` and
    ``token`` (tcp).

    :param case: directory of the case.
    :param rank: of this process, from 0.
    :param size: number of ranks.
    :param backend: shm (one host) or tcp.
    :param group: name of the group on this host: letters, digits, '-', '_' and '.'.
    :param coordinator: HOST:PORT of rank 0, for tcp between hosts.
    :param token: secret of the group, for tcp.
    :param timeout: seconds that the group may take to form.
    :returns: what is known on this rank. The run is stored in the runs directory of rank 0.
    :raises BackendError: if the group does not form.
    :raises WorkerError: if another rank is lost or fails.
    :raises ForkError: in a process that was forked from one in which the library had started threads.
    """
    global _joined
    if not 0 <= rank < size:
        raise _errors.ArgumentError(f"`rank` must be from 0 to size - 1 = {size - 1}; {rank} was given.")
    if backend not in ("shm", "tcp"):
        raise _errors.ArgumentError(f"`backend` must be shm or tcp; {backend!r} was given.")
    _joined += 1
    secret = _secret(_joined)
    environment = {
        "COBRE_COMM_BACKEND": backend,
        "COBRE_TCP_CONNECT_TIMEOUT_MS": str(max(1, round(timeout * 1000))),
    }
    meeting: Optional[_Meeting] = None
    if backend == "shm":
        name = group or (f"cobre-join-{secret[:32]}" if secret else None)
        if name is None:
            raise _unknown_group("group")
        environment.update(COBRE_SHM_NAME=name, COBRE_SHM_RANK=str(rank), COBRE_SHM_SIZE=str(size))
    else:
        environment.update(COBRE_TCP_RANK=str(rank), COBRE_TCP_SIZE=str(size))
        if coordinator is not None:
            host, _, port = coordinator.rpartition(":")
            if not host or not port.isdigit():
                raise _errors.ArgumentError(f"`coordinator` must be HOST:PORT; {coordinator!r} was given.")
            environment.update(COBRE_TCP_COORDINATOR=host, COBRE_TCP_PORT=port, COBRE_TCP_TOKEN=token or secret or "")
        elif group is None and secret is None:
            raise _unknown_group("coordinator")
        else:
            key = secret or hashlib.sha256(f"cobre {group}".encode()).hexdigest()
            meeting = _Meeting(group or key[:32], rank, size, timeout)
            environment.update(COBRE_TCP_COORDINATOR="127.0.0.1", COBRE_TCP_TOKEN=token or key)
            environment.update(meeting.variables())
    wanted: Dict[str, Any] = {
        "case_dir": _library.directory_text(case),
        "threads_per_worker": threads_per_worker,
        "iterations": iterations,
        "forward_passes": forward_passes,
        "seed": seed,
        "time_limit_seconds": time_limit,
        "target_gap": target_gap,
        "simulate_scenarios": simulate,
        "keep": keep,
        "solver": solver,
    }
    request = {name: value for name, value in wanted.items() if value is not None}
    directory = _library.directory_text(runs_dir)
    runs = _library.runs_handle(directory)
    try:
        job = _library.Handle(
            "cobre_job_start", runs.number, _library.encoded(request), _library.encoded(environment)
        )
        outcome = follow_job(job, _Follower(None, Progress(False, None)))
    finally:
        if meeting is not None:
            meeting.close()
    last = outcome["last"] or {}
    return RankResult(
        rank=outcome["rank"],
        size=outcome["size"],
        backend=outcome["backend"],
        run=Run(outcome["run_id"], directory),
        directory=outcome["directory"],
        stop_reason=outcome["stop_reason"],
        iterations=last.get("iteration") or 0,
        lower_bound=last.get("lower_bound"),
        upper_bound=last.get("upper_bound"),
        gap=last.get("gap"),
    )


def _secret(number: int) -> Optional[str]:
    """What only processes of multiprocessing with the same parent share. None for other processes."""
    if multiprocessing.parent_process() is None:
        return None
    key = bytes(multiprocessing.current_process().authkey)
    return hashlib.sha256(key + f" {os.getppid()} {number}".encode()).hexdigest()


def _unknown_group(argument: str) -> _errors.BackendError:
    return _errors.BackendError(
        "This process was not started by multiprocessing, so the ranks of its group cannot be told from others. Give all of "
        f"them the same `{argument}`."
    )


class _Meeting:
    """Where ranks on one host learn the port of rank 0: an abstract socket, which leaves nothing behind."""

    def __init__(self, name: str, rank: int, size: int, timeout: float) -> None:
        self._address = f"\0cobre-{os.getuid()}-{name}"
        self._server: Optional[socket.socket] = None
        self._variables: Dict[str, str] = {}
        if rank == 0:
            self._open(size)
        else:
            self._variables["COBRE_TCP_PORT"] = str(self._ask(time.monotonic() + timeout))

    def variables(self) -> Dict[str, str]:
        return self._variables

    def _open(self, size: int) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
        listener.listen(max(16, size))
        port = listener.getsockname()[1]
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            server.bind(self._address)
        except OSError as error:
            listener.close()
            server.close()
            raise _errors.BackendError(f"Another group of this name is being formed just now: {error}.") from None
        server.listen(max(16, size))
        self._server = server
        # The library takes the descriptor over.
        self._variables.update(COBRE_TCP_PORT=str(port), COBRE_TCP_LISTEN_FD=str(listener.detach()))
        threading.Thread(target=self._serve, args=(server, port), daemon=True).start()

    @staticmethod
    def _serve(server: socket.socket, port: int) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.sendall(str(port).encode())
                except OSError:
                    continue

    def _ask(self, deadline: float) -> int:
        while True:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                    client.settimeout(max(0.1, deadline - time.monotonic()))
                    client.connect(self._address)
                    port = client.recv(16)
                if port:
                    return int(port)
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise _errors.BackendError("Rank 0 has not come in time. See whether it runs, or raise `timeout`.")
            time.sleep(0.01)

    def close(self) -> None:
        if self._server is not None:
            # Wakes the thread that accepts.
            try:
                self._server.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._server.close()
