"""Copies of the stored folders: a run folder is used where it was moved to."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.earlier.written import STORED


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Path]:
    """Copy a case's folder elsewhere, and return where it is."""
    return lambda name: Path(shutil.copytree(STORED / name, tmp_path / "moved" / name))
