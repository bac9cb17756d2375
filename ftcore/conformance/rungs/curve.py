"""A short fine-tuning of a tiny BERT, step by step against transformers. Bounds: loss; gradient for weights."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import curve
from ftcore.conformance.bert import CURVE
from ftcore.conformance.measure import Measured, worst
from ftcore.conformance.subject import Subject
from ftcore.models.parameters import decay_exempt


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the worst step's loss, and the weights after the last step.

    Key biases are left out of the weights: their gradient is rounding noise, which Adam turns into full steps.
    """
    network = CURVE.network()
    learner = subject.build(
        network,
        CURVE.tensors,
        CURVE.loss,
        curve.OPTIMIZER,
        clip_norm=curve.CLIP_NORM,
        decay_exempt=decay_exempt(network),
    )
    wanted = subject.references[f"{CURVE.name}/losses"]
    errors = np.abs(np.asarray(curve.train(learner)) - wanted) / np.abs(wanted)
    step = int(errors.argmax()) + 1
    yield Measured(f"loss, worst of {curve.STEPS} steps: step {step}", float(errors.max()), subject.bounds.loss)
    final, found = subject.references.under(f"{CURVE.name}/final/"), learner.tensors()
    kept = final.keys() - CURVE.zero_gradients
    name, error = worst({key: found[key] for key in kept}, {key: final[key] for key in kept})
    yield Measured(f"final weights, worst of {len(kept)}: {name}", error, subject.bounds.gradient)
