"""Resolves the location of a model in a spec to its folder, or to the file of its weights."""

import importlib.util
import os
import re
from pathlib import Path

from ftcore.errors import ModelError

PACKAGE = "package:"
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")
HUB_FILES = (
    "config.json",
    "ftcore.json",
    "model.safetensors",
    "model-*.safetensors",
    "model.safetensors.index.json",
    "head.safetensors",
    "generation_config.json",
    "preprocessor_config.json",
    "modules.json",
    "sentence_*_config.json",
    "config_sentence_transformers.json",
    "*_Pooling/config.json",
    "*_Normalize/config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "vocab.txt",
    "vocab.json",
    "merges.txt",
    "*.model",
    "target_tokenizer/*.json",
    "target_tokenizer/*.txt",
)
"""Files that are fetched from a hub repository; never code."""
PICKLED_FILES = ("pytorch_model.bin", "pytorch_model-*.bin", "pytorch_model.bin.index.json")
"""Files that are also fetched if it has no safetensors."""


def resolve(location: str, revision: str | None, base: Path) -> Path:
    """Return the folder of a model.

    Args:
        location: a folder, relative to `base` or absolute; a run folder of ftcore; package:IMPORT_NAME/FOLDER,
            found without importing the package; or a hub id, only from the cache if HF_HUB_OFFLINE is set.
        revision: branch, tag or commit; only for a hub id.
        base: the folder of relative locations.

    Raises:
        ModelError: there is no such model; the message says where it was searched.
    """
    if not location.strip():
        raise ModelError("the model's location is empty: give a folder, a hub id or package:IMPORT_NAME/FOLDER")
    if location.startswith(PACKAGE):
        folder = _package_folder(location)
    else:
        # os.path's functions take any text; Path's raise on a name that is too long.
        folder = base / os.path.expanduser(location)
        if not os.path.exists(folder) and HUB_ID.fullmatch(location):
            return _hub_folder(location, revision, folder)
    if not os.path.isdir(folder):
        reason = "is a file: give the folder that holds it" if os.path.isfile(folder) else "does not exist"
        raise ModelError(f"model folder {folder} {reason}")
    if revision is not None:
        raise ModelError(
            f"revision {revision!r} is for a hub id, but {location!r} is the folder {folder}: leave it out"
        )
    return _model_of_run(folder)


def weights_file(location: str, base: Path) -> Path:
    """Return a file of weights, relative to `base` or absolute.

    Raises:
        ModelError: there is no such file.
    """
    path = base / os.path.expanduser(location)
    if os.path.isfile(path):
        return path
    reason = (
        "is a folder: give the file, or the folder as model.pretrained" if os.path.isdir(path) else "does not exist"
    )
    raise ModelError(f"model.weights: {path} {reason}")


def _package_folder(location: str) -> Path:
    dotted, _, inside = location.removeprefix(PACKAGE).partition("/")
    name, *parents = dotted.split(".")
    if not all(part.isidentifier() for part in (name, *parents)):
        raise ModelError(f"{location!r} is not of the form package:IMPORT_NAME/FOLDER")
    # Only the top-level name: find_spec of a dotted one would import its parents.
    found = None if name == "__main__" else importlib.util.find_spec(name)
    if found is None:
        raise ModelError(f"{location!r}: no package {name!r} is installed in this environment")
    roots = [Path(root) for root in found.submodule_search_locations or ()]
    folders = [root.joinpath(*parents, inside) for root in roots]
    for folder in folders:
        if folder.is_dir():
            return folder
    looked = ", ".join(str(folder) for folder in folders) or f"{name!r} is a single module"
    raise ModelError(f"{location!r}: the package is installed but has no such folder ({looked})")


def _hub_folder(location: str, revision: str | None, folder: Path) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    asked = f"{location!r}" if revision is None else f"{location!r} at revision {revision!r}"
    try:
        found = Path(snapshot_download(location, revision=revision, allow_patterns=list(HUB_FILES)))
        if not any(found.glob("*.safetensors")):
            # The folder's name is the commit, so both belong to one state of the repository.
            snapshot_download(location, revision=found.name, allow_patterns=list(PICKLED_FILES))
        return found
    except LocalEntryNotFoundError:
        raise ModelError(
            f"there is no folder {folder}, and the hub id {asked} is not in the local cache while the hub cannot be "
            "reached (no network, or HF_HUB_OFFLINE is set): give a folder, or download the model first"
        ) from None
    except (HfHubHTTPError, OSError, ValueError) as error:
        reason = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
        raise ModelError(f"there is no folder {folder}, and the hub does not provide {asked}: {reason}") from error


def _model_of_run(folder: Path) -> Path:
    if (folder / "config.json").exists() or not (folder / "spec.yaml").exists():
        return folder
    model = folder / "model"
    if not model.is_dir():
        raise ModelError(f"the run {folder} has no model yet: finish it with --resume, or give another folder")
    return model
