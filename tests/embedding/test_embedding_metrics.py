"""Spearman and recall at k against the plain formulas."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from ftcore.contract.losses import MultipleNegativesRanking
from ftcore.contract.seeds import generator
from ftcore.inputs import Preparer
from ftcore.inputs.arrays import ArrayDataset
from ftcore.targets import Known
from ftcore.targets import similarity as embedding
from ftcore.tasks import TASKS

TASK = TASKS["sentence-embedding"]
NO_SCORES = np.zeros((40, 0), np.float32)


def _vectors(texts: int = 2) -> np.ndarray:
    draws = generator(0, "tests", "vectors", texts)
    vectors = draws.standard_normal((40, texts, 5))
    vectors[:, 1] += vectors[:, 0]
    return vectors * draws.random((40, texts, 1))


def _ranks(vectors: np.ndarray) -> list[int]:
    """Return the place of each first text's own second text among all, 0 for the nearest."""
    units = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return [int(np.argsort(-(units[:, 1] @ units[row, 0])).tolist().index(row)) for row in range(len(units))]


@pytest.mark.parametrize("chunk", [1, 100, 2**22])
@pytest.mark.parametrize("texts", [2, 3])
def test_recall_is_the_share_of_own_texts_among_the_nearest(texts: int, chunk: int, monkeypatch) -> None:
    monkeypatch.setattr(embedding, "CHUNK", chunk)
    vectors = _vectors(texts)
    ranks = np.asarray(_ranks(vectors))
    assert 0 < (ranks < 1).mean() < (ranks < 5).mean() < (ranks < 10).mean() < 1
    wanted = {f"recall_at_{most}": (ranks < most).mean() for most in (1, 5, 10)}
    assert TASK.target.metrics(vectors, NO_SCORES) == pytest.approx(wanted)


def test_equal_texts_do_not_hide_each_other() -> None:
    """Those that are twice there differ by a float32's rounding."""
    vectors = np.ones((40, 2, 5)) + 1e-8 * _vectors()
    vectors[20:, :, 0] = -1.0
    assert TASK.target.metrics(vectors, NO_SCORES)["recall_at_1"] == 1.0


def test_vectors_that_are_all_the_same_have_no_recall() -> None:
    """Every text would be found first, because none is nearer."""
    assert TASK.target.metrics(np.ones((40, 2, 5)) + 1e-9 * _vectors(), NO_SCORES) == {}


def test_spearman_is_that_of_cosines_and_scores() -> None:
    vectors, scores = _vectors(), generator(0, "tests", "scores").random((40, 1)).astype(np.float32)
    found = (vectors[:, 0] * vectors[:, 1]).sum(axis=1) / np.linalg.norm(vectors, axis=-1).prod(axis=1)
    wanted = spearmanr(found, scores[:, 0]).statistic
    assert TASK.target.metrics(vectors, scores) == pytest.approx({"spearman": wanted})


def test_equal_cosines_share_their_rank_whatever_their_rounding() -> None:
    scores = np.arange(40, dtype=np.float32)[:, None]
    vectors = np.ones((40, 2, 5)) + 1e-9 * _vectors()
    assert TASK.target.metrics(vectors, scores) == {}


def test_recall_that_is_always_1_among_few_rows_is_said() -> None:
    objective = TASK.target.objective(Known([], MultipleNegativesRanking(), Preparer()))
    for rows, hollow in ((1, 3), (5, 2), (6, 1), (11, 0)):
        split = ArrayDataset(np.zeros((rows, 1), np.float32), np.zeros((rows, 0), np.float32))
        notes = objective.notes_of_split("test", split)
        assert len([note for note in notes if f"says nothing: it is always 1 among {rows} rows" in note]) == hollow


def test_vectors_of_no_length_have_cosine_0() -> None:
    assert TASK.target.predictions(np.zeros((1, 2, 5)), []) == [{"cosine": 0.0}]


def test_recall_weighs_and_spearman_does_not() -> None:
    vectors = np.random.default_rng(3).normal(size=(6, 2, 4))
    weights = np.asarray([1, 2, 3, 1, 2, 3], np.float32)
    each = [TASK.target.metrics(vectors, NO_SCORES, np.eye(6)[row] + 1e-12)["recall_at_1"] for row in range(6)]
    found = TASK.target.metrics(vectors, NO_SCORES, weights)["recall_at_1"]
    assert found == pytest.approx(np.average(each, weights=weights), abs=1e-6)
    scores = np.arange(6, dtype=np.float32)[:, None]
    assert TASK.target.metrics(vectors, scores, weights) == TASK.target.metrics(vectors, scores)
