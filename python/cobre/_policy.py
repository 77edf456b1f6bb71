"""Trained policies and what they say."""

from __future__ import annotations

import ctypes
import os
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from . import _errors, _library

if TYPE_CHECKING:
    from ._run import Run

# Multiplications between two checks for signals of the process, about a fifth of a second.
_WORK_PER_CALL = 1_000_000_000


def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        raise _errors.CobreError("Arrays need NumPy: pip install numpy.") from None
    return numpy


class CutMatrix(NamedTuple):
    """The cuts after a stage: future cost ≥ ``intercepts[c]`` + ``slopes[c]`` · state, in $."""

    #: (cuts,), $
    intercepts: Any
    #: (cuts, state components), $ per unit of each component
    slopes: Any
    #: (cuts,), outcome of each cut, None if there is only one
    outcomes: Optional[Any]


class Policy:
    """The policy of a run after its last completed iteration, also while it computes."""

    def __init__(self, run_id: str, runs_dir: Optional[str] = None) -> None:
        runs = _library.runs_handle(runs_dir)
        self.run_id = run_id
        self._handle = _library.Handle("cobre_policy_open", runs.number, run_id.encode())
        self._description = _library.call_json("cobre_policy_describe", self._handle.number)

    @classmethod
    def load(cls, run: "Union[str, Run, Any]", runs_dir: Optional[Union[str, "os.PathLike[str]"]] = None) -> "Policy":
        """The policy of a run.

        :param run: a run, the result of a training, the id or the name of a run, or the path of its directory.
        :param runs_dir: where the run is, for an id or a name. None for the user's own runs directory.
        :raises RunError: if there is no such run.
        """
        run = getattr(run, "run", run)
        if isinstance(run, (str, os.PathLike)):
            return cls(*_library.run_place(run, runs_dir))
        return cls(run.run_id, run.runs_dir)

    @property
    def stages(self) -> int:
        return int(self._description["stages"])

    @property
    def state_names(self) -> List[str]:
        """Name of each state component, in the order of the columns of states and slopes."""
        return list(self._description["state_names"])

    @property
    def initial_state(self) -> List[float]:
        """State at the start of the study."""
        return list(self._description["initial_state"])

    @property
    def iteration(self) -> int:
        """Iterations that made it."""
        return int(self._description["iteration"])

    @property
    def cuts(self) -> List[int]:
        """Cuts in use after each stage."""
        return list(self._description["cuts"])

    def cut_matrix(self, stage: int) -> CutMatrix:
        """The cuts in use after a stage, as read-only NumPy arrays on the memory of the policy, without a copy."""
        numpy = _numpy()
        pointers = [ctypes.c_void_p() for _ in range(3)]
        sizes = [ctypes.c_int64() for _ in range(2)]
        _library.call(
            "cobre_policy_cuts", self._handle.number, stage, *map(ctypes.byref, pointers), *map(ctypes.byref, sizes)
        )
        count, dimension = (size.value for size in sizes)

        def view(pointer: ctypes.c_void_p, shape: Tuple[int, ...], kind: Any, element: Any) -> Any:
            length = 1
            for side in shape:
                length *= side
            if length == 0:
                return numpy.empty(shape, dtype=kind)
            memory = (element * length).from_address(pointer.value or 0)
            # The array refers to this object, which keeps the policy alive.
            memory.owner = self._handle
            array = numpy.frombuffer(memory, dtype=kind).reshape(shape)
            array.flags.writeable = False
            return array

        return CutMatrix(
            view(pointers[0], (count,), numpy.float64, ctypes.c_double),
            view(pointers[1], (count, dimension), numpy.float64, ctypes.c_double),
            view(pointers[2], (count,), numpy.int64, ctypes.c_int64) if pointers[2].value else None,
        )

    def evaluate(self, stage: int, states: Any, *, gradient: bool = False, threads: int = 1) -> Any:
        """Future cost after a stage, in $ at its end, at many states.

        :param stage: from 0.
        :param states: (n, state components) or (state components,), in the units of ``state_names``. A C-contiguous
            array of doubles is read without a copy.
        :param gradient: whether to return the slopes too.
        :param threads: threads that share the states. The values do not depend on it.
        :returns: (n,) or a float; with ``gradient`` also (n, state components) or (state components,).
        :raises PolicyError: if there are no cuts after the stage.
        """
        numpy = _numpy()
        points = numpy.ascontiguousarray(states, dtype=numpy.float64)
        dimension = int(self._description["state_dimension"])
        if points.ndim not in (1, 2) or points.shape[-1] != dimension:
            raise _errors.ArgumentError(
                f"`states` must have the shape (n, {dimension}) or ({dimension},); it has {points.shape}."
            )
        rows = points.reshape(-1, dimension)
        count = len(rows)
        values = numpy.empty(count)
        slopes = numpy.empty((count, dimension)) if gradient else None
        step = max(512, _WORK_PER_CALL // max(1, self.cuts[stage] if 0 <= stage < self.stages else 1) // (dimension + 1))
        step *= max(1, threads)
        for first in range(0, max(1, count), step):
            part = min(step, count - first)
            _library.call(
                "cobre_policy_evaluate",
                self._handle.number,
                stage,
                rows[first:].ctypes.data if count else values.ctypes.data,
                part,
                threads,
                values[first:].ctypes.data,
                None if slopes is None else slopes[first:].ctypes.data,
            )
        result = values if points.ndim == 2 else float(values[0])
        if slopes is None:
            return result
        return result, (slopes if points.ndim == 2 else slopes[0])

    def water_values(
        self, stage: int, storage: Optional[Union[Mapping[int, float], Sequence[float]]] = None
    ) -> Dict[int, float]:
        """What one more hm³ in each reservoir saves after a stage, in $/hm³, by the id of the plant.

        :param storage: hm³ at the end of the stage by the id of the plant, or one number for each reservoir in the
            order of ``state_names``. Missing reservoirs and all other components are taken from the initial state.
        """
        names = self.state_names
        places = {int(name[8:-1]): index for index, name in enumerate(names) if name.startswith("storage[")}
        state = self.initial_state[: len(names)]
        if storage is not None and not isinstance(storage, Mapping):
            if len(storage) != len(places):
                raise _errors.ArgumentError(
                    f"`storage` must have {len(places)} numbers, one for each reservoir; it has {len(storage)}."
                )
            storage = dict(zip(places, storage))
        for plant, volume in (storage or {}).items():
            if plant not in places:
                raise _errors.ArgumentError(f"There is no reservoir {plant}; there are {sorted(places)}.")
            state[places[plant]] = float(volume)
        _, slopes = self.evaluate(stage, state, gradient=True)
        return {plant: float(-slopes[index]) for plant, index in places.items()}

    def interrupt(self) -> None:
        """Ends evaluations that are under way in other threads, which raise ``InterruptedComputation``."""
        _library.call("cobre_policy_interrupt", self._handle.number)

    def __repr__(self) -> str:
        return f"Policy({self.run_id!r}, stages={self.stages}, iteration={self.iteration})"
