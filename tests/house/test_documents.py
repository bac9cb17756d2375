"""The diff that CONTRIBUTING.md shows is the code as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_worked_example_is_the_real_diff() -> None:
    (diff,) = re.findall(r"```diff\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.DOTALL)
    files = re.split(r"^--- a/.*\n\+\+\+ b/(.*)\n", diff, flags=re.MULTILINE)[1:]
    assert len(files) == 4
    for name, changes in zip(files[0::2], files[1::2], strict=True):
        content = (ROOT / name).read_text()
        for hunk in re.split(r"^@@.*\n", changes, flags=re.MULTILINE)[1:]:
            after = "".join(line[1:] for line in hunk.splitlines(keepends=True) if not line.startswith("-"))
            assert after in content, name
