"""Numbers too small for a normal float: a slow path in the processor, and lost in any sum."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def flushed_denormals() -> Iterator[None]:
    """Take denormal numbers for 0 within; also a decorator. The caller's own setting is back afterwards.

    PyTorch sets the mode of the calling thread alone; the threads that share its work have the mode in which they
    were made, which is at the first large operation of a process.
    """
    # PyTorch sets the mode, but does not tell it.
    before = sys.float_info.min / 2.0 == 0.0
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)
