"""Cobre trains dispatch policies for hydrothermal power systems.

>>> import cobre
>>> result = cobre.train(cobre.example("single-hydro"), num_workers=2)
>>> result.lower_bound, result.policy.water_values(0)
"""

from __future__ import annotations

from ._edit import case_files, copy, edit
from ._errors import (
    ArgumentError,
    BackendError,
    CaseError,
    CobreError,
    ForkError,
    InterruptedComputation,
    PolicyError,
    RunError,
    SolverError,
    StorageError,
    WorkerError,
)
from ._examples import example, examples
from ._join import RankResult, join
from ._library import version as engine_version
from ._policy import CutMatrix, Policy
from ._results import Results
from ._run import Iteration, Plot, Run, runs
from ._study import Study, validate
from ._train import TrainingResult, train, train_async

__all__ = [
    "ArgumentError",
    "BackendError",
    "CaseError",
    "CobreError",
    "CutMatrix",
    "ForkError",
    "InterruptedComputation",
    "Iteration",
    "Plot",
    "Policy",
    "PolicyError",
    "RankResult",
    "Results",
    "Run",
    "RunError",
    "SolverError",
    "StorageError",
    "Study",
    "TrainingResult",
    "WorkerError",
    "case_files",
    "copy",
    "edit",
    "engine_version",
    "example",
    "examples",
    "join",
    "runs",
    "train",
    "train_async",
    "validate",
]
