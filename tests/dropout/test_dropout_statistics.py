"""Keyed masks look like independent draws: their rate, and no tie between any two of their elements.

Every number is fixed, so nothing here can fail by chance: bounds are in standard deviations of independent draws.
"""

import itertools
from typing import NamedTuple

import numpy as np
import pytest
from scipy.stats import chi2

from ftcore.contract import Batch, dropout

EXAMPLES, LENGTH, CHANNELS, HEADS = 48, 64, 96, 12
RATES = (0.05, 0.1, 0.3, 0.5, 0.9)
DEVIATIONS = 5.0
SITES = ("embeddings", "blocks.0.attention", "blocks.0.feed_forward", "blocks.1.attention", "head")


def token_keys(examples: int = EXAMPLES, length: int = LENGTH, first: int = 0) -> np.ndarray:
    """Keys of the tokens of examples `first` ..., int32 [examples, length]."""
    ids = np.arange(first, first + examples, dtype=np.int64)
    inputs = {"input_ids": np.ones((examples, length), dtype=np.int32)}
    found = dropout.keys(Batch(inputs, {}, np.ones(examples, dtype=np.float32), ids)).tokens
    assert found is not None
    return found


def site_key(seed: int = 0, step: int = 1, site: str = SITES[0]) -> np.int32:
    key: np.int32 = dropout.site_keys(seed, step, [site])[0]
    return key


class Elements(NamedTuple):
    """Two factors of a mask's hashes, int32."""

    one: np.ndarray
    other: np.ndarray


def channels_of(tokens: np.ndarray, site: np.int32, count: int = CHANNELS) -> Elements:
    """Elements of hidden states, [..., channels]."""
    return Elements((tokens ^ site)[..., None], dropout.channel_keys(count))


def weights_of(tokens: np.ndarray, site: np.int32, heads: int = HEADS) -> Elements:
    """Elements of attention weights, [rows, heads, length, length]."""
    with np.errstate(over="ignore"):
        queries = (tokens ^ site)[:, None] * dropout.channel_keys(heads)[:, None]
    return Elements(queries[..., None], tokens[:, None, None])


def standard(elements: Elements, rate: float) -> np.ndarray:
    """The mask with mean 0 and variance 1 under independent draws."""
    return (dropout.kept(*elements, rate) - (1 - rate)) / np.sqrt(rate * (1 - rate))


MASKS = {
    "hidden states": channels_of(token_keys(), site_key()),
    "attention weights": weights_of(token_keys(12, 48), site_key()),
    "hidden states of far ids": channels_of(token_keys(first=2**40), site_key(7, 10**6)),
}
each_mask = pytest.mark.parametrize("name", MASKS)
each_rate = pytest.mark.parametrize("rate", RATES)


@each_rate
@each_mask
def test_the_rate_is_met_and_the_mean_kept(name: str, rate: float) -> None:
    values = standard(MASKS[name], rate)
    assert abs(values.sum()) / np.sqrt(values.size) < DEVIATIONS
    scaled = dropout.kept(*MASKS[name], rate) / (1 - rate)
    assert scaled.mean() == pytest.approx(1.0, abs=DEVIATIONS * np.sqrt(rate / (1 - rate) / values.size))


@each_rate
@each_mask
def test_the_rate_is_met_in_every_row_column_and_plane(name: str, rate: float) -> None:
    values = standard(MASKS[name], rate)
    for axis in range(values.ndim):
        sums = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
        counted = sums.sum(axis=1) / np.sqrt(sums.shape[1])
        assert np.abs(counted).max() < DEVIATIONS
        likelihood = chi2(len(counted)).cdf((counted**2).sum())
        assert 1e-6 < likelihood < 1 - 1e-6


@each_rate
@each_mask
def test_neighbours_along_every_axis_are_not_correlated(name: str, rate: float) -> None:
    values = standard(MASKS[name], rate)
    for axis, lag in itertools.product(range(values.ndim), (1, 2, 3, 8)):
        moved = np.moveaxis(values, axis, 0)
        products = moved[:-lag] * moved[lag:]
        assert abs(products.sum()) / np.sqrt(products.size) < DEVIATIONS, (axis, lag)


@each_rate
def test_no_two_channels_and_no_two_tokens_are_correlated(rate: float) -> None:
    many = standard(channels_of(token_keys(512, 16).ravel(), site_key(), 1024), rate)
    for values in (many[:, :256], many.T[:, :256]):
        correlations = _pairs(values)
        # Of 32640 pairs the largest of independent ones is near 4.2.
        assert np.abs(correlations).max() < 6.5
        assert (correlations**2).mean() == pytest.approx(1.0, abs=0.05)


@each_rate
def test_no_two_queries_keys_or_heads_are_correlated(rate: float) -> None:
    values = standard(weights_of(token_keys(1, 512), site_key(), 4), rate)[0]
    by_key = values.transpose(0, 1, 2).reshape(-1, 512)
    by_query = values.transpose(0, 2, 1).reshape(-1, 512)
    by_head = values.reshape(4, -1).T
    for columns in (by_key, by_query, by_head):
        assert np.abs(_pairs(columns)).max() < 6.5
    both_ways = values * values.transpose(0, 2, 1)
    upper = both_ways[:, *np.triu_indices(512, 1)]
    assert abs(upper.sum()) / np.sqrt(upper.size) < DEVIATIONS


@each_rate
@pytest.mark.parametrize("name", ["hidden states", "attention weights"])
def test_rectangles_are_not_tied(name: str, rate: float) -> None:
    # Of the hashes of four corners, the products of opposite ones are equal.
    values = standard(MASKS[name], rate)
    corners = values[..., :-1, :-1] * values[..., 1:, :-1] * values[..., :-1, 1:] * values[..., 1:, 1:]
    assert abs(corners.sum()) / np.sqrt(corners.size) < DEVIATIONS


OTHERS = {
    "site": [site_key(site=site) for site in SITES],
    "step": [site_key(step=step) for step in (1, 2, 3, 1000, 2**31, 2**40)],
    "seed": [site_key(seed=seed) for seed in (0, 1, 2, 2**63)],
}


@each_rate
@pytest.mark.parametrize("what", OTHERS)
def test_sites_steps_and_seeds_have_masks_of_their_own(what: str, rate: float) -> None:
    keys = OTHERS[what]
    assert len(set(keys)) == len(keys)
    for elements in (channels_of, weights_of):
        tokens = token_keys(12, 48)
        masks = [standard(elements(tokens, key), rate).ravel() for key in keys]
        assert np.abs(_pairs(np.stack(masks, axis=1))).max() < DEVIATIONS


def test_the_masks_of_a_token_over_many_steps_are_not_tied() -> None:
    keys = np.asarray([site_key(step=step) for step in range(1, 4097)])
    of_steps = token_keys(1, 4)[0, :, None] ^ keys
    values = standard(Elements(of_steps[..., None], dropout.channel_keys(64)), 0.1)
    assert np.abs(values.sum(axis=1)).max() / 64 < DEVIATIONS
    successive = values[:, :-1] * values[:, 1:]
    assert abs(successive.sum()) / np.sqrt(successive.size) < DEVIATIONS


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.999, 1 - 1e-15])
def test_the_threshold_is_the_rate_of_all_words(rate: float) -> None:
    words = np.arange(-(2**31), 2**31, 2**12 + 1, dtype=np.int64)
    assert np.mean(words >= dropout.threshold(rate)) == pytest.approx(1 - rate, abs=2e-6)
    assert -(2**31) <= dropout.threshold(rate) < 2**31


def test_a_rate_of_zero_keeps_everything() -> None:
    assert dropout.kept(*MASKS["hidden states"], 0.0).all()


def test_every_key_is_odd_and_stays_so() -> None:
    # A product of odd words takes every odd word once, whatever one of its factors is: the rate is the threshold's.
    tokens, channels = token_keys(), dropout.channel_keys(1024)
    assert (tokens % 2 == 1).all()
    assert (channels % 2 == 1).all()
    assert ((tokens ^ site_key()) % 2 == 1).all()


@each_rate
def test_triples_of_channels_are_not_tied(rate: float) -> None:
    values = standard(channels_of(token_keys(512, 16).ravel(), site_key(), 96), rate)
    first, second = np.triu_indices(96, 1)
    found = (values[:, first] * values[:, second]).T @ values / np.sqrt(len(values))
    found[np.arange(len(first)), first] = found[np.arange(len(first)), second] = 0.0
    # Products of three rare events have a heavy tail.
    assert np.abs(found).max() < 10.0


def _pairs(values: np.ndarray) -> np.ndarray:
    """Correlation of each pair of columns, in standard deviations of independent ones."""
    found = values.T @ values / np.sqrt(len(values))
    return found[np.triu_indices(found.shape[0], 1)]
