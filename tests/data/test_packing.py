"""Packed batches hold every token once, in its sequence; the cheapest cuts are the cheapest."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from token_data import token_dataset, token_datasets

from ftcore.data.batches import BATCH_COST, global_batch
from ftcore.data.packing import ATTENTION_COST, SLOTS, WIDTHS, pack, sequences_of_rows
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.tokens.store import TokenDataset

LENGTHS = st.lists(st.integers(1, 700), min_size=1, max_size=40).map(np.asarray)
FEW = st.lists(st.integers(1, 200), min_size=1, max_size=8)


@given(lengths=LENGTHS)
def test_no_row_overflows_and_no_slot_is_taken_twice(lengths: np.ndarray) -> None:
    packing = pack(lengths)
    taken = np.zeros((packing.rows, packing.width), dtype=int)
    for start, length in zip(packing.starts, lengths, strict=True):
        assert start // packing.width == (start + length - 1) // packing.width
        taken.ravel()[start : start + length] += 1
    assert taken.max() == 1
    assert taken.sum() == lengths.sum()
    # Rows are filled from the left, and none is empty.
    assert (taken[:, 0] == 1).all()
    assert (np.diff(taken, axis=1) <= 0).all()
    assert packing.rows <= len(lengths)
    assert packing.width in WIDTHS


@given(lengths=LENGTHS)
def test_every_sequence_has_a_slot_of_its_row_in_order(lengths: np.ndarray) -> None:
    packing = pack(lengths)
    found = sequences_of_rows(packing.starts, packing.rows, packing.width)
    most = max(np.bincount(packing.starts // packing.width))
    assert found.shape == (packing.rows, -(-most // SLOTS) * SLOTS)
    for row, sequences in enumerate(found.tolist()):
        of_row = [place for place in sequences if place < len(lengths)]
        starts = packing.starts[of_row]
        assert sequences == of_row + [len(lengths)] * (len(sequences) - len(of_row))
        assert (starts // packing.width == row).all()
        assert (np.diff(starts) > 0).all()
    assert sorted(place for place in found.ravel() if place < len(lengths)) == list(range(len(lengths)))


@given(lengths=LENGTHS)
def test_rows_are_nearly_as_few_as_can_be(lengths: np.ndarray) -> None:
    packing = pack(lengths)
    # First-fit decreasing needs at most 11/9 of the best, and 6/9 (Dosa 2007).
    assert packing.rows <= max(1, np.ceil(lengths.sum() / packing.width * 11 / 9 + 6 / 9 + 1))
    narrowest = min(width for width in WIDTHS if width >= lengths.max())
    assert _cost(packing.rows, packing.width) <= _cost(len(lengths), narrowest)


def _cost(rows: int, width: int) -> float:
    return rows * width * (1 + width * ATTENTION_COST)


def test_a_sequence_longer_than_every_width_has_rows_of_its_length() -> None:
    packing = pack(np.asarray([9000, 5000, 4000]))
    assert (packing.width, packing.rows, packing.starts.tolist()) == (9000, 2, [0, 9000, 14000])


@pytest.mark.parametrize(
    ("lengths", "width", "rows", "starts"),
    [
        ([20, 12, 10], 48, 1, [0, 20, 32]),
        ([20, 12], 32, 1, [0, 20]),
        ([32, 32, 32], 32, 3, [0, 32, 64]),
        ([33], 48, 1, [0]),
        ([40, 40, 16, 16], 64, 2, [0, 64, 40, 104]),
    ],
)
def test_packings_by_hand(lengths: list[int], width: int, rows: int, starts: list[int]) -> None:
    packing = pack(np.asarray(lengths))
    assert (packing.width, packing.rows, packing.starts.tolist()) == (width, rows, starts)


@settings(max_examples=60)
@given(drawn=token_datasets(longest=100), data=st.data())
def test_a_packed_batch_holds_each_sequence_once(
    drawn: tuple[TokenDataset, list[list[int]]], data: st.DataObject
) -> None:
    dataset, tokens = drawn
    count = len(tokens) // len(dataset)
    ids = np.asarray(data.draw(st.lists(st.integers(0, len(dataset) - 1), min_size=1, max_size=8)))
    wanted = [tokens[count * example + place] for example in ids for place in range(count)]
    batch = dataset.packed(ids)
    flat = {name: array.ravel() for name, array in batch.inputs.items()}
    slots = [np.arange(start, start + length) for start, length in zip(flat["starts"], flat["lengths"], strict=True)]
    assert [flat["input_ids"][place].tolist() for place in slots] == wanted
    assert [flat["token_type_ids"][place].tolist() for place in slots] == [
        [token % 2 for token in sequence] for sequence in wanted
    ]
    assert [flat["position_ids"][place].tolist() for place in slots] == [list(range(len(row))) for row in wanted]
    segments = np.full(flat["input_ids"].shape, len(wanted))
    for sequence, place in enumerate(slots):
        segments[place] = sequence
    np.testing.assert_array_equal(flat["segment_ids"], segments)
    padding = segments == len(wanted)
    assert not any(flat[name][padding].any() for name in ("input_ids", "token_type_ids", "position_ids"))
    assert (~padding).sum() == batch.tokens == sum(map(len, wanted))
    assert {array.dtype for array in batch.inputs.values()} == {np.dtype(np.int32)}
    rows, width = batch.inputs["input_ids"].shape
    assert width in WIDTHS
    assert rows <= len(wanted)
    np.testing.assert_array_equal(batch.targets["labels"], ids * 10)
    np.testing.assert_array_equal(batch.example_ids, ids)
    assert (batch.weights.dtype, batch.weights.tolist()) == (np.float32, [1.0] * len(ids))


@given(lengths=FEW, most=st.integers(1, 9))
def test_sorted_cuts_cost_least(lengths: list[int], most: int) -> None:
    dataset = token_dataset(lengths)
    batches = global_batch(dataset, np.arange(len(lengths)), "sorted", most)
    found = sum(batch.examples * int(dataset.lengths[batch.example_ids].max()) + BATCH_COST for batch in batches)
    assert all(batch.examples <= most for batch in batches)
    assert found == min(_costs(sorted(lengths), most))


@given(lengths=FEW)
def test_sorted_is_no_dearer_than_one_batch(lengths: list[int]) -> None:
    batches = global_batch(token_dataset(lengths), np.arange(len(lengths)), "sorted")
    slots = sum(batch.examples * int(batch.inputs["attention_mask"].sum(axis=1).max()) for batch in batches)
    assert slots + len(batches) * BATCH_COST <= len(lengths) * max(lengths) + BATCH_COST


def _costs(lengths: list[int], most: int) -> list[int]:
    """What every way to cut ascending lengths costs."""
    found = []
    for number in range(len(lengths)):
        for cuts in itertools.combinations(range(1, len(lengths)), number):
            parts = list(itertools.pairwise((0, *cuts, len(lengths))))
            if all(end - start <= most for start, end in parts):
                found.append(sum((end - start) * lengths[end - 1] + BATCH_COST for start, end in parts))
    return found


def test_arrays_are_not_packed() -> None:
    dataset = ArrayDataset(np.zeros((3, 1)), np.zeros(3, dtype=np.int32))
    with pytest.raises(TypeError, match="only tokens can be packed"):
        global_batch(dataset, np.arange(3), "packed")
