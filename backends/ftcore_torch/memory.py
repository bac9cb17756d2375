"""Makes the C library's allocator keep freed memory, because each step allocates the same sizes."""

import ctypes
import platform

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""Parameters of glibc's mallopt."""
KEPT = 2**30
"""Bytes kept free at the end of the heap, and the block size from which an allocation is a separate mapping."""
GROWTH = 2**26
"""Bytes by which the heap grows."""


def keep_freed_pages() -> None:
    """Make glibc keep freed pages; do nothing with other C libraries.

    By default every block over 32 MiB, such as a word embedding's gradient, is a separate mapping that the kernel
    clears page by page: 13,000 page faults per step of a small BERT.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    mallopt = ctypes.CDLL(None).mallopt
    for parameter, value in ((MMAP_THRESHOLD, KEPT), (TRIM_THRESHOLD, KEPT), (TOP_PAD, GROWTH)):
        mallopt(parameter, value)
