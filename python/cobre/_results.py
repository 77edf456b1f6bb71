"""Tables of results for other libraries, through the Arrow C data interface."""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Optional

from . import _library

_NAME = b"arrow_array_stream"
_RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class _Stream(ctypes.Structure):
    """ArrowArrayStream of the interface's specification."""

    _fields_ = [
        ("get_schema", ctypes.c_void_p),
        ("get_next", ctypes.c_void_p),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    ]


_python = ctypes.pythonapi
_new_capsule: Callable[..., Any] = ctypes.PYFUNCTYPE(
    ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p
)(("PyCapsule_New", _python))
# By address, since a capsule that is being destroyed must not get a reference.
_capsule_pointer: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", _python)
)
_allocate: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_size_t)(("PyMem_RawMalloc", _python))
_free: Callable[..., Any] = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(("PyMem_RawFree", _python))


def _destroy(capsule: int) -> None:
    address = _capsule_pointer(capsule, _NAME)
    stream = _Stream.from_address(address)
    # A consumer that has taken the stream has left no release behind.
    if stream.release:
        _RELEASE(stream.release)(address)
    _free(address)


_destructor = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(_destroy)


class Results:
    """A table of a run. ``polars.DataFrame(table)``, ``pyarrow.table(table)`` and everything else that knows the Arrow
    C stream interface take it without a copy. It is read from the run on every use.
    """

    def __init__(self, run_id: str, runs_dir: Optional[str], table: str) -> None:
        self.run_id = run_id
        self.table = table
        self._runs_dir = runs_dir

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """A capsule with a stream of record batches. The schema is always the table's."""
        runs = _library.runs_handle(self._runs_dir)
        address = _allocate(ctypes.sizeof(_Stream))
        if not address:
            raise MemoryError
        try:
            _library.call("cobre_run_results", runs.number, self.run_id.encode(), self.table.encode(), address)
        except BaseException:
            _free(address)
            raise
        return _new_capsule(address, _NAME, _destructor)

    def __repr__(self) -> str:
        return f"Results({self.table!r} of {self.run_id!r})"
