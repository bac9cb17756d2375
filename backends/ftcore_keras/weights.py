"""Loads a file of Keras weights into a user's own keras.Model."""

import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
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
    """Replace every variable through Keras's own loading; of a .keras file only the weights are read, not the model.

    Keras ignores additional variables in a file, so names and shapes are compared first.

    Raises:
        ModelError: the file has another format; a variable is missing or unexpected, or has another shape; or the
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
    """Replace every variable by the tensor that a run wrote under its Keras path."""
    network, checkpoint = ForeignNetwork(module), Checkpoint.open(path)
    own = [*network.parameters(), *network.buffers()]
    stored = _stored_names([named.name for named in own], checkpoint.names, f"{module.name}/")
    check_fit(checkpoint, {stored[named.name]: tuple(named.variable.shape) for named in own})
    load_into(own, {named.name: checkpoint.read_stored(stored[named.name]) for named in own})
    renamed = [f"{path.name}: {stored[name]} is {name} here" for name in stored if stored[name] != name]
    return (*checkpoint.notes, *renamed[:1])


def _stored_names(own: Sequence[str], stored: Iterable[str], model: str) -> dict[str, str]:
    """Return the name in a file for each name of a variable.

    Keras numbers models without a name: `sequential_3/...` in one process may be `sequential/...` in a file.

    Args:
        own: names of the module's variables.
        stored: names in the file.
        model: the start of the names in the module: the model's name and a slash.
    """
    tops = {name.partition("/")[0] for name in stored}
    if len(tops) != 1 or not all(name.startswith(model) for name in own):
        return {name: name for name in own}
    return {name: f"{min(tops)}/{name.removeprefix(model)}" for name in own}


@contextmanager
def _weights(path: Path, folder: Path) -> Iterator[Path]:
    """Yield the file of weights: the file itself, or the one inside an archive."""
    if path.name.endswith(WEIGHTS):
        yield path
        return
    try:
        with zipfile.ZipFile(path) as archive:
            yield Path(archive.extract(INSIDE, folder))
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelError(f"{path}: is truncated or not a file of Keras ({error}): get it again") from error


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Return the shape of each variable of a file by its path, without the optimizer's."""
    found: dict[str, tuple[int, ...]] = {}

    def note(name: str, item: object) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith(OPTIMIZER):
            found[name] = tuple(item.shape)

    with h5py.File(path) as file:
        file.visititems(note)
    return found
