"""The real command line, called in this process."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from ftcore.cli.main import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Command = Callable[..., Answer]


@pytest.fixture
def ftcore(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Call the command line and return its exit code and output."""
    monkeypatch.setenv("COLUMNS", "100")

    def call(*arguments: object) -> Answer:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        return Answer(code, captured.out, captured.err)

    return call
