"""Runs: binds a spec to its data and model, runs it, and loads the result."""

from ftcore.runs.binding import bind, listed_names, prepare_data
from ftcore.runs.bound import Bound
from ftcore.runs.choices import options_of
from ftcore.runs.companion import AtPrecision, Companion
from ftcore.runs.description import describe, has_logits, read_description
from ftcore.runs.finetuning import finetune
from ftcore.runs.first_rows import FirstRows, first_rows
from ftcore.runs.job import job_of
from ftcore.runs.module_weights import load_weights
from ftcore.runs.run import run
from ftcore.runs.same_run import run_difference
from ftcore.runs.splitting import goes_on_apart
from ftcore.runs.trained import Device, default_backend, learner_of, load_trained

__all__ = [
    "AtPrecision",
    "Bound",
    "Companion",
    "Device",
    "FirstRows",
    "bind",
    "default_backend",
    "describe",
    "finetune",
    "first_rows",
    "goes_on_apart",
    "has_logits",
    "job_of",
    "learner_of",
    "listed_names",
    "load_trained",
    "load_weights",
    "options_of",
    "prepare_data",
    "read_description",
    "run",
    "run_difference",
]
