"""Describes and measures this machine."""

from ftcore.machine import matmul
from ftcore.machine.description import machine_facts, processor
from ftcore.machine.matmul import Shape, best_rate, by_numpy, rates

__all__ = [
    "Shape",
    "best_rate",
    "by_numpy",
    "machine_facts",
    "matmul",
    "processor",
    "rates",
]
