"""A result in sentence-transformers itself: it gives the vectors that `ftcore features` gives."""

from pathlib import Path

import numpy as np
import pytest
import texts
from sentence_transformers import SentenceTransformer

from ftcore import library
from ftcore.contract import discovery as backends

ASKED = ["red dog", "old warm river stone green", "cat"]


@pytest.mark.parametrize("pooling", ["cls", "mean", "max", "last"])
@pytest.mark.parametrize("normalize", [True, False])
def test_it_gives_the_same_vectors(
    pooling: str, normalize: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / "cache"))
    changes = {"model__pooling": pooling, "model__normalize": normalize, "training": {"max_steps": 1}}
    run = library.run(texts.write_task(tmp_path, **changes), backend="torch", output=tmp_path / "run")
    given = texts.write(tmp_path / "asked.jsonl", [{"text": text} for text in ASKED])
    wanted = SentenceTransformer(str(run.folder / "model"), device="cpu").encode(ASKED)
    for name in backends.names():
        found = library.features(run.folder, given, backend=name)
        assert isinstance(found, np.ndarray)
        np.testing.assert_allclose(found, wanted, atol=1e-6)
