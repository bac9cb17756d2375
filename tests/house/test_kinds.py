"""Checks that code branches on the kind of input, target or task only in the modules of these kinds."""

import pytest
from kinds import questions
from sources import sources

from ftcore.tasks import TASKS

ROOMS = ("ftcore/inputs/", "ftcore/targets/", "ftcore/tasks/", "ftcore/tasks.py")
"""Where a kind is at home."""
ALLOWED: dict[str, set[str]] = {
    "ftcore/conformance/rungs/__init__.py": {"tensors"},
    "ftcore/conformance/rungs/tensors.py": {"tensors"},
    "ftcore/contract/network/architecture.py": {"images"},
    "ftcore/difference/batch.py": {"images"},
}
"""For a file, words that are the name of a kind and mean something else there, such as the field of a batch."""


def registry() -> tuple[set[str], set[str]]:
    """Return the names of the tasks, their inputs and their targets, and the names of the classes of both."""
    parts = [part for task in TASKS.values() for part in (task.input, task.target)]
    return {*TASKS, *(part.name for part in parts)}, {type(part).__name__ for part in parts}


def test_no_file_asks_for_a_kind() -> None:
    names, classes = registry()
    assert len(names) > len(TASKS)
    found = {}
    for source in sources():
        if not source.place.startswith(ROOMS):
            asked = questions(source.text, names - ALLOWED.get(source.place, set()), classes)
            found |= {f"{source.place}:{line}": form for line, form in asked}
    assert found == {}


def test_every_allowed_word_is_needed() -> None:
    names, _ = registry()
    texts = {source.place: source.text for source in sources()}
    idle = [
        (place, word)
        for place, words in ALLOWED.items()
        for word in words
        if not questions(texts.get(place, ""), {word} & names, ())
    ]
    assert idle == []


NAMES, CLASSES = ("text-classification", "pictures", "one_label"), ("Pictures", "OneLabel")


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("import", "from ftcore.inputs import Pictures"),
        ("import", "from ftcore.inputs import Pictures as Other"),
        ("import", "def late():\n    from ftcore.targets import OneLabel"),
        ("class", "if isinstance(task.input, Pictures): pass"),
        ("class", "if isinstance(task.input, (int, inputs.Pictures)): pass"),
        ("class", "if issubclass(type(task.input), inputs.Pictures): pass"),
        ("class", "if type(task.target) is OneLabel: pass"),
        ("class", "match task.target:\n    case OneLabel(): pass"),
        ("class", "match task.target:\n    case targets.OneLabel(): pass"),
        ("class", "TABLE = {Pictures: 1}"),
        ("name", "if type(task.input).__name__ == 'Pictures': pass"),
        ("name", "if task.name == 'text-classification': pass"),
        ("name", "if task.name in ('text-classification', 'other'): pass"),
        ("name", "match task.name:\n    case 'text-classification' | 'other': pass"),
        ("name", "TABLE = {'pictures': 1, 'other': 2}"),
        ("name", "found = TABLE['pictures']"),
        ("name", "found = getattr(module, 'pictures')"),
        ("name", "WANTED = 'one_label'"),
        ("attribute", "if task.unit == 'token': pass"),
        ("attribute", "if task.target.reads in ALL: pass"),
        ("attribute", "if 'token' != task.unit: pass"),
        ("match", "match task.reads:\n    case _: pass"),
        ("dictionary", "found = TABLE[task.reads]"),
        ("getattr", "found = getattr(task, 'unit')"),
        ("getattr", "found = hasattr(task, 'reads')"),
        ("relative import", "from .images import Something"),
        ("relative import", "from . import images"),
        ("relative import", "def late():\n    from ..inputs import images"),
    ],
)
def test_a_question_is_caught_in_every_form(form: str, text: str) -> None:
    assert form in {question.form for question in questions(text, NAMES, CLASSES)}


@pytest.mark.parametrize(
    "text",
    [
        '"""text-classification"""',
        "from ftcore.inputs import Input",
        "class A:\n    unit = 1\n    'pictures'",
        "found = task.unit",
        "found = TABLE[network.architecture.reads]",
        "if task.name == other: pass",
        "found = f'{task.name}: pictures are read'",
    ],
)
def test_what_asks_for_no_kind_is_allowed(text: str) -> None:
    assert questions(text, NAMES, CLASSES) == []
