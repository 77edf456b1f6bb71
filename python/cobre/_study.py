"""Cases."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Union

from . import _library

PathLike = Union[str, "os.PathLike[str]"]


def validate(case: PathLike) -> List[Dict[str, Any]]:
    """All findings about a case, errors first, or an empty list if there are none. Never raises for a bad case."""
    found: List[Dict[str, Any]] = _library.call_json("cobre_case_validate", os.fsencode(case))["findings"]
    return found


class Study:
    """A case that was read without errors.

    :param case: directory of the case.
    :raises CaseError: with all findings, if it has errors.
    """

    def __init__(self, case: PathLike) -> None:
        self._handle = _library.Handle("cobre_study_open", os.fsencode(case))
        self._description = _library.call_json("cobre_study_describe", self._handle.number)

    @property
    def case_dir(self) -> str:
        return str(self._description["case_dir"])

    @property
    def state_names(self) -> List[str]:
        """Name of each state component, such as ``storage[1]`` (hm³) or ``inflow_lag[1,1]`` (m³/s)."""
        return list(self._description["state_names"])

    @property
    def initial_state(self) -> List[float]:
        return list(self._description["initial_state"])

    def validate(self) -> List[Dict[str, Any]]:
        """The findings on the case as its files are now."""
        return validate(self.case_dir)

    def describe(self) -> Dict[str, Any]:
        """Counts of elements, horizon, noise, power system, sizes of the stage LPs, settings."""
        return dict(self._description)

    @property
    def stochastic(self) -> Dict[str, Any]:
        """The inflow model, given or estimated: orders, coefficients, fit, correlation."""
        return _library.call_json("cobre_study_stochastic", self._handle.number)

    def estimate(self, **arguments: Any) -> Dict[str, Any]:
        """How long a training takes, its memory and disk, as ranges; arguments as for the tool ``estimate``."""
        from ._run import call_tool

        found: Dict[str, Any] = call_tool(None, "estimate", {"case_dir": self.case_dir, **arguments})["result"]
        return found

    def __repr__(self) -> str:
        return f"Study({self.case_dir!r})"
