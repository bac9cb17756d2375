"""Every distance of two tokens reads the row of relative positions that it reads in transformers."""

import numpy as np
import pytest
import torch
from transformers.models.deberta_v2.modeling_deberta_v2 import build_relative_position, make_log_bucket_position

from ftcore.models.disentangled import buckets, table_rows
from ftcore.models.network import Disentangled

BOTH = frozenset({"content_to_position", "position_to_content"})


@pytest.mark.parametrize(
    ("count", "farthest"), [(256, 512), (32, 512), (6, 34), (7, 20), (2, 512), (128, 130), (320, 1024), (64, 34)]
)
def test_buckets_are_those_of_transformers(count: int, farthest: int) -> None:
    distances = torch.arange(-2 * 512, 2 * 512 + 1)
    wanted = make_log_bucket_position(distances, count, farthest).long()
    np.testing.assert_array_equal(buckets(distances.numpy(), count, farthest), wanted.numpy())


@pytest.mark.parametrize(
    ("described", "longest"),
    [
        (Disentangled(BOTH, 512, 256), 512),
        (Disentangled(BOTH, 24, 6), 40),
        (Disentangled(BOTH, 512), 512),
        (Disentangled(BOTH, 4), 33),
        (Disentangled(BOTH, 1), 1),
    ],
)
def test_rows_are_those_of_transformers_for_both_terms(described: Disentangled, longest: int) -> None:
    tokens = torch.zeros(longest, 1)
    relative = build_relative_position(tokens, tokens, described.buckets or -1, described.farthest)[0]
    last = 2 * described.span - 1
    of_queries = (relative + described.span).clamp(0, last)
    of_keys = (-relative + described.span).clamp(0, last).T
    rows = table_rows(described, longest)
    places = np.arange(longest)
    found = rows[longest - 1 - places[:, None] + places]
    assert rows.shape == (2 * longest,)
    np.testing.assert_array_equal(found, of_queries.numpy())
    np.testing.assert_array_equal(found, of_keys.numpy())
