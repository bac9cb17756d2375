"""The linear probe, held against numbers that are known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ftcore.comparison.probe import STRENGTHS, Examples, fit_probe
from ftcore.errors import RunError


def blobs(count: int, seed: int, spread: float = 0.6) -> Examples:
    generator = np.random.default_rng(seed)
    targets = np.arange(count, dtype=np.int32) % 3
    centres = np.asarray([[2.0, 0, 0, 0], [0, 2.0, 0, 0], [0, 0, 2.0, 0]])
    return Examples(centres[targets] + generator.normal(scale=spread, size=(count, 4)), targets)


def noisy(count: int, seed: int) -> Examples:
    """Return few examples with many features that say nothing: the strength of the penalty matters."""
    part = blobs(count, seed, spread=1.2)
    noise = np.random.default_rng(seed + 100).normal(scale=2.0, size=(count, 30))
    return Examples(np.concatenate([part.features, noise], axis=1), part.targets)


def accuracy(scores: np.ndarray, examples: Examples) -> float:
    return float((scores.argmax(axis=1) == examples.targets).mean())


def test_separable_classes_are_told_apart() -> None:
    probe = fit_probe(blobs(90, 0), blobs(45, 1), 3, 0, accuracy)
    unseen = blobs(300, 2)
    assert accuracy(probe.scores(unseen.features), unseen) > 0.97


def test_the_strength_is_the_one_that_validation_likes_best() -> None:
    train, validation = noisy(45, 3), noisy(90, 4)
    probe = fit_probe(train, validation, 3, 0, accuracy)
    scores = {
        strength: LogisticRegression(C=strength, max_iter=1000)
        .fit(train.features, train.targets)
        .score(validation.features, validation.targets)
        for strength in STRENGTHS
    }
    assert len(set(scores.values())) > 1
    assert probe.strength == max(scores, key=lambda strength: scores[strength])
    assert accuracy(probe.scores(validation.features), validation) == max(scores.values())


def test_classes_that_train_lacks_have_score_zero() -> None:
    train = blobs(30, 0)
    two = train.at(np.flatnonzero(train.targets != 1))
    scores = fit_probe(two, two, 3, 0, accuracy).scores(train.features)
    assert scores.shape == (30, 3)
    assert (scores[:, 1] == 0).all()
    assert scores.sum(axis=1) == pytest.approx(1.0)


def test_without_validation_all_of_train_is_used_in_the_end() -> None:
    train = blobs(60, 5)
    probe = fit_probe(train, None, 3, 0, accuracy)
    whole = LogisticRegression(C=probe.strength, max_iter=1000).fit(train.features, train.targets)
    assert probe.scores(train.features) == pytest.approx(whole.predict_proba(train.features), abs=1e-9)


def test_one_class_is_an_error() -> None:
    train = blobs(30, 0)
    one = train.at(np.flatnonzero(train.targets == 1))
    with pytest.raises(RunError, match="has only one class"):
        fit_probe(one, one, 3, 0, accuracy)
