"""The shared library: where it is, and its functions with their types."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import shutil
import threading
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import _errors

_ABI_MAJOR = 1

_HERE = pathlib.Path(__file__).resolve().parent
# In a checkout the package is used in place, with the last build.
_BUILD = _HERE.parent.parent / ".build"


def _first(candidates: List[Optional[pathlib.Path]]) -> Optional[pathlib.Path]:
    for candidate in candidates:
        if candidate is not None and candidate.is_file():
            return candidate
    return None


def _named(variable: str) -> Optional[pathlib.Path]:
    value = os.environ.get(variable)
    return pathlib.Path(value) if value else None


def _built(name: str) -> List[Optional[pathlib.Path]]:
    configuration = os.environ.get("COBRE_BUILD_CONFIGURATION")
    configurations = [configuration] if configuration else ["release", "debug"]
    return [_BUILD / each / name for each in configurations]


def library_path() -> pathlib.Path:
    """Path of libcobre. The variable COBRE_LIBRARY names another one."""
    found = _first([_named("COBRE_LIBRARY"), _HERE / "native" / "libcobre.so", *_built("libcobre.so")])
    if found is None:
        raise _errors.CobreError(
            "libcobre.so is not there. Build it with `make build`, or name it in COBRE_LIBRARY."
        )
    return found


def worker_path() -> Optional[pathlib.Path]:
    """Path of cobre-worker, the program of the processes. The variable COBRE_WORKER names another one."""
    on_path = shutil.which("cobre-worker")
    return _first(
        [
            _named("COBRE_WORKER"),
            _HERE / "native" / "cobre-worker",
            *_built("cobre-worker"),
            pathlib.Path(on_path) if on_path else None,
        ]
    )


_TEXT = ctypes.c_char_p
_JSON = ctypes.POINTER(ctypes.c_void_p)
_HANDLE = ctypes.c_uint64
_HANDLE_POINTER = ctypes.POINTER(ctypes.c_uint64)
_DOUBLES = ctypes.c_void_p
_POINTER = ctypes.POINTER(ctypes.c_void_p)
_NUMBER = ctypes.POINTER(ctypes.c_int64)

_PROTOTYPES: Dict[str, List[Any]] = {
    "cobre_close": [_HANDLE],
    "cobre_case_validate": [_TEXT, _JSON],
    "cobre_study_open": [_TEXT, _HANDLE_POINTER],
    "cobre_study_describe": [_HANDLE, _JSON],
    "cobre_study_stochastic": [_HANDLE, _JSON],
    "cobre_runs_open": [_TEXT, _TEXT, _HANDLE_POINTER],
    "cobre_run_start": [_HANDLE, _TEXT, _JSON],
    "cobre_run_wait": [_HANDLE, _TEXT, ctypes.c_int64, ctypes.c_double, _JSON],
    "cobre_run_stop": [_HANDLE, _TEXT],
    "cobre_run_results": [_HANDLE, _TEXT, _TEXT, ctypes.c_void_p],
    "cobre_tool": [_HANDLE, _TEXT, _TEXT, _JSON],
    "cobre_job_start": [_HANDLE, _TEXT, _TEXT, _HANDLE_POINTER],
    "cobre_job_wait": [_HANDLE, ctypes.c_int64, ctypes.c_double, _JSON],
    "cobre_job_stop": [_HANDLE],
    "cobre_policy_open": [_HANDLE, _TEXT, _HANDLE_POINTER],
    "cobre_policy_describe": [_HANDLE, _JSON],
    "cobre_policy_cuts": [_HANDLE, ctypes.c_int64, _POINTER, _POINTER, _POINTER, _NUMBER, _NUMBER],
    "cobre_policy_evaluate": [
        _HANDLE, ctypes.c_int64, _DOUBLES, ctypes.c_int64, ctypes.c_int32, _DOUBLES, _DOUBLES,
    ],
    "cobre_policy_interrupt": [_HANDLE],
}  # fmt: skip

_lock = threading.Lock()
_loaded: Optional[ctypes.CDLL] = None


def library() -> ctypes.CDLL:
    """The library, loaded when it is first needed."""
    global _loaded
    with _lock:
        if _loaded is None:
            _loaded = _load(library_path())
        return _loaded


def _load(path: pathlib.Path) -> ctypes.CDLL:
    loaded = ctypes.CDLL(str(path))
    for name, arguments in _PROTOTYPES.items():
        function = getattr(loaded, name)
        function.argtypes = arguments
        function.restype = ctypes.c_int32
    loaded.cobre_abi.restype = ctypes.c_int32
    for name in ("cobre_version", "cobre_error_message", "cobre_error_json"):
        getattr(loaded, name).restype = _TEXT
    loaded.cobre_free.argtypes = [ctypes.c_void_p]
    loaded.cobre_free.restype = None
    major = loaded.cobre_abi() >> 16
    if major != _ABI_MAJOR:
        raise _errors.CobreError(f"{path} has version {major} of the interface; this package needs {_ABI_MAJOR}.")
    return loaded


def version() -> str:
    """Version of the engine."""
    text: bytes = library().cobre_version()
    return text.decode()


def call(name: str, *arguments: Any) -> None:
    """Calls a function without a result, with the interpreter lock released."""
    functions = library()
    if getattr(functions, name)(*arguments) != 0:
        raise _errors.from_json((functions.cobre_error_json() or b"{}").decode())


def call_json(name: str, *arguments: Any) -> Dict[str, Any]:
    """Calls a function whose last argument takes JSON, and returns that."""
    text = ctypes.c_void_p()
    call(name, *arguments, ctypes.byref(text))
    try:
        found: Dict[str, Any] = json.loads(ctypes.string_at(text.value or 0))
        return found
    finally:
        library().cobre_free(text)


class Handle:
    """An object inside the library, closed with its owner."""

    def __init__(self, name: str, *arguments: Any) -> None:
        number = ctypes.c_uint64()
        self._number = 0
        call(name, *arguments, ctypes.byref(number))
        self._number = number.value
        self._close: Callable[[int], int] = library().cobre_close

    @property
    def number(self) -> int:
        return self._number

    def close(self) -> None:
        number, self._number = self._number, 0
        if number:
            self._close(number)

    def __del__(self) -> None:
        self.close()


def encoded(value: Any) -> bytes:
    """A text or a JSON value for the library."""
    return value.encode() if isinstance(value, str) else json.dumps(value).encode()


_runs: Dict[Optional[str], Handle] = {}


def runs_handle(directory: Optional[str]) -> Handle:
    """The handle of a runs directory, None for the user's own."""
    with _lock:
        found = _runs.get(directory)
    if found is None:
        worker = worker_path()
        found = Handle(
            "cobre_runs_open",
            None if directory is None else os.fsencode(directory),
            None if worker is None else os.fsencode(worker),
        )
        with _lock:
            found = _runs.setdefault(directory, found)
    return found


def directory_text(path: Any) -> Optional[str]:
    """An absolute path as text. None stays None."""
    return None if path is None else os.path.abspath(os.fspath(path))


def run_place(run: Any, runs_dir: Any) -> Tuple[str, Optional[str]]:
    """Id or name of a run, and the runs directory it is in: a path has both."""
    text = os.fspath(run)
    if runs_dir is None and (not isinstance(run, str) or os.path.basename(text) != text):
        parent, name = os.path.split(os.path.abspath(text))
        return name, parent
    return text, directory_text(runs_dir)
