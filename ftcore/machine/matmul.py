"""The matrix-multiply rate of this machine: the limit that a training's speed is held against."""

import statistics
import time
from collections.abc import Callable, Sequence

import numpy as np

Shape = tuple[int, int, int]
"""Rows, inner, columns of a product."""
Prepare = Callable[[np.ndarray, np.ndarray], Callable[[], object]]
"""Two float32 matrices to a function that multiplies them, and returns when it is done."""
WARMUP, LEAST, SECONDS = 3, 10, 0.5
"""Products before the time is taken, the fewest that are timed, and for how long they go on."""


def rates(prepare: Prepare, shapes: Sequence[Shape]) -> dict[str, float]:
    """Return the median floating-point operations a second of each shape, as {"512x384x1536": rate}."""
    generator = np.random.default_rng(0)
    found = {}
    for rows, inner, columns in shapes:
        left = generator.standard_normal((rows, inner), dtype=np.float32)
        right = generator.standard_normal((inner, columns), dtype=np.float32)
        found[f"{rows}x{inner}x{columns}"] = 2.0 * rows * inner * columns / _median_seconds(prepare(left, right))
    return found


def best_rate(shapes: Sequence[Shape], threads: int | None) -> float:
    """Return NumPy's best rate over these shapes, on this many threads; None for every core."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        return max(rates(by_numpy, shapes).values())


def by_numpy(left: np.ndarray, right: np.ndarray) -> Callable[[], object]:
    """Prepare NumPy's product."""
    result = np.empty((left.shape[0], right.shape[1]), dtype=np.float32)
    return lambda: np.matmul(left, right, out=result)


def _median_seconds(product: Callable[[], object]) -> float:
    for _ in range(WARMUP):
        product()
    times: list[float] = []
    until = time.perf_counter() + SECONDS
    while len(times) < LEAST or time.perf_counter() < until:
        began = time.perf_counter()
        product()
        times.append(time.perf_counter() - began)
    return statistics.median(times)
