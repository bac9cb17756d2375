"""Measures the matrix-multiply rate of this machine, the limit to which a training's speed is compared.

It is the best rate of any library on the machine: NumPy, and those of the installed backends. Each backend's libraries
are measured in a child process, because frameworks cannot share a process.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ftcore.contract import PrepareProduct
from ftcore.contract import discovery as backends
from ftcore.files import read_json

Shape = tuple[int, int, int]
"""Rows, inner, columns of a product."""
WARMUP, LEAST, SECONDS = 3, 10, 0.5
"""Products before timing starts, the fewest timed products, and the seconds of timing."""
LONG, BRIEFLY = 60.0, 0.1
"""Seconds of training from which all libraries are measured, which takes about ten seconds; and the seconds of timing
after a shorter training."""
LONGEST = 300
"""Time limit of a child process in seconds."""
PROGRAM = (sys.executable, "-m", "ftcore.bench.matmul")
"""Measures NumPy's rates, or, with --backend NAME, those of a backend's libraries."""
NUMPY = "NumPy"
Rates = dict[str, dict[str, float]]
"""Maps a library, then a shape, to floating-point operations per second."""


class Rate(NamedTuple):
    """The best rate found, and its library."""

    library: str
    flops_per_second: float


def rates(prepare: PrepareProduct, shapes: Sequence[Shape], seconds: float = SECONDS) -> dict[str, float]:
    """Return the median floating-point operations per second for each shape, as {"512x384x1536": rate}.

    Args:
        prepare: prepares a product.
        shapes: shapes of the products.
        seconds: duration of the products of one shape.
    """
    generator = np.random.default_rng(0)
    found = {}
    for rows, inner, columns in shapes:
        left = generator.standard_normal((rows, inner), dtype=np.float32)
        right = generator.standard_normal((inner, columns), dtype=np.float32)
        taken = _median_seconds(prepare(left, right), seconds)
        found[f"{rows}x{inner}x{columns}"] = 2.0 * rows * inner * columns / taken
    return found


def best_rate(shapes: Sequence[Shape], threads: int | None, seconds: float) -> Rate:
    """Return the best rate of the machine's libraries for these shapes.

    Args:
        shapes: shapes of a model's products.
        threads: CPU threads; None for all cores.
        seconds: duration of the training; below LONG, only NumPy is measured, and briefly.
    """
    from threadpoolctl import threadpool_limits

    is_long = seconds >= LONG
    with threadpool_limits(threads):
        found = {NUMPY: rates(by_numpy, shapes, SECONDS if is_long else BRIEFLY)}
    for name in installed_backends() if is_long else ():
        found |= rates_of_backend(name, shapes, threads)
    return best(found)


def best(found: Rates) -> Rate:
    """Return the best of the measured rates."""
    return max((Rate(name, max(by_shape.values())) for name, by_shape in found.items()), key=lambda one: one[1])


def installed_backends() -> list[str]:
    """Return the names of the backends whose libraries can be measured."""
    return [name for name in backends.names() if backends.is_installed(name)]


def arguments(shapes: Sequence[Shape], threads: int | None, output: Path) -> list[str]:
    """Return the arguments of PROGRAM, or of a similar one, to measure rates and write them to a file."""
    words = [word for shape in shapes for word in ("--shape", "x".join(map(str, shape)))]
    return [*words, *([] if threads is None else ["--threads", str(threads)]), "--output", str(output)]


def rates_of_backend(name: str, shapes: Sequence[Shape], threads: int | None) -> Rates:
    """Return the rates of a backend's libraries, measured in a child process; {} if that fails."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "rates.json"
        words = [*PROGRAM, "--backend", name, *arguments(shapes, threads, output)]
        try:
            subprocess.run(words, capture_output=True, check=True, timeout=LONGEST)  # noqa: S603 (ftcore's own module)
        except subprocess.SubprocessError:
            return {}
        found: Rates = read_json(output)
        return found


def by_numpy(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
    """Prepare NumPy's product of left [rows, inner] and right [inner, columns]."""
    result = np.empty((left.shape[0], right.shape[1]), dtype=np.float32)
    return lambda: np.matmul(left, right, out=result)


def _median_seconds(product: Callable[[], object], seconds: float) -> float:
    for _ in range(WARMUP):
        product()
    times: list[float] = []
    until = time.perf_counter() + seconds
    while len(times) < LEAST or time.perf_counter() < until:
        began = time.perf_counter()
        product()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
