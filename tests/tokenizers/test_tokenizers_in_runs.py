"""Runs whose targets have a tokenizer, or a language, of their own: as transformers reads their results."""

import json
from pathlib import Path
from typing import Any

import pytest
import transformers
import yaml

import ftcore
from ftcore.observer import Silent
from tests import tiny

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
MBART = {
    "vocab_size": 64,
    "d_model": 16,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 16,
    "decoder_ffn_dim": 16,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "decoder_start_token_id": 2,
    "max_position_embeddings": 32,
}


class Notes(Silent):
    """Keeps what a user is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def write_task(folder: Path, model: dict[str, Any], **data: Any) -> Path:
    """Write rows whose targets are the first two words in capitals, on two lines, and a spec of translation."""
    for name, count in (("train", 24), ("validation", 4)):
        rows = [{"source": tiny.text(n), "target": "\n".join(tiny.text(n).upper().split()[:2])} for n in range(count)]
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    spec = {
        "task": "translation",
        "model": model,
        "data": {"train": "train.jsonl", "validation": "validation.jsonl", "max_length": 16, **data},
        "optimizer": {"learning_rate": 1e-2},
        "generation": {"max_new_tokens": 4},
        "training": {"max_steps": 3, "batch_size": 8},
    }
    path = folder / "task.yaml"
    path.write_text(yaml.safe_dump(spec))
    return path


@pytest.mark.slow
def test_a_decoder_of_its_own_tokenizer_in_a_run(tmp_path: Path) -> None:
    tiny.write_model(tmp_path / "bert")
    part = {"pretrained": "bert"}
    trained = {**part, "tokenizer": {"train": "bpe", "vocabulary": 300}}
    observer = Notes()
    plain = write_task(tmp_path, {"encoder": part, "decoder": part})
    ftcore.run(plain, backend="torch", output=tmp_path / "plain", observer=observer)
    warnings = [note for note in observer.notes if "survive encoding and decoding" in note]
    assert len(warnings) == 1
    assert "0 of 24 (0.0%)" in warnings[0]
    observer = Notes()
    path = write_task(tmp_path, {"encoder": part, "decoder": trained})
    ftcore.run(path, backend="torch", output=tmp_path / "run", observer=observer)
    assert not [note for note in observer.notes if "survive" in note]
    (new,) = [note for note in observer.notes if note.startswith("new parameters")]
    assert "decoder.bert.encoder.layer.*.crossattention.self.query.weight" in new
    model = tmp_path / "run" / "model"
    found, information = transformers.EncoderDecoderModel.from_pretrained(model, output_loading_info=True)
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert found.config.decoder.vocab_size == 300
    target = transformers.AutoTokenizer.from_pretrained(model / "target_tokenizer")
    assert len(target) == 300
    assert target.decode(target("RED\nDOG").input_ids, skip_special_tokens=True) == "RED\nDOG"
    source = transformers.AutoTokenizer.from_pretrained(model)
    given = source([tiny.text(number) for number in range(4)], return_tensors="pt", padding=True)
    theirs = target.batch_decode(found.eval().generate(**given, max_new_tokens=4), skip_special_tokens=True)
    written = ftcore.predict(tmp_path / "run", tmp_path / "validation.jsonl", backend="torch")
    assert [row["text"] for row in written] == theirs
    assert any(theirs)


@pytest.mark.parametrize("kind", ["MBartTokenizer", "MBart50Tokenizer"])
def test_languages_of_a_spec_mark_a_runs_texts(kind: str, tmp_path: Path) -> None:
    codes = {"source_language": "en_XX", "target_language": "fr_XX"}
    vocabulary = [*PIECES, ("\u2581", -2.0)]
    getattr(transformers, kind)(vocab=vocabulary, src_lang="de_DE").save_pretrained(tmp_path / "net")
    config = transformers.MBartConfig(**MBART)
    config.save_pretrained(tmp_path / "net")
    path = write_task(tmp_path, {"from_scratch": {"architecture": "net"}}, **codes)
    ftcore.run(path, backend="torch", output=tmp_path / "run")
    model = tmp_path / "run" / "model"
    french = transformers.AutoTokenizer.from_pretrained(model).convert_tokens_to_ids("fr_XX")
    said = transformers.GenerationConfig.from_pretrained(model)
    begins = said.decoder_start_token_id if kind == "MBartTokenizer" else said.forced_bos_token_id
    assert begins == french
    assert (said.eos_token_id, said.pad_token_id) == (2, 1)
    description = json.loads((model / "ftcore.json").read_text())
    assert {name: description[name] for name in codes} == codes
    assert len(ftcore.predict(tmp_path / "run", tmp_path / "validation.jsonl", backend="torch")) == 4
