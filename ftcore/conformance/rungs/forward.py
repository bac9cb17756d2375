"""Rung: hidden states, logits and loss of tiny BERT models against transformers. Bounds: outputs, loss."""

from collections.abc import Iterator

import numpy as np

from ftcore.conformance.measure import Measured, relative
from ftcore.conformance.subject import Subject
from ftcore.contract import Want


def rows(subject: Subject) -> Iterator[Measured]:
    """Measure every case; hidden states only at real tokens, because values at padding are undefined."""
    for case in subject.cases:
        batch = case.batch()
        found = subject.bert(case).forward(batch, Want(loss=True, hidden_states=True))
        wanted = {key: subject.references[f"{case.name}/{key}"] for key in ("hidden_states", "logits", "loss")}
        real = batch.inputs["attention_mask"].astype(bool)[..., None]
        states = [np.where(real, layer, 0.0) for layer in found.hidden_states or ()]
        pairs = zip(states, wanted["hidden_states"], strict=False)
        errors = [relative(*pair) for pair in pairs] if len(states) == len(wanted["hidden_states"]) else [np.inf]
        yield Measured(f"{case.name}: hidden states, worst of {len(errors)}", max(errors), subject.bounds.outputs)
        yield Measured(f"{case.name}: logits", relative(found.logits, wanted["logits"]), subject.bounds.outputs)
        yield Measured(f"{case.name}: loss", relative(found.loss, wanted["loss"]), subject.bounds.loss)
