"""A compiled network trains as the eager one does, whatever the shape of a batch, and evaluates as it does."""

import numpy as np
import pytest
import torch

from ftcore.conformance import batches
from ftcore.conformance.bert import BertCase
from ftcore.contract import Learner, Program, Want
from ftcore.contract.discovery import load
from ftcore.contract.network import Module
from ftcore.contract.optimizers import AdamW
from ftcore.errors import BackendError

CASE = BertCase("compiled", "gelu", 1e-12, "mean", "separate")
STEPS = ((8, None), (8, 18), (12, None), (9, 24), (8, 18))
"""Of each step: the padded length, and the width of packed rows."""


def trained(compiled: bool) -> tuple[Learner, list[float]]:
    options = {"compile": compiled}
    program = Program(
        CASE.network(0.2), CASE.loss, AdamW(), 1.0, precision="float64", decay_exempt=frozenset(), options=options
    )
    learner = load("torch").build(program, "cpu")
    learner.load_tensors(CASE.tensors)
    found = []
    for index, (padded, width) in enumerate(STEPS, start=1):
        batch = CASE.batch(padded, index)
        batch = batch if width is None else batches.packed(batch, width)
        found.append(float(learner.train_step(batches.step(CASE.loss, [batch], index)).loss))
    return learner, found


@pytest.mark.slow
def test_a_compiled_network_is_the_eager_one_and_is_compiled_few_times() -> None:
    torch._dynamo.reset()
    counters = torch._dynamo.utils.counters
    counters.clear()
    eager, wanted = trained(False)
    compiled, found = trained(True)
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    logits = [learner.forward(CASE.batch(), Want()).logits for learner in (eager, compiled)]
    np.testing.assert_allclose(logits[1], logits[0], rtol=1e-9)
    # Padded and packed rows, and rows of an open number and length.
    assert 1 <= counters["stats"]["unique_graphs"] <= 4


def test_what_cannot_be_compiled_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError, match="compile is true or false, not 'yes'"):
        load("torch").build(Program(CASE.network(), CASE.loss, AdamW(), options={"compile": "yes"}))
    module = Module(torch.nn.Linear(2, 2))
    with pytest.raises(BackendError, match="compiled yourself"):
        load("torch").build(Program(module, CASE.loss, AdamW(), options={"compile": True}))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(BackendError, match=r"needs a C\+\+ compiler \(g\+\+ or clang\+\+\): install one"):
        load("torch").build(Program(CASE.network(), CASE.loss, AdamW(), options={"compile": True}))
