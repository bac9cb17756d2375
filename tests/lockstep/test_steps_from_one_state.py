"""Steps that learners take from one state: right ones agree on both backends, and each fault is named."""

from dataclasses import replace

import numpy as np
import pytest

from ftcore.conformance import batches, linear
from ftcore.contract import Batch, Learner, Program, Step, discovery
from ftcore.contract.losses import MeanSquaredError
from ftcore.contract.network import Module
from ftcore.contract.optimizers import SGD, Adam, AdamW, Optimizer
from ftcore.contract.seeds import generator
from ftcore.lockstep import Quantity, State, Taken, measure, state_of, take

BACKENDS = ("torch", "tf")
LOSS = MeanSquaredError()
NETWORK = linear.network(6, 3)
OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": SGD(learning_rate=0.05),
    "momentum": SGD(learning_rate=0.05, momentum=0.9, weight_decay=0.1),
    "nesterov": SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
    "adam": Adam(learning_rate=0.01, weight_decay=0.1),
    "adamw": AdamW(learning_rate=0.01, weight_decay=0.1),
}
each_optimizer = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
each_precision = pytest.mark.parametrize("precision", ["float32", "float64"])


def program(optimizer: Optimizer, precision: str = "float32") -> Program:
    exempt = frozenset({linear.BIAS})
    return Program(NETWORK, LOSS, optimizer, clip_norm=0.5, decay_exempt=exempt, precision=precision)


def learner(backend: str, given: Program) -> Learner:
    found = discovery.load(backend).build(given)
    found.load_tensors(linear.parameters(NETWORK, "lockstep"))
    return found


def step(index: int) -> Step:
    draws = generator(0, "lockstep", index)
    values, labels = (draws.standard_normal((5, size)).astype(np.float32) for size in (6, 3))
    rows = np.arange(5, dtype=np.int64)
    batch = Batch({"features": values}, {"labels": labels}, np.ones(5, np.float32), rows)
    return batches.step(LOSS, [batch], index, 0.01)


def reference(given: Program, steps: int = 4) -> tuple[State, Taken, Step]:
    """Return the state before the last of some steps on the first backend, and what came out of it."""
    found = learner(BACKENDS[0], given)
    for index in range(1, steps):
        found.train_step(step(index))
    before, last = state_of(found), step(steps)
    return before, take(found, before, last), last


def wrong(quantities: tuple[Quantity, ...]) -> list[str]:
    return [f"{one.name} {one.where}".strip() for one in quantities if not one.passes]


@each_optimizer
@each_precision
def test_both_backends_take_the_same_step(optimizer: Optimizer, precision: str) -> None:
    given = program(optimizer, precision)
    before, wanted, last = reference(given)
    found = measure(given, last, before, wanted, take(learner(BACKENDS[1], given), before, last))
    assert wrong(found) == []
    assert {one.name for one in found} >= {"loss", "gradient norm", "gradients", "moments", "updates"}


@each_optimizer
def test_a_gradient_that_is_off_by_a_thousandth_is_named(optimizer: Optimizer) -> None:
    given = program(optimizer)
    before, wanted, last = reference(given)
    slot = f"{optimizer.carrier.slot}/{linear.WEIGHT}"
    state = {**wanted.after.optimizer}
    state[slot] = before.optimizer[slot] * optimizer.carrier.kept + (
        state[slot] - before.optimizer[slot] * optimizer.carrier.kept
    ) * np.float32(1.001)
    other = replace(wanted, after=State(wanted.after.tensors, state), loaded=before)
    assert f"gradients {linear.WEIGHT}" in wrong(measure(given, last, before, wanted, other))


@each_optimizer
def test_an_update_that_is_off_by_a_thousandth_is_named_on_either_side(optimizer: Optimizer) -> None:
    given = program(optimizer)
    before, wanted, last = reference(given)
    tensors = {**wanted.after.tensors}
    start = before.tensors[linear.WEIGHT]
    tensors[linear.WEIGHT] = start + (tensors[linear.WEIGHT] - start) * np.float32(1.001)
    other = replace(wanted, after=State(tensors, wanted.after.optimizer), loaded=before)
    assert wrong(measure(given, last, before, wanted, other)) == [f"updates {linear.WEIGHT}"]
    assert wrong(measure(given, last, before, other, replace(wanted, loaded=before))) == [f"updates {linear.WEIGHT}"]


def test_counters_loss_norm_and_the_loaded_state_are_named() -> None:
    given = program(AdamW(learning_rate=0.01))
    before, wanted, last = reference(given)
    late = {**wanted.after.optimizer, "step": np.asarray(9)}
    cases = {
        "the optimizer's counters step": replace(wanted, after=State(wanted.after.tensors, late), loaded=before),
        "loss": replace(wanted, loss=wanted.loss * (1 + 1e-5), loaded=before),
        "gradient norm": replace(wanted, grad_norm=wanted.grad_norm * 1.001, loaded=before),
        f"the loaded state {linear.BIAS}": replace(
            wanted, loaded=State({linear.WEIGHT: before.tensors[linear.WEIGHT]}, before.optimizer)
        ),
        "whether the step is finite loss or gradient norm": replace(wanted, finite=False, loaded=before),
    }
    for told, other in cases.items():
        assert wrong(measure(given, last, before, wanted, other))[0] == told


def test_what_is_not_finite_never_passes() -> None:
    given = program(AdamW(learning_rate=0.01))
    before, wanted, last = reference(given)
    tensors = {name: np.full_like(value, np.nan) for name, value in wanted.after.tensors.items()}
    other = replace(wanted, loss=np.nan, after=State(tensors, wanted.after.optimizer), loaded=before)
    assert wrong(measure(given, last, before, wanted, other)) == ["loss", f"updates {linear.BIAS}"] or (
        "loss" in wrong(measure(given, last, before, wanted, other))
    )


def net(faulty: bool) -> object:
    import torch

    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.outer = torch.nn.Linear(6, 8), torch.nn.Linear(8, 3)

        def forward(self, features: torch.Tensor) -> torch.Tensor:
            approximate = "tanh" if faulty else "none"
            return self.outer(torch.nn.functional.gelu(self.inner(features), approximate=approximate))

    torch.manual_seed(0)
    return Net()


@pytest.mark.parametrize("faulty", [False, True])
def test_modules_of_the_users_own_are_proven_by_the_same_calls(faulty: bool) -> None:
    programs = [Program(Module(net(one)), LOSS, AdamW(learning_rate=0.01)) for one in (False, faulty)]
    one, other = (discovery.load("torch").build(given) for given in programs)
    before, first = state_of(one), step(1)
    found = measure(programs[0], first, before, take(one, before, first), take(other, before, first))
    assert bool(wrong(found)) is faulty
