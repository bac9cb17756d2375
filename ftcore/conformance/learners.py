"""Builds the learners of the short fine-tuning."""

from ftcore.conformance import curve
from ftcore.conformance.bert import CURVE
from ftcore.conformance.subject import Subject
from ftcore.contract import Learner
from ftcore.models import decay_exempt

DROPOUT = 0.1


def curve_learner(subject: Subject, dropout: float = 0.0) -> Learner:
    """Return a new learner of the run."""
    network = CURVE.network(dropout)
    return subject.build(
        network,
        CURVE.tensors,
        CURVE.loss,
        curve.OPTIMIZER,
        clip_norm=curve.CLIP_NORM,
        decay_exempt=decay_exempt(network),
    )


def twins(subject: Subject) -> tuple[Learner, Learner]:
    """Return two equal shared learners of the run, with dropout."""
    first, second = (subject.shared(name, lambda: curve_learner(subject, DROPOUT)) for name in ("twin 1", "twin 2"))
    return first, second
