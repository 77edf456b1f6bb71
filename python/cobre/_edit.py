"""Changes of the files of a case."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ._run import call_tool
from ._study import PathLike

Edit = Mapping[str, Any]


def edit(
    case: PathLike, edits: Sequence[Edit], *, dry_run: bool = False, allow_errors: bool = False
) -> Dict[str, Any]:
    """Changes files of a case, all together or not at all, and checks what comes out.

    Each edit names a ``file`` and one thing to do with it: ``merge`` (a JSON merge patch, at the part that ``at`` names),
    ``remove``, ``rows`` (by key), ``set`` and ``multiply`` with ``where``, ``delete_rows``,
    ``content``, or ``keep_stages`` (of ``stages.json``).

    >>> cobre.edit("cases/north", [{"file": "system/hydros.json", "at": "hydros[id=1].reservoir",
    ...                             "merge": {"max_storage_hm3": 900}}])["applied"]
    True

    :param dry_run: writes nothing; the answer says what would come out.
    :param allow_errors: writes although a valid case would get errors.
    :returns: ``applied``, ``changes``, ``files``, ``valid``, ``errors``, ``warnings``, ``findings``.
    :raises ArgumentError: with a sentence for each edit that does not fit; nothing is changed then.
    """
    return _call("edit_case", {
        "case_dir": os.path.abspath(case), "edits": [dict(one) for one in edits], "dry_run": dry_run,
        "allow_errors": allow_errors})


def copy(
    case: PathLike, directory: PathLike, edits: Optional[Sequence[Edit]] = None, *, dry_run: bool = False,
    allow_errors: bool = False
) -> Dict[str, Any]:
    """Copies the files of a case into a new or empty directory, with edits applied on the way; see :func:`edit`."""
    arguments: Dict[str, Any] = {
        "case_dir": os.path.abspath(case), "directory": os.path.abspath(directory), "dry_run": dry_run,
        "allow_errors": allow_errors}
    if edits:
        arguments["edits"] = [dict(one) for one in edits]
    return _call("copy_case", arguments)


def case_files(case: PathLike) -> List[Dict[str, Any]]:
    """The files of a case that are there: ``file``, ``bytes``, ``summary``."""
    found: List[Dict[str, Any]] = _call("read_case_file", {"case_dir": os.path.abspath(case)})["files"]
    return found


def _call(name: str, arguments: Dict[str, Any]) -> Dict[str, Any]:
    result: Dict[str, Any] = call_tool(None, name, arguments)["result"]
    return result
