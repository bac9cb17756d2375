"""Lists the optimizers and learning-rate schedules by their names in a spec."""

from ftcore.contract.optimizers import loss_scaling
from ftcore.contract.optimizers.adam import Adam, AdamW
from ftcore.contract.optimizers.base import Carrier, Optimizer, State
from ftcore.contract.optimizers.clipping import EPSILON, clip, global_norm
from ftcore.contract.optimizers.schedules import (
    SCHEDULES,
    Constant,
    Cosine,
    LearningRates,
    Linear,
    Polynomial,
    Schedule,
)
from ftcore.contract.optimizers.sgd import SGD

OPTIMIZERS: dict[str, type[Optimizer]] = {optimizer.name: optimizer for optimizer in (SGD, Adam, AdamW)}

__all__ = [
    "EPSILON",
    "OPTIMIZERS",
    "SCHEDULES",
    "SGD",
    "Adam",
    "AdamW",
    "Carrier",
    "Constant",
    "Cosine",
    "LearningRates",
    "Linear",
    "Optimizer",
    "Polynomial",
    "Schedule",
    "State",
    "clip",
    "global_norm",
    "loss_scaling",
]
