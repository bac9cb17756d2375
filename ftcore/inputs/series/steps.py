"""Converts a row's lists, or a part of an array, to the vectors of a sequence, or raises with the reason."""

import reprlib

import numpy as np


def vectors_of_lists(value: object, column: str, channels: int) -> np.ndarray:
    """Return a row's sequence, float32 [steps, channels].

    Args:
        value: a list of steps, each a list of numbers.
        column: the file's name of the column.
        channels: the number of channels that the network takes.

    Raises:
        ValueError: with the reason; the sequence does not fit the network.
    """
    if value is None:
        raise ValueError(f"{column} is missing")
    if not isinstance(value, list):
        raise ValueError(f"{column} is not a list of lists of numbers but {reprlib.repr(value)}")
    if not value:
        raise ValueError(f"{column} is empty")
    for place, step in enumerate(value):
        _check_step(step, f"{column}[{place}]")
    _check_channels([len(step) for step in value], column, channels)
    try:
        return vectors_of_array(np.array(value, dtype=np.float64), column, channels)
    except OverflowError:
        raise ValueError(f"{column} has an integer that is too large for float32") from None


def vectors_of_array(values: np.ndarray, column: str, channels: int) -> np.ndarray:
    """Return a sequence as float32 [steps, channels].

    Args:
        values: [steps, channels], of numbers.
        column: the file's name of the column.
        channels: the number of channels that the network takes.

    Raises:
        ValueError: with the reason; the sequence does not fit the network.
    """
    if not len(values):
        raise ValueError(f"{column} is empty")
    _check_channels([values.shape[1]], column, channels)
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    if not np.isfinite(found).all():
        step, channel = np.argwhere(~np.isfinite(found))[0].tolist()
        raise ValueError(f"{column}[{step}][{channel}] is {values[step, channel]}, but must be a finite float32")
    return found


def _check_step(step: object, described: str) -> None:
    if not isinstance(step, list):
        raise ValueError(f"{described} is not a list of numbers, one per channel, but {reprlib.repr(step)}")
    for channel, number in enumerate(step):
        # Python's True is an int, but not a number here.
        if type(number) not in (int, float):
            raise ValueError(f"{described}[{channel}] is not a number but {reprlib.repr(number)}")


def _check_channels(counts: list[int], column: str, channels: int) -> None:
    ragged = next((place for place, count in enumerate(counts) if count != counts[0]), None)
    if ragged is not None:
        raise ValueError(
            f"{column}[{ragged}] has {counts[ragged]} numbers, but {column}[0] has {counts[0]}: every step must "
            "have one number per channel"
        )
    if counts[0] != channels:
        raise ValueError(f"{column} has {counts[0]} channels, but the network takes {channels} (its input_size)")
