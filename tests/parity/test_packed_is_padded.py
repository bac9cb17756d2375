"""On every backend, packed rows give the loss, the gradients and the logits of padded ones."""

from dataclasses import replace

import numpy as np
import pytest

from ftcore.conformance import batches
from ftcore.conformance.bert import BertCase
from ftcore.conformance.measure import absolute, relative, worst
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.optimizers import SGD

WIDTH = 18
BOUNDS = {"float64": 1e-12, "float32": 1e-5}
POOLINGS = ("pooler", "cls", "mean", "max", "last")
PAIRS = ("joint", "separate")
each_backend = pytest.mark.parametrize("name", backends.names())
each_pooling = pytest.mark.parametrize("pooling", POOLINGS)
each_pair = pytest.mark.parametrize("pair", PAIRS)


def case(pooling: str, pair: str) -> BertCase:
    return BertCase(f"{pooling}-{pair}", "gelu", 1e-12, pooling, pair)  # type: ignore[arg-type]


def build(name: str, case: BertCase, dropout: float = 0.0, precision: str = "float64") -> Learner:
    program = Program(case.network(dropout), case.loss, SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(name).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in case.tensors.items()})
    return learner


def packed(case: BertCase) -> Batch:
    """The batch of a case, four unequal segments in its first row."""
    batch = batches.packed(case.batch(), WIDTH)
    assert max(len(set(row)) for row in batch.inputs["segment_ids"].tolist()) >= 4
    return batch


def trained(name: str, case: BertCase, dropout: float, batch: Batch) -> tuple[float, dict[str, np.ndarray]]:
    """The loss of a step, and the gradient of each parameter: what plain SGD takes off at a rate of 1."""
    learner = build(name, case, dropout)
    before = learner.tensors()
    loss = float(learner.train_step(batches.step(case.loss, [batch], index=7, learning_rate=1.0)).loss)
    return loss, {key: before[key] - value for key, value in learner.tensors().items()}


def check(case: BertCase, found: dict[str, np.ndarray], wanted: dict[str, np.ndarray], bound: float) -> None:
    kept = wanted.keys() - case.zero_gradients
    key, error = worst({key: found[key] for key in kept}, {key: wanted[key] for key in kept})
    assert error <= bound, key
    assert all(np.linalg.norm(wanted[key]) > 1e-6 for key in kept)
    assert max(absolute(found[key], wanted[key]) for key in case.zero_gradients) <= bound


@pytest.mark.slow
@each_backend
@each_pooling
@each_pair
def test_loss_and_gradients_with_dropout(name: str, pooling: str, pair: str) -> None:
    one = case(pooling, pair)
    (wanted_loss, wanted), (loss, found) = (trained(name, one, 0.3, batch) for batch in (one.batch(), packed(one)))
    assert relative(loss, wanted_loss) <= 1e-12
    check(one, found, wanted, 1e-12)


@pytest.mark.slow
@each_backend
@each_pooling
@each_pair
@pytest.mark.parametrize("precision", sorted(BOUNDS))
def test_loss_logits_and_gradients_without_dropout(name: str, pooling: str, pair: str, precision: str) -> None:
    one, bound = case(pooling, pair), BOUNDS[precision]
    learner = build(name, one, precision=precision)
    wanted, found = (learner.forward(batch, Want(loss=True)) for batch in (one.batch(), packed(one)))
    assert relative(found.loss, wanted.loss) <= bound
    assert relative(found.logits, wanted.logits) <= bound
    gradients = [dict(learner.gradients(batches.step(one.loss, [batch]))) for batch in (one.batch(), packed(one))]
    check(one, gradients[1], gradients[0], bound)


@each_backend
@pytest.mark.parametrize("precision", sorted(BOUNDS))
@pytest.mark.slow
def test_packed_micro_batches_are_the_packed_step(name: str, precision: str) -> None:
    one, bound = case("pooler", "joint"), BOUNDS[precision]
    whole = one.batch()
    halves = [batches.packed(_examples(whole, place), WIDTH) for place in (slice(0, 4), slice(4, 6))]
    learner = build(name, one, 0.3, precision)
    results = []
    for parts in ([packed(one)], halves):
        learner.load_tensors({key: value.astype(precision) for key, value in one.tensors.items()})
        results.append(learner.train_step(batches.step(one.loss, parts, index=3)))
    assert relative(results[1].loss, float(results[0].loss)) <= bound
    assert relative(results[1].grad_norm, float(results[0].grad_norm)) <= bound


@each_backend
@pytest.mark.parametrize(("pooling", "pair"), [("pooler", "joint"), ("mean", "separate"), ("max", "joint")])
def test_logits_do_not_change_when_the_neighbours_do(name: str, pooling: str, pair: str) -> None:
    one = case(pooling, pair)
    learner, batch = build(name, one), packed(one)
    sequences = 2 if pair == "separate" else 1
    whole = learner.forward(batch, Want()).logits
    segments, real = batch.inputs["segment_ids"], len(batch.inputs["starts"])
    for example in range(batch.examples):
        others = (segments != real) & (segments // sequences != example)
        changed = {
            "input_ids": np.where(others, 23 - batch.inputs["input_ids"] % 23, batch.inputs["input_ids"]),
            "token_type_ids": np.where(others, 1 - batch.inputs["token_type_ids"], batch.inputs["token_type_ids"]),
        }
        inputs = {**batch.inputs, **{key: value.astype(np.int32) for key, value in changed.items()}}
        logits = learner.forward(replace(batch, inputs=inputs), Want()).logits
        assert relative(logits[example], whole[example]) <= 1e-14
        rest = np.arange(batch.examples) != example
        assert (np.abs(logits[rest] - whole[rest]).max(axis=1) > 1e-3).all()


@each_backend
def test_what_stands_under_padding_is_nobodys(name: str) -> None:
    one = case("mean", "joint")
    learner, batch = build(name, one), packed(one)
    padding = batch.inputs["segment_ids"] == len(batch.inputs["starts"])
    assert padding.any()
    tokens = np.where(padding, 9, batch.inputs["input_ids"]).astype(np.int32)
    noisy = replace(batch, inputs={**batch.inputs, "input_ids": tokens})
    wanted, found = (learner.forward(each, Want()).logits for each in (batch, noisy))
    assert relative(found, wanted) <= 1e-14


@each_backend
@each_pooling
@each_pair
@pytest.mark.parametrize("precision", sorted(BOUNDS))
@pytest.mark.slow
def test_the_last_block_of_the_read_tokens_alone_is_that_of_all(
    name: str, pooling: str, pair: str, precision: str
) -> None:
    one = case(pooling, pair)
    learner = build(name, one, precision=precision)
    for batch in (one.batch(), packed(one)):
        # Whoever wants hidden states has every token computed.
        wanted = learner.forward(batch, Want(hidden_states=True, pooled=True))
        found = learner.forward(batch, Want(pooled=True))
        assert relative(found.logits, wanted.logits) <= BOUNDS[precision]
        assert relative(found.pooled, wanted.pooled) <= BOUNDS[precision]
        assert wanted.hidden_states is not None
        assert wanted.hidden_states[-1].shape[:2] == batch.inputs["input_ids"].shape


def _examples(batch: Batch, place: slice) -> Batch:
    return replace(
        batch,
        inputs={key: value[place] for key, value in batch.inputs.items()},
        targets={key: value[place] for key, value in batch.targets.items()},
        weights=batch.weights[place],
        example_ids=batch.example_ids[place],
    )
