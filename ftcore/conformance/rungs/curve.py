"""Rung: each step of a short fine-tuning of a tiny BERT against transformers. Bounds: loss; gradient for weights."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance import curve
from ftcore.conformance.bert import CURVE
from ftcore.conformance.learners import curve_learner
from ftcore.conformance.measure import Measured, worst
from ftcore.conformance.subject import Subject


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure the worst step's loss and gradient norm, and the weights after the last step.

    Key biases are not compared: their gradient is rounding noise, which Adam turns into full steps.
    """
    learner = curve_learner(subject)
    results = [learner.train_step(step) for step in curve.steps()]
    for name, found, bound in (
        ("losses", [float(result.loss) for result in results], subject.bounds.loss),
        ("norms", [float(result.grad_norm) for result in results], subject.bounds.gradient),
    ):
        wanted = subject.references[f"{CURVE.name}/{name}"]
        errors = np.abs(np.asarray(found) / wanted - 1.0)
        step = int(errors.argmax()) + 1
        yield Measured(f"{name}, worst of {curve.STEPS} steps: step {step}", float(errors.max()), bound)
    final, tensors = subject.references.under(f"{CURVE.name}/final/"), learner.tensors()
    kept = final.keys() - CURVE.zero_gradients
    key, error = worst({key: tensors[key] for key in kept}, {key: final[key] for key in kept})
    yield Measured(f"final weights, worst of {len(kept)}: {key}", error, subject.bounds.gradient)
