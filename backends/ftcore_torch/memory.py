"""The C library's allocator, told to keep what a step gives back: the next step takes the same sizes again."""

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Parameters of glibc's mallopt."""
KEPT = 2**30
"""Free bytes at the heap's end that are kept, and the size from which a block is mapped on its own."""
GROWTH = 2**26
"""Bytes by which the heap grows."""


def keep_freed_pages() -> None:
    """Let glibc keep freed pages; elsewhere, do nothing.

    By default every block over 32 MiB, as the gradient of a word embedding, is a mapping of its own that the kernel
    clears page by page, 13,000 page faults a step of a small BERT.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    for parameter, value in ((MMAP_THRESHOLD, KEPT), (TRIM_THRESHOLD, KEPT), (TOP_PAD, GROWTH)):
        mallopt(parameter, value)
