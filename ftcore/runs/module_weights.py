"""A file's tensors into a user's own module."""

from pathlib import Path

from ftcore.contract import discovery as backends


def load_weights(module: object, path: str | Path) -> list[str]:
    """Put the tensors of a file into a torch.nn.Module or keras.Model, each exactly once; nothing of the file is run.

    Args:
        module: is changed in place.
        path: for a torch.nn.Module a state dict (.safetensors, or what torch.save writes: .pth, .pt, .bin, .ckpt),
            also where it is wrapped; for a keras.Model .weights.h5, .keras, or the
            .safetensors of a run.

    Returns:
        What was recognised around the tensors and in their names, for the user.

    Raises:
        FtcoreError: the file is not of such a form, holds more than tensors, or does not fit; names what differs.
    """
    return list(backends.load(backends.for_module(module)).load_weights(module, Path(path)))
