"""Suites in a temporary folder, and the command that runs them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ftcore.cli.main import main


@pytest.fixture
def write_suite(tmp_path: Path) -> Callable[..., Path]:
    """Write a suite of two contestants with these fields replaced; None leaves a field out."""

    def write(**fields: Any) -> Path:
        suite = {
            "spec": "task.yaml",
            "steps": 3,
            "warmup": 1,
            "rounds": 1,
            "contestants": [{"name": "a", "ftcore": {"backend": "torch"}}, {"name": "b", "ftcore": {"backend": "tf"}}],
            **fields,
        }
        path = tmp_path / "suite.yaml"
        path.write_text(yaml.safe_dump({name: value for name, value in suite.items() if value is not None}))
        return path

    return write


@pytest.fixture
def bench(capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Call `ftcore bench` and return its exit code, output and error output."""

    def call(*arguments: object) -> tuple[int, str, str]:
        capfd.readouterr()
        code = main(["bench", *map(str, arguments)])
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call
