"""What is said in a spec for tasks of language models, and what is not for them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ftcore.parts import Place, SpecPart
from ftcore.tasks import LANGUAGE_TASKS, AnyTask

if TYPE_CHECKING:
    from ftcore.spec.task_spec import TaskSpec

REWRITES = tuple(name for name, task in LANGUAGE_TASKS.items() if task.model == "encoder-decoder")
WRITES = tuple(name for name, task in LANGUAGE_TASKS.items() if task.given)
FIELDS: Mapping[str, tuple[str, ...]] = {
    "target_max_length": REWRITES,
    "source_prefix": REWRITES,
    "source_language": REWRITES,
    "target_language": REWRITES,
    "separator": ("instruction-tuning",),
    "answer_pattern": ("instruction-tuning",),
    "masked_share": ("masked-language-modeling",),
}
"""The tasks that a field of `data` is for."""
NOT_FOR_TEXTS: tuple[Place, ...] = (
    ("data", "pair"),
    ("data", "labels"),
    ("data", "label_subwords"),
    ("data", "overlap"),
    ("model", "pooling"),
    ("model", "normalize"),
    ("model", "replace_head"),
    ("model", "module"),
    ("loss", "class_weights"),
)
"""Fields that no task of language models has."""


def language_problems(spec: "TaskSpec", task: AnyTask) -> list[tuple[Place, str]]:
    """Return what is wrong in a spec's fields of language models."""
    found: list[tuple[Place, str]] = [
        (("data", name), f"is for {' and '.join(tasks)}, and the task is {task.name}: leave it out")
        for name, tasks in FIELDS.items()
        if _is_given(spec, ("data", name)) and task.name not in tasks
    ]
    if _is_given(spec, ("generation",)) and task.name not in WRITES:
        found.append((("generation",), f"is for {', '.join(WRITES)}, and the task is {task.name}: leave it out"))
    if task.name in LANGUAGE_TASKS:
        reason = f"is not for the task {task.name}: leave it out"
        found += [(place, reason) for place in NOT_FOR_TEXTS if _is_given(spec, place)]
    return found


def _is_given(spec: "TaskSpec", place: Place) -> bool:
    value: SpecPart = spec
    for name in place[:-1]:
        value = getattr(value, str(name))
    last = str(place[-1])
    return hasattr(value, last) and bool(
        getattr(value, last) != type(value).model_fields[last].get_default(call_default_factory=True)
    )
