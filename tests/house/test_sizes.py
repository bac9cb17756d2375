"""Files and bodies stay small."""

import ast
import statistics

import pytest
from sources import Source, sources

MEDIAN_FILE, LONGEST_FILE = 100, 400
MOST_BODIES, LONGEST_BODY = 14, 45
"""Lines of nine bodies in ten, and of the longest; docstrings do not count."""
FILES = sources()


def bodies(source: Source) -> list[tuple[str, int]]:
    """Return the name and the lines of every function, without its docstring."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) is not None else node.body
            last = body[-1].end_lineno if body else None
            found.append((node.name, last - body[0].lineno + 1 if last is not None else 0))
    return found


LENGTHS = [(source.place, name, lines) for source in FILES for name, lines in bodies(source)]


def test_files_are_small() -> None:
    lengths = {source.place: len(source.text.splitlines()) for source in FILES}
    assert statistics.median(lengths.values()) <= MEDIAN_FILE
    assert {place: length for place, length in lengths.items() if length > LONGEST_FILE} == {}


def test_most_bodies_are_short() -> None:
    lengths = sorted(lines for _, _, lines in LENGTHS)
    assert len(lengths) > 1000
    assert lengths[int(0.9 * len(lengths))] <= MOST_BODIES


def test_no_body_is_long() -> None:
    assert {(place, name) for place, name, lines in LENGTHS if lines > LONGEST_BODY} == set()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('def f():\n    """Says.\n\n    More.\n    """\n    a = 1\n\n    return a\n', 3),
        ('class A:\n    def f(self):\n        """Says."""\n', 0),
        ("async def f():\n    return 1\n", 1),
    ],
)
def test_a_body_is_counted_without_its_docstring(text: str, lines: int) -> None:
    assert [length for _, length in bodies(Source("given", text))] == [lines]
