"""Chooses the library that multiplies float32 matrices on a CPU, by the processor or `backend.torch.products`."""

import platform
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ftcore.contract import PrepareProduct
from ftcore.errors import BackendError
from ftcore_torch.linear import Linear, has_onednn, linear

AUTO, MKL, ONEDNN, OTHER = "auto", "mkl", "onednn", "other"
"""Values of the option; AUTO becomes OTHER if PyTorch's own library is not MKL (OpenBLAS, Accelerate)."""
ALLOWED = (AUTO, MKL, ONEDNN)
OF_VENDOR = {"AuthenticAMD": ONEDNN, "GenuineIntel": MKL}
"""Faster library by processor vendor, as measured on AMD EPYC and on Intel Xeon (docs/benchmarks.md)."""
NAMES = {MKL: "MKL (PyTorch)", ONEDNN: "oneDNN (PyTorch)", OTHER: "PyTorch"}
"""Their names in a table of measured rates."""
CPUINFO = Path("/proc/cpuinfo")


def resolve(asked: Any, began_with: Mapping[str, Any] | None) -> str:
    """Return the library that computes the linear maps of a transformer: MKL, ONEDNN or OTHER.

    Args:
        asked: value of the option.
        began_with: see `Program.began_with`.

    Raises:
        BackendError: the value is not allowed, or this PyTorch does not have the library.
    """
    if asked not in ALLOWED:
        raise BackendError(f"backend.torch.products is {', '.join(ALLOWED[:-1])} or {ALLOWED[-1]}, not {asked!r}")
    if asked != AUTO:
        if asked not in available():
            raise BackendError(f"backend.torch.products: this PyTorch has no {asked} here; leave it at {AUTO}")
        return str(asked)
    # A run folder without this option is from a version that used oneDNN whenever it could.
    before = None if began_with is None else began_with.get("products", ONEDNN)
    return str(before) if before in available() else of_processor(vendor())


def of_processor(name: str | None) -> str:
    """Return the library for a vendor's processors; PyTorch's own for an unknown vendor (None) or any other."""
    wanted = OF_VENDOR.get(name or "")
    return wanted if wanted in available() else own()


@cache
def available() -> tuple[str, ...]:
    """Return the libraries that this PyTorch can use on this processor, its own first."""
    return (own(), ONEDNN) if has_onednn() else (own(),)


def own() -> str:
    """Return the library that `torch.nn.functional.linear` calls."""
    return MKL if torch.backends.mkl.is_available() else OTHER  # type: ignore[no-untyped-call]


@cache
def vendor() -> str | None:
    """Return the vendor of this machine's processor, as the processor reports it, or None if unknown."""
    try:
        return vendor_of(CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        # Windows: "Intel64 Family 6 Model 143 Stepping 8, GenuineIntel".
        return platform.processor().rpartition(", ")[2] or None


def vendor_of(cpuinfo: str) -> str | None:
    """Return the first `vendor_id` in the text of /proc/cpuinfo; None if there is none, as on ARM."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "vendor_id":
            return value.strip() or None
    return None


def linear_by(name: str) -> Linear:
    """Return the linear map that a library computes."""
    return linear if name == ONEDNN else nn.functional.linear


def prepared(threads: int | None) -> dict[str, PrepareProduct]:
    """Return a function for each library that prepares a product; see `Backend.matrix_products`."""
    if threads is not None:
        torch.set_num_threads(threads)
    return {NAMES[name]: partial(_prepare, linear_by(name)) for name in available()}


def _prepare(multiply: Linear, left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
    # In the layout of a linear map: [outputs, inputs].
    rows, weight = torch.from_numpy(left), torch.from_numpy(np.ascontiguousarray(right.T))
    return lambda: multiply(rows, weight, None)
