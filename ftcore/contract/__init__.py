"""Defines what core and backends share: networks, batches, steps, losses, optimizers and the backend protocols."""

from ftcore.contract import discovery, dropout, seeds
from ftcore.contract.backend import Backend, BackendInfo, Decoding, Learner, Override, PrepareProduct
from ftcore.contract.batch import TOKEN_INPUTS, Batch
from ftcore.contract.options import checked_options
from ftcore.contract.outputs import Likelihood, Outputs, Want
from ftcore.contract.program import Program
from ftcore.contract.step import Step, StepResult

__all__ = [
    "TOKEN_INPUTS",
    "Backend",
    "BackendInfo",
    "Batch",
    "Decoding",
    "Learner",
    "Likelihood",
    "Outputs",
    "Override",
    "PrepareProduct",
    "Program",
    "Step",
    "StepResult",
    "Want",
    "checked_options",
    "discovery",
    "dropout",
    "seeds",
]
