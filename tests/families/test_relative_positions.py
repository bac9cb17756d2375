"""Buckets of relative positions are transformers' own, at every distance."""

import numpy as np
import pytest
import torch
from transformers.models.t5.modeling_t5 import T5Attention

from ftcore.models.network import RelativePositions
from ftcore.models.relative import buckets_of


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("buckets", "farthest"), [(32, 128), (8, 20), (64, 256)])
def test_buckets_are_those_of_transformers(buckets: int, farthest: int, bidirectional: bool) -> None:
    distances = np.arange(-600, 601)
    wanted = T5Attention._relative_position_bucket(torch.tensor(distances), bidirectional, buckets, farthest)
    found = buckets_of(distances, RelativePositions(buckets, farthest, bidirectional))
    np.testing.assert_array_equal(found, wanted.numpy())
