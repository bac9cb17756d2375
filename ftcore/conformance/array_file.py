"""Writes and reads a file of named float64 arrays, with the versions of the packages that computed them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ftcore.files import replacing


def write(file: Path, arrays: Mapping[str, np.ndarray], versions: str) -> None:
    """Write arrays of any shapes as one flat array with an index, to avoid a header for each small array."""
    index = json.dumps({key: value.shape for key, value in arrays.items()})
    values = np.concatenate([value.ravel() for value in arrays.values()])
    with replacing(file) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, values=values, index=np.asarray(index), versions=np.asarray(versions))


def read(file: Path) -> tuple[dict[str, np.ndarray], str]:
    """Return the arrays by name, each of its own shape, and the versions in words."""
    with np.load(file, allow_pickle=False) as content:
        values, index, versions = content["values"], json.loads(str(content["index"])), str(content["versions"])
    ends = np.cumsum([math.prod(shape) for shape in index.values()])
    parts = np.split(values, ends[:-1])
    return {key: part.reshape(shape) for (key, shape), part in zip(index.items(), parts, strict=True)}, versions


def versions_text(versions: Mapping[str, str]) -> str:
    """Return "PACKAGE VERSION, PACKAGE VERSION", sorted."""
    return ", ".join(f"{package} {version}" for package, version in sorted(versions.items()))
