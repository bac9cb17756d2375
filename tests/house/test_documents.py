"""Checks that the diffs in CONTRIBUTING.md equal the current code."""

import re
from itertools import groupby
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


DIFFS = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
FILES = {"a family": 2, "a task": 4}
"""What each worked example adds, in order, and how many files its diff has."""


@pytest.mark.parametrize(("number", "count"), list(enumerate(FILES.values())), ids=list(FILES))
def test_the_worked_example_is_the_real_diff(number: int, count: int) -> None:
    assert len(DIFFS) == len(FILES)
    files = re.split(r"^--- a/.*\n\+\+\+ b/(.*)\n", DIFFS[number], flags=re.MULTILINE)[1:]
    assert len(files) == 2 * count
    for name, changes in zip(files[0::2], files[1::2], strict=True):
        content = (ROOT / name).read_text()
        for hunk in re.split(r"^@@.*\n", changes, flags=re.MULTILINE)[1:]:
            lines = [line for line in hunk.splitlines(keepends=True) if not line.startswith("-")]
            missing = first_missing(lines, content)
            assert missing is None, f"CONTRIBUTING.md shows lines that {name} does not have here:\n{missing}"


def first_missing(lines: list[str], content: str) -> str | None:
    """Return the first part of a hunk that a file does not have after the part before it; None if it has all.

    Lines that the hunk adds are one part if they follow each other; other lines may have new ones between them.
    """
    place = 0
    for added, group in groupby(lines, lambda line: line.startswith("+")):
        texts = [line[1:] for line in group]
        for part in ["".join(texts)] if added else texts:
            found = content.find(part, place)
            if found < 0:
                return part
            place = found + len(part)
    return None


def test_a_line_that_is_missing_or_elsewhere_is_found() -> None:
    content = "first\nnew\nadded\nalso added\nlast\n"
    assert first_missing([" first\n", "+added\n", "+also added\n", " last\n"], content) is None
    assert first_missing([" first\n", "+new\n", "+also added\n"], content) == "new\nalso added\n"
    assert first_missing([" last\n", "+added\n"], content) == "added\n"
