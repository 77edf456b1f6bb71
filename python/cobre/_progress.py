"""One line that shows the progress of a training."""

from __future__ import annotations

import sys
import time
from typing import Any, Optional, TextIO

from ._run import Iteration


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


class Progress:
    """Updates one line on a terminal or in a notebook. Silent elsewhere.

    :param wanted: True or None to show it on a terminal or in a notebook, False for never.
    :param limit: the most iterations, if known.
    """

    # Seconds between two updates: a notebook keeps all of them in its file.
    _TERMINAL_SECONDS = 0.1
    _NOTEBOOK_SECONDS = 0.5

    def __init__(self, wanted: Optional[bool], limit: Optional[int]) -> None:
        self._limit = limit
        self._width = 0
        self._pending: Optional[str] = None
        self._next = 0.0
        self._target: Optional[TextIO] = None
        self._interval = self._TERMINAL_SECONDS
        if wanted is False:
            return
        if _in_notebook():
            self._target = sys.stdout
            self._interval = self._NOTEBOOK_SECONDS
        elif sys.stderr is not None and sys.stderr.isatty():
            self._target = sys.stderr

    def show(self, row: Iteration, remaining: Optional[float] = None) -> None:
        """Shows an iteration, now or with the next one that is due.

        :param remaining: estimated seconds to the limit of iterations or time, if known.
        """
        if self._target is None:
            return
        text = f"iteration {row.iteration}" + (f"/{self._limit}" if self._limit else "")
        text += f"  bounds {self._amount(row.lower_bound)} .. {self._amount(row.upper_bound)}"
        if row.gap is not None:
            text += f"  gap {100 * row.gap:.2f} %"
        if row.elapsed_seconds:
            text += f"  {row.iteration / row.elapsed_seconds:.3g}/s"
        if remaining is not None:
            text += f"  about {remaining:.0f} s left"
        self._pending = text
        if time.monotonic() >= self._next:
            self._write_pending()

    @staticmethod
    def _amount(value: Any) -> str:
        return "?" if value is None else f"{value:.6g}"

    def _write_pending(self) -> None:
        if self._pending is None:
            return
        self._write("\r" + self._pending.ljust(self._width))
        self._width = len(self._pending)
        self._pending = None
        self._next = time.monotonic() + self._interval

    def _write(self, text: str) -> None:
        if self._target is not None:
            self._target.write(text)
            self._target.flush()

    def close(self) -> None:
        self._write_pending()
        if self._width:
            self._write("\n")
        self._target = None
