"""Sources and targets are marked with their languages as transformers' tokenizers and models mark them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers.models.mbart.modeling_mbart import shift_tokens_right

from ftcore.errors import SpecError
from ftcore.text.languages import Languages, languages
from ftcore.text.tokenizer import EncodedChunk, Tokenizer
from tests import tiny

PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\u2581red", -1.0), ("\u2581dog", -1.0)]
TEXTS = ["red dog", "dog", "red dog red"]


def write(folder: Path, kind: str, **options: Any) -> Any:
    tokenizer = getattr(transformers, kind)(vocab=[*PIECES, ("\u2581", -2.0)], **options)
    tokenizer.save_pretrained(folder)
    return tokenizer


def loaded(folder: Path, source: str | None, target: str | None) -> Languages:
    tokenizer = Tokenizer.load(folder, 16)
    return languages(folder, tokenizer, tokenizer, source, target)


def sequences(chunk: EncodedChunk) -> list[list[int]]:
    ends = chunk.lengths.cumsum()
    return [chunk.ids[end - length : end].tolist() for end, length in zip(ends, chunk.lengths, strict=True)]


@pytest.mark.parametrize("kind", ["MBartTokenizer", "MBart50Tokenizer"])
@pytest.mark.parametrize("stored", [True, False])
def test_mbarts_mark_as_in_transformers(kind: str, stored: bool, tmp_path: Path) -> None:
    """Whether the codes are the tokenizer's own or those of the spec."""
    codes = {"src_lang": "en_XX", "tgt_lang": "fr_XX"}
    write(tmp_path, kind, **(codes if stored else {"src_lang": "de_DE", "tgt_lang": "ro_RO"}))
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path, **codes)
    found = loaded(tmp_path, *([None, None] if stored else codes.values()))
    assert sequences(found.source.encode(TEXTS)) == theirs(TEXTS).input_ids
    labels = theirs(text_target=TEXTS).input_ids
    assert sequences(found.target.encode(TEXTS)) == labels
    assert found.source.fingerprint != found.target.fingerprint
    french = theirs.convert_tokens_to_ids("fr_XX")
    first = shift_tokens_right(torch.tensor(labels[:1]), theirs.pad_token_id)[0, 0].item()
    if kind == "MBartTokenizer":
        assert (found.start, found.forced_begin) == (first, None) == (french, None)
        assert found.generation == {"decoder_start_token_id": french}
    else:
        # The decoder starts with the end token, as its config says, and its first word is the code.
        assert (first, found.start, found.forced_begin) == (theirs.eos_token_id, None, labels[0][0])
        assert found.generation == {"forced_bos_token_id": french}


def test_a_long_text_keeps_its_marks(tmp_path: Path) -> None:
    write(tmp_path, "MBartTokenizer", src_lang="en_XX", tgt_lang="fr_XX")
    found = loaded(tmp_path, None, None)
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path)
    (ids,) = sequences(found.source.encode(["dog " * 40]))
    assert ids == theirs("dog " * 40, truncation=True, max_length=16).input_ids


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("en_X", "fr_XX", r"data\.source_language: given 'en_X', which is not a code of .*did you mean"),
        ("en_XX", "\u2581dog", r"data\.target_language: given '.dog', which is not a code"),
    ],
)
def test_another_code_is_refused(source: str, target: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, "MBart50Tokenizer", src_lang="en_XX", tgt_lang="fr_XX")
    with pytest.raises(SpecError, match=message):
        loaded(tmp_path, source, target)


def test_a_missing_code_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "MBartTokenizer", src_lang="en_XX")
    with pytest.raises(SpecError, match=r"data\.target_language: needed: the tokenizer of"):
        loaded(tmp_path, "en_XX", None)


def test_marian_has_the_targets_code_before_the_source(tmp_path: Path) -> None:
    """transformers' MarianTokenizer takes it from the text: ">>fra<< red dog"."""
    write_marian(tmp_path)
    found = loaded(tmp_path, None, "fra")
    code, end = len(tiny.VOCABULARY), tiny.VOCABULARY.index("[SEP]")
    red, dog = tiny.VOCABULARY.index("red"), tiny.VOCABULARY.index("dog")
    assert sequences(found.source.encode(["red dog"])) == [[code, red, dog, end]]
    assert sequences(found.target.encode(["red dog"])) == [[red, dog, end]]
    assert found.generation == {}
    assert sequences(loaded(tmp_path, None, None).source.encode(["red"])) == [[red, end]]
    with pytest.raises(SpecError, match=r"data\.target_language: given '>>deu<<', which is not a code of"):
        loaded(tmp_path, None, "deu")
    message = r"data\.source_language: given 'eng', but the tokenizer of .* no language codes"
    with pytest.raises(SpecError, match=message):
        loaded(tmp_path, "eng", "fra")


def write_marian(folder: Path) -> None:
    from tokenizers import Tokenizer as Rust
    from tokenizers.processors import TemplateProcessing

    tiny.write_tokenizer(folder)
    tokenizer = Rust.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_special_tokens([">>fra<<"])
    tokenizer.post_processor = TemplateProcessing(single="$A [SEP]", pair="$A $B [SEP]", special_tokens=[("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"pad_token": "[PAD]"}))
    (folder / "config.json").write_text(json.dumps({"model_type": "marian"}))


def test_other_tokenizers_have_no_codes(tmp_path: Path) -> None:
    tiny.write_tokenizer(tmp_path)
    plain = Tokenizer.load(tmp_path, 16)
    assert languages(tmp_path, plain, plain, None, None) == Languages(plain, plain)
    for codes in (("en_XX", None), (None, "fr_XX")):
        with pytest.raises(SpecError, match="has no language codes: leave it out"):
            loaded(tmp_path, *codes)
