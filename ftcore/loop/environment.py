"""Describes the environment of a run: versions, device, threads, seeds and the hashes of its files."""

import importlib.metadata
import os
import platform
import resource
import sys
from collections.abc import Mapping
from typing import Any

from ftcore.contract import BackendInfo
from ftcore.machine import processor

PACKAGES = ("ftcore", "numpy", "tokenizers", "safetensors", "scikit-learn", "scipy", "seqeval", "pyarrow")


def describe(
    info: BackendInfo,
    spec_sha256: str,
    device: str,
    threads: int | None,
    seed: int,
    data: Mapping[str, str],
    hashes: Mapping[str, Any],
    options: Mapping[str, Any],
    split: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the content of environment.json.

    Args:
        info: information of the backend.
        spec_sha256: hash of the spec.
        device: device of the run.
        threads: CPU threads; None for all cores.
        seed: seed of the run.
        data: maps each data file to its SHA-256.
        hashes: further facts, such as the SHA-256 of the model's files.
        options: options of the backend, as in `Learner.options`.
        split: the way in which rows were held out of train, with its version.
    """
    import psutil

    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": threads or os.cpu_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES} | dict(info.versions),
        "backend": info.name,
        "options": dict(options),
        "spec_sha256": spec_sha256,
        "device": device,
        "seed": seed,
        "data": dict(data),
        "split": dict(split),
        **hashes,
    }


def peak_memory_bytes() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
