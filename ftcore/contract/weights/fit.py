"""Compares the names and shapes of given tensors with the expected ones."""

from collections.abc import Mapping

from ftcore.contract.weights.checkpoint import Checkpoint
from ftcore.errors import ModelError

SHOWN = 5
"""Number of names that an error lists."""


def check_fit(checkpoint: Checkpoint, wanted: Mapping[str, tuple[int, ...]]) -> None:
    """Check that a checkpoint has exactly the tensors of these names and shapes.

    Raises:
        ModelError: it does not; the message lists the differences.
    """
    if found := differences({name: checkpoint.shape(name) for name in checkpoint.names}, wanted):
        raise ModelError(f"{checkpoint.path}: does not fit the module: {found}")


def differences(given: Mapping[str, tuple[int, ...]], wanted: Mapping[str, tuple[int, ...]]) -> str:
    """Return a text about how the names and shapes of a file differ from the expected ones; "" if they do not."""
    missing, unexpected = [one for one in wanted if one not in given], [one for one in given if one not in wanted]
    unlike = [one for one in wanted if one in given and given[one] != wanted[one]]
    words = [f"it lacks {listed(missing)}"] if missing else []
    words += [f"it has {listed(unexpected)} too much"] if unexpected else []
    words += [f"{one!r} is {list(given[one])}, not {list(wanted[one])}" for one in unlike[:SHOWN]]
    return "; ".join(words) + _more(len(unlike) - SHOWN)


def listed(names: list[str]) -> str:
    """Return the first few names of tensors, for an error message."""
    shown = ", ".join(repr(name) for name in names[:SHOWN])
    return f"tensor {shown}" if len(names) == 1 else f"tensors {shown}" + _more(len(names) - SHOWN)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
