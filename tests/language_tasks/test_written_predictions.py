"""Texts that are written for rows as they come: in order, one a row, whatever the chunks."""

import json
from pathlib import Path
from typing import Any

import pytest
import stories

import ftcore
from ftcore.errors import DataError, SpecError
from ftcore.prediction import chunks


@pytest.mark.parametrize(("task", "kind"), [("translation", "encoder-decoder"), ("instruction-tuning", "causal")])
def test_texts_are_written_in_the_order_of_rows(
    task: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, wanted = ("source", "target") if kind == "encoder-decoder" else ("prompt", "completion")
    spec = stories.write_task(task, kind, (asked, wanted), tmp_path)
    options = ["generation.max_new_tokens=6", "generation.min_new_tokens=2", "generation.method=sampling"]
    run = ftcore.run(spec, backend="torch", output=tmp_path / "run", overrides=options)
    given: list[dict[str, Any]] = [{"id": number, asked: row[asked]} for number, row in enumerate(stories.rows(9))]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in given))
    whole = ftcore.predict(run.folder, tmp_path / "a.jsonl", backend="torch")
    monkeypatch.setattr(chunks, "CHUNK", 4)
    found = list(ftcore.predict_rows(run.folder, given, backend="torch", keep=["id"]))
    assert found == [{"id": row["id"], **text} for row, text in zip(given, whole, strict=True)]
    assert len({row["text"] for row in found}) > 1
    broken = [*given[:5], {"id": "x", asked: ""}, *given[6:]]
    skipped = list(ftcore.predict_rows(run.folder, broken, backend="torch", keep=["id"], on_bad_row="skip"))
    assert skipped[5] == {"id": "x", "error": f"rows: row 6: the {asked} is empty"}
    assert skipped[:5] + skipped[6:] == found[:5] + found[6:]
    with pytest.raises(DataError, match=f"rows: row 6: the {asked} is empty"):
        list(ftcore.predict_rows(run.folder, broken, backend="torch"))


def test_a_masked_model_writes_nothing(tmp_path: Path) -> None:
    spec = stories.write_task("masked-language-modeling", "masked", ("text",), tmp_path)
    run = ftcore.run(spec, backend="torch", output=tmp_path / "run", overrides=["training.max_steps=2"])
    with pytest.raises(SpecError, match="a masked language model generates no texts"):
        ftcore.predict_rows(run.folder, [{"text": "red dog"}], backend="torch")
