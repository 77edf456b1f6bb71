"""The cases that come with the package."""

from __future__ import annotations

import pathlib
from typing import List, Optional

_HERE = pathlib.Path(__file__).resolve().parent


def _folder() -> Optional[pathlib.Path]:
    # In the wheel they are in the package's own folder; in a checkout the package is used in place.
    for candidate in (_HERE / "share" / "cobre" / "examples", _HERE.parent.parent / "examples"):
        if candidate.is_dir():
            return candidate
    return None


def examples() -> List[str]:
    """Names of the shipped cases, for :func:`example`."""
    folder = _folder()
    return sorted(each.name for each in folder.iterdir() if (each / "stages.json").is_file()) if folder else []


def example(name: str) -> str:
    """Path of a shipped case, such as ``cobre.example("four-areas")``.

    Read it, or :func:`copy` it to begin a case of your own.

    :raises ValueError: if there is no such case; the message names those that there are.
    """
    folder = _folder()
    if folder is None or name not in examples():
        raise ValueError(f"There is no example {name!r}. There are: {', '.join(examples()) or 'none'}.")
    return str(folder / name)
