"""Buckets of distances and sinusoids are those of transformers, to the last one."""

import numpy as np
import pytest
import torch
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding
from transformers.models.t5.modeling_t5 import T5Attention

from ftcore.contract.network import RelativePositions
from ftcore.contract.network.relative import buckets_of
from ftcore.models.initial import sinusoidal


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("buckets", "farthest"), [(32, 128), (8, 12), (6, 12), (64, 256), (32, 512), (20, 100)])
def test_buckets_are_those_of_transformers(buckets: int, farthest: int, bidirectional: bool) -> None:
    distances = np.arange(-600, 601)
    found = buckets_of(distances, RelativePositions(buckets, farthest, bidirectional))
    wanted = T5Attention._relative_position_bucket(torch.tensor(distances), bidirectional, buckets, farthest)
    np.testing.assert_array_equal(found, wanted.numpy())
    # Farther than the farthest there is one bucket a direction: a table of the nearer ones is enough.
    assert len(set(found[distances <= -farthest].tolist())) == 1
    assert len(set(found[distances >= farthest].tolist())) == 1


@pytest.mark.parametrize(("positions", "channels"), [(40, 16), (7, 6), (1024, 512)])
def test_sinusoids_are_those_of_transformers(positions: int, channels: int) -> None:
    wanted = MarianSinusoidalPositionalEmbedding(positions, channels).create_weight()
    np.testing.assert_array_equal(sinusoidal(positions, channels), wanted.numpy(), strict=True)
