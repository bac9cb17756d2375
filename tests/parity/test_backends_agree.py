"""Every pair of backends: the same curve, and a run that one saved and the other goes on with."""

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import worker

from ftcore.conformance.bounds import BOUNDS
from ftcore.conformance.measure import different_bits
from ftcore.contract import discovery as backends

PAIRS = list(itertools.combinations(backends.names(), 2))
each_precision = pytest.mark.parametrize("precision", sorted(BOUNDS))
pytestmark = pytest.mark.slow


def test_there_are_two_backends() -> None:
    assert len(PAIRS) >= 1


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def runs(request, tmp_path_factory):
    """Run both backends, each in processes of its own; the first goes on from the second's save, and the reverse."""
    folder, (first, second) = tmp_path_factory.mktemp("runs"), request.param
    for arguments in ([second], [first, second], [second, first]):
        _work(folder, *arguments)
    return folder, first, second


def _work(folder: Path, name: str, *others: str) -> None:
    command = [sys.executable, worker.__file__, name, ",".join(sorted(BOUNDS)), str(folder), *others]
    child = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert child.returncode == 0, child.stderr[-3000:]


def _read(folder: Path, name: str, precision: str) -> dict[str, np.ndarray]:
    with np.load(folder / f"{name}-{precision}.npz") as content:
        return {key: content[key] for key in content.files}


@each_precision
def test_the_curves_lie_on_each_other(runs, precision) -> None:
    folder, first, second = runs
    found, wanted = (_read(folder, name, precision)["losses"] for name in (first, second))
    assert len(found) == worker.LAST
    assert np.abs(found / wanted - 1).max() <= BOUNDS[precision].loss


@each_precision
def test_the_curves_with_dropout_on_packed_batches_lie_on_each_other(runs, precision) -> None:
    folder, first, second = runs
    found, wanted = (_read(folder, name, precision)["dropped"] for name in (first, second))
    assert len(found) == worker.SAVED
    assert np.abs(found / wanted - 1).max() <= BOUNDS[precision].loss
    assert np.abs(found / _read(folder, first, precision)["losses"][: worker.SAVED] - 1).min() > 1e-4


@each_precision
@pytest.mark.parametrize("direction", [1, -1], ids=["forth", "back"])
def test_a_save_is_loaded_bit_for_bit_and_goes_on(runs, precision, direction) -> None:
    folder, *names = runs
    name, source = names[::direction]
    saved, loaded = _read(folder, source, precision), _read(folder, f"{name}-from-{source}", precision)
    wanted, found = saved.pop("losses"), loaded.pop("losses")
    del saved["dropped"]
    assert len(loaded) > 2
    assert different_bits(loaded, saved) == 0
    assert np.abs(found / wanted[worker.SAVED :] - 1).max() <= BOUNDS[precision].loss
