"""A file of weights of Keras into a user's own keras.Model."""

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py
import keras

from ftcore.contract.weights import Checkpoint, check_fit, differences
from ftcore.errors import ModelError
from ftcore_keras.foreign import ForeignNetwork
from ftcore_keras.tensors import load_into

WEIGHTS, ARCHIVE, TENSORS, INSIDE = ".weights.h5", ".keras", ".safetensors", "model.weights.h5"
OPTIMIZER = "optimizer/"


def load_weights(module: keras.Model, path: Path) -> tuple[str, ...]:
    """Replace every variable, by Keras's own reading of weights; a .keras file's model is not built, only its weights.

    Keras passes over what a file has too much, so the names and shapes are compared first.

    Raises:
        ModelError: the file is of another form, or a variable is missing, unexpected or of another shape; or the
            module is not built.
    """
    if not module.built:
        raise ModelError(f"{path}: the module is not built, so it has no variables yet: call it once on a batch")
    if not path.is_file():
        raise ModelError(f"{path}: cannot be read: there is no such file")
    if not path.name.endswith((WEIGHTS, ARCHIVE, TENSORS)):
        raise ModelError(
            f"{path}: a keras.Model takes {WEIGHTS} or {ARCHIVE}, with its layers' names, or a run's {TENSORS}"
        )
    if path.suffix == TENSORS:
        return _load_tensors(module, path)
    with tempfile.TemporaryDirectory() as name, _weights(path, Path(name)) as weights:
        own = Path(name) / f"own{WEIGHTS}"
        module.save_weights(own)
        try:
            given = _shapes(weights)
        except OSError as error:
            raise ModelError(f"{path}: is truncated or not a file of Keras ({error}): get it again") from error
        if found := differences(given, _shapes(own)):
            raise ModelError(f"{path}: does not fit the module: {found}")
        try:
            module.load_weights(weights)
        except (ValueError, OSError, KeyError) as error:
            raise ModelError(f"{path}: Keras cannot load it: {str(error).splitlines()[0]}") from error
    return ()


def _load_tensors(module: keras.Model, path: Path) -> tuple[str, ...]:
    """Replace every variable by what a run wrote, under its Keras path."""
    network, checkpoint = ForeignNetwork(module), Checkpoint.open(path)
    own = [*network.parameters(), *network.buffers()]
    check_fit(checkpoint, {named.name: tuple(named.variable.shape) for named in own})
    load_into(own, {named.name: checkpoint.read_stored(named.name) for named in own})
    return checkpoint.notes


@contextmanager
def _weights(path: Path, folder: Path) -> Iterator[Path]:
    """Give the file of weights: the file itself, or that inside an archive."""
    if path.name.endswith(WEIGHTS):
        yield path
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield Path(archive.extract(INSIDE, folder))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{path}: is truncated or not a file of Keras ({error}): get it again") from error


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each variable of a file by its place, the optimizer's left out."""
    found: dict[str, tuple[int, ...]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith(OPTIMIZER):
            found[name] = tuple(item.shape)

    with h5py.File(path) as file:
        file.visititems(note)
    return found
