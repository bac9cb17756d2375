"""A real tokenizer, and a cache of the test's own."""

from pathlib import Path

import pytest
from data_files import model_folder

from ftcore.text.tokenizer import Tokenizer


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.load(model_folder(), 32)


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("own-cache")
    monkeypatch.setenv("FTCORE_CACHE", str(folder))
    return folder
