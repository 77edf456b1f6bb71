"""What can go wrong, as classes."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional


class CobreError(Exception):
    """Any failure of the library. ``details`` holds what is known besides the message."""

    def __init__(self, message: str, details: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(message)
        self.details: Dict[str, Any] = details or {}

    def __reduce__(self) -> Any:
        return (type(self), (self.args[0], self.details))


class ArgumentError(CobreError, ValueError):
    """Arguments that make no sense. ``problems`` lists all of them."""

    @property
    def problems(self) -> List[str]:
        return list(self.details.get("problems") or [str(self)])


class CaseError(CobreError):
    """A case that cannot be used. ``findings`` lists everything that is wrong with it.

    Each finding is a dictionary with ``severity``, ``code``, ``file``, ``location``, ``message`` and, where they apply,
    ``entity``, ``value``, ``rule`` and ``suggestion``.
    """

    @property
    def findings(self) -> List[Dict[str, Any]]:
        return list(self.details.get("findings") or [])

    def __str__(self) -> str:
        lines = [super().__str__()]
        for finding in self.findings:
            place = "".join(f" {finding[key]}" for key in ("file", "location") if finding.get(key))
            lines.append(f"  {finding['severity']} {finding['code']}{place}: {finding['message']}")
        return "\n".join(lines)


class BackendError(CobreError):
    """Processes cannot communicate, or be started, in the way that was asked for."""


class WorkerError(CobreError):
    """A process of the computation was lost or has failed.

    ``rank``, ``pid``, ``exit_code`` and ``signal`` belong to the process that failed first, ``None`` if they are not
    known. ``cause`` is its own message.
    """

    @property
    def rank(self) -> Optional[int]:
        return self.details.get("rank")

    @property
    def pid(self) -> Optional[int]:
        return self.details.get("pid")

    @property
    def exit_code(self) -> Optional[int]:
        return self.details.get("exit_code")

    @property
    def signal(self) -> Optional[int]:
        return self.details.get("signal")

    @property
    def cause(self) -> Optional[str]:
        return self.details.get("cause")


class SolverError(CobreError):
    """A stage LP could not be solved. ``details`` names stage, opening, iteration and the file with the LP."""


class PolicyError(CobreError):
    """There is no such policy, or it does not fit the request."""


class RunError(CobreError):
    """There is no such run, or its state or a limit does not allow the request."""


class StorageError(CobreError):
    """Files cannot be read or written."""


class InterruptedComputation(CobreError):
    """Another thread asked for the end of the call."""


class ForkError(CobreError):
    """The process was forked from one in which the library had started threads."""


_CLASSES = {
    "argument": ArgumentError,
    "case": CaseError,
    "backend": BackendError,
    "worker": WorkerError,
    "solver": SolverError,
    "policy": PolicyError,
    "run": RunError,
    "storage": StorageError,
    "interrupted": InterruptedComputation,
    "forked": ForkError,
}


def from_json(text: str) -> CobreError:
    """The error that the library describes."""
    details = json.loads(text)
    message = details.pop("message", "The library failed without saying why.")
    kind = _CLASSES.get(details.pop("code", ""), CobreError)
    return kind(message, details)
