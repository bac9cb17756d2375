"""A mask belongs to the example: packing, splitting, order and company do not change it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcore.conformance import batches as cases
from ftcore.contract import Batch, dropout
from ftcore.data.batches import ARRANGEMENTS, Batching, global_batch
from ftcore.inputs.arrays.dataset import ArrayDataset
from ftcore.inputs.tokens.store import TokenArrays, TokenDataset


def dataset(lengths: Sequence[int], sequences: int) -> TokenDataset:
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    examples, tokens = len(lengths) // sequences, int(starts[-1])
    arrays = TokenArrays(
        ids=np.arange(1, tokens + 1, dtype=np.int32),
        type_ids=np.zeros(tokens, dtype=np.uint8),
        starts=starts,
        targets=np.zeros(examples, dtype=np.int32),
        hashes=np.zeros(examples, dtype=np.uint64),
        truncated=np.zeros(examples, dtype=bool),
        sequences=sequences,
    )
    return TokenDataset(arrays, max_length=64, pad_token_id=0)


def keys_by_token(batches: Sequence[Batch]) -> dict[int, int]:
    """The key of each token: in these data sets no token occurs twice."""
    found: dict[int, int] = {}
    for batch in batches:
        tokens = dropout.keys(batch).tokens
        assert tokens is not None
        assert (tokens.dtype, tokens.shape) == (np.int32, batch.inputs["input_ids"].shape)
        real = batch.inputs["input_ids"] != 0
        found |= dict(zip(batch.inputs["input_ids"][real].tolist(), tokens[real].tolist(), strict=True))
    return found


def keys_by_example(batches: Sequence[Batch]) -> dict[int, int]:
    return {
        int(example): int(key)
        for batch in batches
        for example, key in zip(batch.example_ids, dropout.keys(batch).examples, strict=True)
    }


@settings(max_examples=60)
@given(
    sequences=st.integers(1, 2),
    lengths=st.lists(st.integers(1, 40), min_size=2, max_size=20),
    batching=st.sampled_from(sorted(ARRANGEMENTS)),
    most=st.none() | st.integers(1, 6),
    data=st.data(),
)
def test_no_arrangement_changes_a_key(
    sequences: int, lengths: list[int], batching: Batching, most: int | None, data: st.DataObject
) -> None:
    lengths = lengths[: len(lengths) // sequences * sequences]
    examples = dataset(lengths, sequences)
    order = np.asarray(data.draw(st.permutations(range(len(examples)))))
    wanted, found = [examples.batch(np.arange(len(examples)))], global_batch(examples, order, batching, most)
    assert keys_by_token(found) == keys_by_token(wanted)
    assert keys_by_example(found) == keys_by_example(wanted)


@pytest.mark.parametrize("sequences", [1, 2])
def test_no_two_sequences_and_no_two_tokens_share_a_key(sequences: int) -> None:
    examples = dataset([17] * 240, sequences)
    found = keys_by_token([examples.packed(np.arange(len(examples)))])
    assert len(set(found.values())) == len(found) == 17 * 240
    assert not set(found.values()) & set(keys_by_example([examples.batch(np.arange(len(examples)))]).values())


def test_the_key_of_an_example_is_that_of_its_id_alone() -> None:
    many, few = (ArrayDataset(np.zeros((count, 3)), np.zeros(count, dtype=np.int32)) for count in (50, 10))
    whole = dropout.keys(many.batch(np.arange(50)))
    assert whole.tokens is None
    assert dropout.keys(few.batch(np.asarray([7, 3]))).examples.tolist() == whole.examples[[7, 3]].tolist()


def test_the_first_of_a_pair_drops_like_a_single_sequence() -> None:
    single, pairs = dataset([5, 5], 1), dataset([5, 5, 5, 5], 2)
    alone, both = (dropout.keys(one.batch(np.asarray([1]))).tokens for one in (single, pairs))
    assert alone is not None
    assert both is not None
    assert alone[0].tolist() == both[0].tolist() != both[1].tolist()


@given(rate=st.sampled_from([0.1, 0.5]), step=st.integers(1, 10**6), width=st.integers(8, 40))
def test_masks_of_packed_and_padded_attention_are_the_same(rate: float, step: int, width: int) -> None:
    padded = cases.tokens((8, 5, 3, 2, 7, 1), 8, 30, np.zeros(3, dtype=np.int32), "keys")
    packed = cases.packed(padded, width)
    site = dropout.site_keys(0, step, ["weights"])[0]
    alone, together = _attention_masks(padded, site, rate), _attention_masks(packed, site, rate).ravel()
    for sequence, (start, length) in enumerate(zip(packed.inputs["starts"], packed.inputs["lengths"], strict=True)):
        row, column = divmod(int(start), width)
        places = row * width * width + (column + np.arange(length)[:, None]) * width + column + np.arange(length)
        np.testing.assert_array_equal(together[places], alone[sequence, :length, :length])


def _attention_masks(batch: Batch, site: np.int32, rate: float) -> np.ndarray:
    tokens = dropout.keys(batch).tokens
    assert tokens is not None
    return dropout.kept((tokens ^ site)[:, :, None], tokens[:, None, :], rate)


def test_site_keys_are_pinned_and_differ() -> None:
    sites = ["embeddings", "blocks.0.attention", "head"]
    found = dropout.site_keys(3, 5, sites)
    assert found.dtype == np.int32
    assert found.tolist() == [int(dropout.site_keys(3, 5, [site])[0]) for site in sites]
    others = [dropout.site_keys(seed, step, sites) for seed, step in ((3, 6), (4, 5), (35, 5), (3, 55))]
    assert len({int(key) for keys in (found, *others) for key in keys}) == 15


def test_the_definition_is_pinned() -> None:
    """Another number here is another mask: saved runs would not go on as they began."""
    batch = cases.tokens((3, 2), 3, 9, np.zeros(2, dtype=np.int32), "pinned")
    batch = replace(batch, example_ids=np.asarray([4, 2**33]))
    found = dropout.keys(batch)
    assert found.tokens is not None
    assert {
        "examples": found.examples.tolist(),
        "tokens": found.tokens[:, 0].tolist(),
        "sites": dropout.site_keys(1, 2, ["head"]).tolist(),
        "channels": dropout.channel_keys(3).tolist(),
        "rows": dropout.row_keys(3).tolist(),
        "kept": dropout.kept(dropout.channel_keys(8), np.int32(2**31 - 3), 0.5).tolist(),
    } == PINNED


PINNED = {
    "examples": [1908508305, 1388635015],
    "tokens": [-1229088719, -1609781751],
    "sites": [879704334],
    "channels": [-1285049675, -1692304771, -1611566923],
    "rows": [486934079, -522829503, 392640771],
    "kept": [True, False, False, True, False, False, True, True],
}
