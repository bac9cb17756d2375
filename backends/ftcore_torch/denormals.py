"""Flushes denormal numbers to 0, because they are slow on the processor and do not affect sums."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Flush denormal numbers to 0 in the context or decorated function, then restore the caller's setting.

    PyTorch sets the mode only for the calling thread. Worker threads keep the mode that was set when they were
    created, at the first large operation of the process.
    """
    # PyTorch can set the mode, but not query it.
    before = sys.float_info.min / 2.0 == 0.0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
