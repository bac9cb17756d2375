"""Sampling, splitting into micro-batches, and padding lose and double nothing."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from data_files import prepare_in, write_jsonl
from hypothesis import given, settings
from hypothesis import strategies as st
from token_data import token_datasets

from ftcore.data.batches import ARRANGEMENTS, EVALUATION_EXAMPLES, Batching, evaluation_batches, global_batch
from ftcore.data.sampler import EpochSampler
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.text.tokenizer import Tokenizer

SIZES = st.integers(1, 60)
SEEDS = st.integers(0, 2**32)


@given(examples=SIZES, batch_size=st.integers(1, 70), seed=SEEDS, epoch=st.integers(0, 3))
def test_each_epoch_is_a_permutation(examples: int, batch_size: int, seed: int, epoch: int) -> None:
    sampler = EpochSampler(examples, batch_size, seed)
    first = epoch * sampler.steps_per_epoch + 1
    batches = [sampler.ids(step) for step in range(first, first + sampler.steps_per_epoch)]
    assert sorted(np.concatenate(batches).tolist()) == list(range(examples))
    assert [len(batch) for batch in batches[:-1]] == [batch_size] * (len(batches) - 1)
    assert len(batches[-1]) == (examples % batch_size or batch_size)


@given(examples=SIZES, batch_size=st.integers(1, 20), seed=SEEDS, steps=st.lists(st.integers(1, 200), max_size=8))
def test_a_step_does_not_depend_on_those_asked_before(
    examples: int, batch_size: int, seed: int, steps: list[int]
) -> None:
    used = EpochSampler(examples, batch_size, seed)
    for step in steps:
        np.testing.assert_array_equal(used.ids(step), EpochSampler(examples, batch_size, seed).ids(step))


def test_epochs_and_seeds_differ() -> None:
    sampler, other = EpochSampler(100, 100, 0), EpochSampler(100, 100, 1)
    orders = {sampler.ids(1).tobytes(), sampler.ids(2).tobytes(), other.ids(1).tobytes()}
    assert len(orders) == 3


def test_the_order_of_a_seed_is_pinned() -> None:
    assert EpochSampler(10, 4, 0).ids(1).tolist() == PINNED


PINNED = EpochSampler(10, 4, 0).ids(1).tolist()


@pytest.mark.parametrize(("examples", "batch_size"), [(0, 1), (1, 0)])
def test_sampler_needs_examples(examples: int, batch_size: int) -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        EpochSampler(examples, batch_size, 0)


@given(drawn=token_datasets(), data=st.data())
def test_padding_keeps_every_token(drawn: tuple[TokenDataset, list[list[int]]], data: st.DataObject) -> None:
    dataset, tokens = drawn
    count = len(tokens) // len(dataset)
    ids = np.asarray(data.draw(st.lists(st.integers(0, len(dataset) - 1), min_size=1, max_size=8)))
    batch = dataset.batch(ids)
    input_ids, mask = batch.inputs["input_ids"], batch.inputs["attention_mask"]
    wanted = [tokens[count * example + place] for example in ids for place in range(count)]
    assert [row[kept == 1].tolist() for row, kept in zip(input_ids, mask, strict=True)] == wanted
    assert [kept.tolist() for kept in mask] == [[1] * len(row) + [0] * (mask.shape[1] - len(row)) for row in wanted]
    assert (input_ids[mask == 0] == 0).all()
    np.testing.assert_array_equal(batch.inputs["token_type_ids"], np.where(mask == 1, input_ids % 2, 0))
    assert batch.tokens == mask.sum() == sum(map(len, wanted))
    assert mask.shape[1] == min(-(-max(map(len, wanted)) // 8) * 8, 30)
    assert {array.dtype for array in batch.inputs.values()} == {np.dtype(np.int32)}
    np.testing.assert_array_equal(batch.targets["labels"], ids * 10)
    np.testing.assert_array_equal(batch.example_ids, ids)
    assert (batch.weights.dtype, batch.weights.tolist()) == (np.float32, [1.0] * len(ids))


@given(drawn=token_datasets(), data=st.data())
def test_subset_of_a_subset(drawn: tuple[TokenDataset, list[list[int]]], data: st.DataObject) -> None:
    dataset, _ = drawn
    chosen = np.asarray(data.draw(st.lists(st.integers(0, len(dataset) - 1), min_size=1, max_size=8)))
    again = np.asarray(data.draw(st.lists(st.integers(0, len(chosen) - 1), min_size=1, max_size=8)))
    part = dataset.subset(chosen).subset(again)
    found, wanted = part.batch(np.arange(len(again))), dataset.batch(chosen[again])
    for name, array in wanted.inputs.items():
        np.testing.assert_array_equal(found.inputs[name], array)
    np.testing.assert_array_equal(part.targets, dataset.targets[chosen[again]])
    np.testing.assert_array_equal(part.lengths, dataset.lengths[chosen[again]])
    assert found.example_ids.tolist() == list(range(len(again)))


@settings(max_examples=60)
@given(drawn=token_datasets(), size=st.none() | st.integers(1, 15), data=st.data())
@pytest.mark.parametrize("batching", ARRANGEMENTS)
def test_the_batches_of_a_step_hold_its_examples_once(
    batching: Batching, drawn: tuple[TokenDataset, list[list[int]]], size: int | None, data: st.DataObject
) -> None:
    dataset, _ = drawn
    ids = np.asarray(data.draw(st.permutations(range(len(dataset)))))[: data.draw(st.integers(1, len(dataset)))]
    batches = global_batch(dataset, ids, batching, size)
    assert sorted(np.concatenate([batch.example_ids for batch in batches])) == sorted(ids)
    assert sum(float(batch.weights.sum()) for batch in batches) == len(ids)
    assert sum(batch.tokens for batch in batches) == dataset.batch(ids).tokens
    for batch in batches:
        np.testing.assert_array_equal(batch.targets["labels"], batch.example_ids * 10)
        assert batch.examples <= (size or len(ids))
    if batching != "sorted":
        assert len(batches) == (-(-len(ids) // size) if size else 1)
    if batching == "padded":
        assert np.concatenate([batch.example_ids for batch in batches]).tolist() == ids.tolist()


@given(drawn=token_datasets(), most_tokens=st.integers(1, 300))
def test_evaluation_gives_every_example_once_in_bounded_slots(
    drawn: tuple[TokenDataset, list[list[int]]], most_tokens: int
) -> None:
    dataset, tokens = drawn
    batches = list(evaluation_batches(dataset, most_tokens))
    places = np.concatenate([batch.example_ids for batch in batches])
    assert sorted(places.tolist()) == list(range(len(dataset)))
    assert (np.diff(dataset.lengths[places]) >= 0).all()
    for batch in batches:
        slots = batch.examples * int(dataset.lengths[batch.example_ids].max())
        assert batch.examples == 1 or slots <= most_tokens
        assert batch.examples <= EVALUATION_EXAMPLES
    # Greedy: a batch that could have taken the next example did.
    for batch, following in itertools.pairwise(batches):
        assert (batch.examples + 1) * int(dataset.lengths[following.example_ids[0]]) > most_tokens
    assert sum(batch.tokens for batch in batches) == sum(map(len, tokens))


def test_evaluation_has_most_examples_too() -> None:
    dataset = ArrayDataset(np.zeros((600, 1)), np.zeros(600, dtype=np.int32))
    assert [batch.examples for batch in evaluation_batches(dataset)] == [256, 256, 88]


def test_separate_pairs_are_rows_2i_and_2i_plus_1(tmp_path: Path, tokenizer: Tokenizer) -> None:
    rows = [
        {"text_a": "one", "text_b": "two three four", "label": 1},
        {"text_a": "five six", "text_b": "seven", "label": 2},
    ]
    write_jsonl(tmp_path / "a.jsonl", rows)
    data = prepare_in(tmp_path, tokenizer, "text-regression", train="a.jsonl", pair="separate")
    batch = data.train.batch(np.asarray([1, 0]))
    one_by_one = tokenizer.encode(["five six", "seven", "one", "two three four"])
    mask = batch.inputs["attention_mask"]
    assert mask.sum(axis=1).tolist() == one_by_one.lengths.tolist()
    assert batch.inputs["input_ids"][mask == 1].tolist() == one_by_one.ids.tolist()
    assert batch.targets["labels"].tolist() == [[2.0], [1.0]]
    assert data.train.lengths.tolist() == [5, 4]
    assert batch.examples == 2


def test_joint_pairs_have_token_types(tmp_path: Path, tokenizer: Tokenizer) -> None:
    write_jsonl(tmp_path / "a.jsonl", [{"text_a": "one", "text_b": "two three", "label": 1}])
    batch = prepare_in(tmp_path, tokenizer, "text-regression", train="a.jsonl").train.batch(np.asarray([0]))
    assert batch.inputs["token_type_ids"].tolist() == [[0, 0, 0, 1, 1, 1, 0, 0]]
    assert batch.inputs["attention_mask"].tolist() == [[1, 1, 1, 1, 1, 1, 0, 0]]


def test_arrays_in_micro_batches_keep_their_order() -> None:
    dataset = ArrayDataset(np.arange(10.0)[:, None], np.arange(10, dtype=np.int32))
    batches = global_batch(dataset, np.asarray([7, 1, 4]), "padded", 2)
    assert [batch.inputs["inputs"][:, 0].tolist() for batch in batches] == [[7.0, 1.0], [4.0]]
