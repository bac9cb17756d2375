"""Loads the tensors of a file into a module of the user's own."""

from pathlib import Path

from ftcore.contract import discovery as backends


def load_weights(module: object, path: str | Path) -> list[str]:
    """Load the tensors of a file into a torch.nn.Module or keras.Model, each exactly once; no code in the file is run.

    Args:
        module: the module, changed in place.
        path: for a torch.nn.Module a state dict (.safetensors, or a file by torch.save: .pth, .pt, .bin, .ckpt),
            which may be wrapped; for a keras.Model .weights.h5, .keras, or the .safetensors of a run.

    Returns:
        Notes for the user about wrappers and prefixes that were recognised.

    Raises:
        FtcoreError: the file has another format, holds more than tensors, or does not fit; the message names what
            differs.
    """
    return list(backends.load(backends.for_module(module)).load_weights(module, Path(path)))
