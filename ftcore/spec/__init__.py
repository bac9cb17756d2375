"""Defines the task spec, and reads and writes it."""

from ftcore.spec.batching import batching_problems
from ftcore.spec.choices import LossSpec, OptimizerSpec, ScheduleSpec, with_names
from ftcore.spec.document import Document, parse
from ftcore.spec.earlier import VERSION
from ftcore.spec.mistakes import mistakes, show
from ftcore.spec.reading import load_spec, read_spec
from ftcore.spec.schema import json_schema
from ftcore.spec.task_spec import TaskSpec, generation_of
from ftcore.spec.training import TrainingSpec
from ftcore.spec.writing import NOT_HASHED, dump_spec, moved_sha256, moved_values, spec_sha256

__all__ = [
    "NOT_HASHED",
    "VERSION",
    "Document",
    "LossSpec",
    "OptimizerSpec",
    "ScheduleSpec",
    "TaskSpec",
    "TrainingSpec",
    "batching_problems",
    "dump_spec",
    "generation_of",
    "json_schema",
    "load_spec",
    "mistakes",
    "moved_sha256",
    "moved_values",
    "parse",
    "read_spec",
    "show",
    "spec_sha256",
    "with_names",
]
