"""ftcore: fine-tuning that gives the same run on PyTorch and on TensorFlow, and proves it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftcore.errors import FtcoreError
    from ftcore.library import compare, evaluate, features, predict, predict_rows, run
    from ftcore.loop import Run
    from ftcore.runs import finetune, load_weights
    from ftcore.spec import TaskSpec

__all__ = [
    "FtcoreError",
    "Run",
    "TaskSpec",
    "compare",
    "evaluate",
    "features",
    "finetune",
    "load_weights",
    "predict",
    "predict_rows",
    "run",
]

_HOMES = {
    "FtcoreError": "ftcore.errors",
    "Run": "ftcore.loop",
    "TaskSpec": "ftcore.spec.task_spec",
    "compare": "ftcore.library",
    "evaluate": "ftcore.library",
    "features": "ftcore.library",
    "finetune": "ftcore.runs.finetuning",
    "load_weights": "ftcore.runs.module_weights",
    "predict": "ftcore.library",
    "predict_rows": "ftcore.library",
    "run": "ftcore.library",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import ftcore` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ftcore' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
