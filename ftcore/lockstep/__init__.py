"""Proves that two backends compute the same run: from one and the same state, both take the same step."""

from ftcore.lockstep.following import MODEL, Following
from ftcore.lockstep.further import Twin, Wanted, read_twin
from ftcore.lockstep.measuring import measure
from ftcore.lockstep.quantity import Quantity
from ftcore.lockstep.recording import Recording
from ftcore.lockstep.result import EvaluationDifference, Lockstep, StepDifference, lockstep_from_json
from ftcore.lockstep.sampling import sampled_steps
from ftcore.lockstep.state import State, state_of
from ftcore.lockstep.taking import Taken, take

__all__ = [
    "MODEL",
    "EvaluationDifference",
    "Following",
    "Lockstep",
    "Quantity",
    "Recording",
    "State",
    "StepDifference",
    "Taken",
    "Twin",
    "Wanted",
    "lockstep_from_json",
    "measure",
    "read_twin",
    "sampled_steps",
    "state_of",
    "take",
]
