"""One line that shows the progress of a training."""

from __future__ import annotations

import sys
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

    def __init__(self, wanted: Optional[bool], limit: Optional[int]) -> None:
        self._limit = limit
        self._width = 0
        self._target: Optional[TextIO] = None
        if wanted is False:
            return
        if _in_notebook():
            self._target = sys.stdout
        elif sys.stderr is not None and sys.stderr.isatty():
            self._target = sys.stderr

    def show(self, row: Iteration) -> None:
        if self._target is None:
            return
        text = f"iteration {row.iteration}" + (f"/{self._limit}" if self._limit else "")
        text += f"  bounds {self._amount(row.lower_bound)} .. {self._amount(row.upper_bound)}"
        if row.gap is not None:
            text += f"  gap {100 * row.gap:.2f} %"
        if row.elapsed_seconds:
            rate = row.iteration / row.elapsed_seconds
            text += f"  {rate:.3g}/s"
            if self._limit and rate > 0:
                text += f"  {max(0, self._limit - row.iteration) / rate:.0f} s left at most"
        self._write("\r" + text.ljust(self._width))
        self._width = len(text)

    @staticmethod
    def _amount(value: Any) -> str:
        return "?" if value is None else f"{value:.6g}"

    def _write(self, text: str) -> None:
        if self._target is not None:
            self._target.write(text)
            self._target.flush()

    def close(self) -> None:
        if self._width:
            self._write("\n")
        self._target = None
