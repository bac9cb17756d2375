"""The losses of vectors against plain torch formulas, as sentence-transformers has them, and finite differences."""

import numpy as np
import pytest
import torch
from given_arrays import reference, weight
from torch.nn import functional

from ftcore.contract.losses import CosineSimilarity, MultipleNegativesRanking, Triplet
from ftcore.contract.seeds import generator

EXAMPLES, HIDDEN = 5, 3
WEIGHTS = np.asarray([1.0, 0.5, 2.0, 0.0, 4.0], dtype=np.float32)
CASES = [
    (MultipleNegativesRanking(), 2),
    (MultipleNegativesRanking(scale=3.0), 3),
    (CosineSimilarity(), 2),
    (CosineSimilarity(score_at_zero=1.0, score_at_one=5.0), 2),
    (Triplet(), 3),
    (Triplet(margin=0.2), 3),
    (Triplet(margin=0.2, distance="cosine"), 3),
]


def _draw(loss, texts: int) -> tuple[np.ndarray, np.ndarray]:
    draws = generator(0, "tests", str(loss), texts)
    return draws.standard_normal((EXAMPLES * texts, HIDDEN)), draws.random((EXAMPLES, 1)).astype(np.float32)


def _torch_losses(loss, vectors: torch.Tensor, labels: torch.Tensor, texts: int) -> torch.Tensor:
    """Return the loss of each example as sentence-transformers defines it: float64 [examples]."""
    first, *others = (vectors[place::texts] for place in range(texts))
    if isinstance(loss, MultipleNegativesRanking):
        candidates = torch.cat(others)
        scores = functional.normalize(first) @ functional.normalize(candidates).T * loss.scale
        return functional.cross_entropy(scores, torch.arange(len(first)), reduction="none")
    if isinstance(loss, CosineSimilarity):
        wanted = (labels[:, 0] - loss.score_at_zero) / (loss.score_at_one - loss.score_at_zero)
        return functional.mse_loss(torch.cosine_similarity(first, others[0]), wanted, reduction="none")
    if loss.distance == "euclidean":
        near, far = (functional.pairwise_distance(first, other) for other in others)
    else:
        near, far = (1 - functional.cosine_similarity(first, other) for other in others)
    return functional.relu(near - far + loss.margin)


@pytest.mark.parametrize(("loss", "texts"), CASES, ids=str)
def test_total_and_gradient_are_those_of_torch(loss, texts) -> None:
    vectors, labels = _draw(loss, texts)
    found = reference(loss, vectors, labels, WEIGHTS)
    given = torch.tensor(vectors, requires_grad=True)
    losses = _torch_losses(loss, given, torch.tensor(labels, dtype=torch.float64), texts)
    total = (losses * torch.from_numpy(WEIGHTS)).sum()
    total.backward()
    assert found.total == pytest.approx(total.item(), rel=1e-13)
    np.testing.assert_allclose(found.gradient, given.grad.numpy(), rtol=1e-10, atol=1e-14)
    assert weight(loss, labels, WEIGHTS) == pytest.approx(7.5)


@pytest.mark.parametrize(("loss", "texts"), CASES, ids=str)
def test_gradient_is_the_derivative_of_the_total(loss, texts) -> None:
    vectors, labels = _draw(loss, texts)
    gradient = reference(loss, vectors, labels, WEIGHTS).gradient
    step = 1e-6
    for place in np.ndindex(vectors.shape):
        higher, lower = vectors.copy(), vectors.copy()
        higher[place] += step
        lower[place] -= step
        difference = reference(loss, higher, labels, WEIGHTS).total - reference(loss, lower, labels, WEIGHTS).total
        assert gradient[place] == pytest.approx(difference / (2 * step), rel=1e-5, abs=1e-7)


def test_some_triplets_are_far_enough_apart_and_others_are_not() -> None:
    vectors, labels = _draw(Triplet(margin=0.2), 3)
    by_example = reference(Triplet(margin=0.2), vectors, labels, np.ones(EXAMPLES, np.float32)).gradient.reshape(5, -1)
    assert 0 < (np.abs(by_example).sum(axis=1) == 0).sum() < EXAMPLES


def test_every_second_text_of_the_batch_is_a_candidate() -> None:
    vectors, labels = _draw(MultipleNegativesRanking(), 2)
    whole = reference(MultipleNegativesRanking(), vectors, labels, np.ones(EXAMPLES, np.float32)).total
    halves = sum(
        reference(MultipleNegativesRanking(), part, part, np.ones(len(part) // 2, np.float32)).total
        for part in (vectors[:4], vectors[4:])
    )
    assert whole > halves + 0.1


def test_a_text_of_no_length_has_a_finite_gradient() -> None:
    for loss, texts in CASES:
        vectors, labels = _draw(loss, texts)
        vectors[0] = 0.0
        assert np.isfinite(reference(loss, vectors, labels, WEIGHTS).gradient).all()
