"""Checks that the diffs in CONTRIBUTING.md equal the current code."""

import re
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
            after = "".join(line[1:] for line in hunk.splitlines(keepends=True) if not line.startswith("-"))
            assert after in content, name
