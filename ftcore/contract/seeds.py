"""Makes every random draw of a run a function of the seed and of the purpose of the draw."""

import hashlib

import numpy as np


def key(seed: int, *purpose: str | int) -> int:
    """Return a 128-bit key for one purpose of a run, such as ("order", epoch)."""
    text = "\x1f".join([str(seed), *(str(part) for part in purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """Return a NumPy generator for one purpose; draws for different purposes are independent.

    The draw needs no state: the same seed and purpose give the same numbers in any order of calls,
    so a resumed run, or another backend, repeats them.
    """
    return np.random.Generator(np.random.Philox(key=key(seed, *purpose)))
