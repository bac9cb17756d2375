"""Rung: the methods of the backend and its learner have the signatures of the contract. Bound: equal."""

import inspect
from collections.abc import Iterator

from ftcore.conformance import linear
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured
from ftcore.conformance.subject import Subject
from ftcore.contract import Backend, Learner
from ftcore.contract.losses import MeanSquaredError


def rows(subject: Subject) -> Iterator[Measured]:
    """Compare every public method of both protocols; the error is the number of differences."""
    network = linear.network(2, 1)
    learner = subject.build(network, linear.parameters(network, "signatures"), MeanSquaredError())
    for found, protocol in ((type(subject.backend), Backend), (type(learner), Learner)):
        for name, differing in methods(found, protocol):
            told = "".join(f"; {text}" for text in differing)
            yield Measured(f"{protocol.__name__}.{name}{told}", len(differing), EXACT)


def learner_differences(learner: Learner) -> list[str]:
    """Return the differences between a learner's methods and the protocol's, in words."""
    return [f"{name}: {text}" for name, differing in methods(type(learner), Learner) for text in differing]


def methods(found: type, protocol: type) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each public method of a protocol, and how a class differs there, in words."""
    for name in _methods(protocol):
        yield name, differences(getattr(found, name, None), getattr(protocol, name))


def differences(found: object, wanted: object) -> list[str]:
    """Return the differences between the signatures of two functions, in words."""
    if not callable(found):
        return ["missing"]
    if not callable(wanted):
        raise TypeError(f"{wanted!r} is not a method")
    left, right = (inspect.signature(function, eval_str=True) for function in (found, wanted))
    if left.parameters.keys() != right.parameters.keys():
        return [f"arguments {', '.join(left.parameters)}, not {', '.join(right.parameters)}"]
    different = [
        f"argument `{left.parameters[name]}`, not `{argument}`"
        for name, argument in right.parameters.items()
        if left.parameters[name] != argument
    ]
    if left.return_annotation != right.return_annotation:
        different.append(f"returns {left.return_annotation}, not {right.return_annotation}")
    return different


def _methods(protocol: type) -> list[str]:
    return [name for name, value in vars(protocol).items() if not name.startswith("_") and callable(value)]
