"""Rung: parameters are loaded and returned with the checkpoint's names and shapes. Bound: equal bits."""

from collections.abc import Iterator, Mapping

import ml_dtypes
import numpy as np

from ftcore.conformance.bert import CASES, BertCase
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured, different_bits
from ftcore.conformance.subject import Subject
from ftcore.contract import Learner
from ftcore.contract.seeds import generator
from ftcore.errors import ModelError

STORED_TYPES = ("float64", "float32", "float16", "bfloat16")


def rows(subject: Subject) -> Iterator[Measured]:
    """Load and read back every network; the error is the number of arrays that differ."""
    for case in CASES:
        learner = subject.build(case.network(), case.tensors)
        wanted = _full_precision(case, subject.dtype)
        learner.load_tensors(wanted)
        yield Measured(f"{case.name}: returned as loaded", different_bits(learner.tensors(), wanted), EXACT)
    yield from _types(subject, learner, wanted)
    yield Measured("returned tensors are copies", _not_copied(learner, wanted), EXACT)
    yield from _refusals(learner, wanted)


def _full_precision(case: BertCase, dtype: np.dtype[np.generic]) -> dict[str, np.ndarray]:
    draws = generator(0, "conformance", "tensors", case.name)
    return {name: draws.standard_normal(value.shape).astype(dtype) for name, value in case.tensors.items()}


def _types(subject: Subject, learner: Learner, tensors: Mapping[str, np.ndarray]) -> Iterator[Measured]:
    for name in STORED_TYPES:
        dtype = np.dtype(getattr(ml_dtypes, name, name))
        stored = {key: value.astype(dtype) for key, value in tensors.items()}
        learner.load_tensors(stored)
        wanted = {key: value.astype(subject.dtype) for key, value in stored.items()}
        yield Measured(f"loaded from {name}", different_bits(learner.tensors(), wanted), EXACT)


def _not_copied(learner: Learner, tensors: Mapping[str, np.ndarray]) -> int:
    learner.load_tensors(tensors)
    for value in learner.tensors().values():
        if value.flags.writeable:
            value.fill(0)
    return different_bits(learner.tensors(), tensors)


def _refusals(learner: Learner, tensors: Mapping[str, np.ndarray]) -> Iterator[Measured]:
    first, *others = tensors
    wrong = {
        "missing": {name: tensors[name] for name in others},
        "unexpected": {**tensors, "unexpected.weight": np.zeros(2)},
        "misshapen": {**tensors, first: tensors[first][:-1]},
    }
    for fault, given in wrong.items():
        yield Measured(f"a {fault} tensor is a ModelError", 0 if _refused(learner, given) else 1, EXACT)
        yield Measured(f"a {fault} tensor changes nothing", different_bits(learner.tensors(), tensors), EXACT)


def _refused(learner: Learner, tensors: Mapping[str, np.ndarray]) -> bool:
    try:
        learner.load_tensors(tensors)
    except ModelError:
        return True
    return False
