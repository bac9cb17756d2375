"""Describes and measures this machine."""

from ftcore.machine import matmul
from ftcore.machine.description import machine_facts, processor
from ftcore.machine.matmul import Shape, best_rate, by_numpy, rates
from ftcore.machine.memory import available_memory, memory_limit

__all__ = [
    "Shape",
    "available_memory",
    "best_rate",
    "by_numpy",
    "machine_facts",
    "matmul",
    "memory_limit",
    "processor",
    "rates",
]
