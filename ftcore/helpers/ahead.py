"""Prefetches items one ahead in a thread, while the caller uses the last."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(make: Callable[[int], Item], indices: Iterable[int]) -> Iterator[Item]:
    """Yield make(index) for each index in order; the next one is made while the caller uses the last."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        waiting = None
        for index in indices:
            made, waiting = waiting, worker.submit(make, index)
            if made is not None:
                yield made.result()
        if waiting is not None:
            yield waiting.result()
