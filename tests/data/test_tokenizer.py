"""The same tokens as transformers gives, for every text and pair."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from data_files import model_folder
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from ftcore.errors import DataError, ModelError
from ftcore.text import auto_tokenizer
from ftcore.text.tokenizer import EncodedChunk, Tokenizer

REFERENCE = AutoTokenizer.from_pretrained(model_folder())
TEXTS = [
    "Where is my card?",
    "déjà vu — naïve café",
    "日本語のテキスト 中文 한국어",
    "🎉👩‍👩‍👧 flags 🇩🇪🇺🇳 skin 👍🏽",
    "[CLS] special [SEP] tokens [PAD] in [MASK] text [UNK]",
    "control \x00\x07\x1b characters\ufffd \u200b\u200d\ufeff",
    "العربية ﷽ עברית ไทย हिन्दी",
    "tab\tnew\nline\r\nnbsp\u00a0end",
    "supercalifragilisticexpialidocious" * 8,
    "\uff26\uff35\uff2c\uff2c width ﬁ ligature ½ ² Ⅷ",
    "a\u0301 e\u0308 combining z̷̛a̶l̸g̵o",
    "\u200b",
    "word " * 200,
]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
LENGTHS = [4, 5, 8, 31, 128]


def sequences(chunk: EncodedChunk) -> list[tuple[list[int], list[int]]]:
    ends = np.cumsum(chunk.lengths)
    return [
        (chunk.ids[end - length : end].tolist(), chunk.type_ids[end - length : end].tolist())
        for end, length in zip(ends, chunk.lengths, strict=True)
    ]


def expected(*texts: list[str], max_length: int) -> list[tuple[list[int], list[int]]]:
    encoded = REFERENCE(*texts, truncation="longest_first", max_length=max_length)
    return list(zip(encoded["input_ids"], encoded["token_type_ids"], strict=True))


@pytest.fixture(scope="module")
def tokenizers() -> dict[int, Tokenizer]:
    return {length: Tokenizer.load(model_folder(), length) for length in LENGTHS}


@pytest.mark.parametrize("max_length", LENGTHS)
def test_texts(max_length: int, tokenizers: dict[int, Tokenizer]) -> None:
    chunk = tokenizers[max_length].encode(TEXTS)
    assert sequences(chunk) == expected(TEXTS, max_length=max_length)
    assert (chunk.ids.dtype, chunk.type_ids.dtype, chunk.lengths.dtype) == (np.int32, np.uint8, np.int32)


@pytest.mark.parametrize("max_length", LENGTHS[1:])
def test_pairs(max_length: int, tokenizers: dict[int, Tokenizer]) -> None:
    first = [text[:40] for text in TEXTS for _ in TEXTS]
    second = [text[:40] for _ in TEXTS for text in TEXTS]
    assert sequences(tokenizers[max_length].encode(first, second)) == expected(first, second, max_length=max_length)


@settings(max_examples=60, deadline=None)
@given(first=ANY, second=ANY, max_length=st.sampled_from(LENGTHS[1:]))
def test_any_pair(first: str, second: str, max_length: int, tokenizers: dict[int, Tokenizer]) -> None:
    found = sequences(tokenizers[max_length].encode([first], [second]))
    assert found == expected([first], [second], max_length=max_length)


@settings(max_examples=60, deadline=None)
@given(lengths=st.tuples(st.integers(1, 30), st.integers(1, 30)), max_length=st.sampled_from(LENGTHS[1:]))
def test_which_text_of_a_pair_is_cut(
    lengths: tuple[int, int], max_length: int, tokenizers: dict[int, Tokenizer]
) -> None:
    first, second = ["hello " * lengths[0]], ["world " * lengths[1]]
    chunk = tokenizers[max_length].encode(first, second)
    assert sequences(chunk) == expected(first, second, max_length=max_length)
    assert bool(chunk.truncated[0]) == (sum(lengths) + 3 > max_length)


def test_truncation_is_told_for_each_text(tokenizers: dict[int, Tokenizer]) -> None:
    chunk = tokenizers[8].encode(["one two three four five six", "one two three four five six seven", "one"])
    assert chunk.truncated.tolist() == [False, True, False]
    assert chunk.lengths.tolist() == [8, 8, 3]


def test_two_long_texts_take_no_longer_than_their_length(tokenizers: dict[int, Tokenizer]) -> None:
    text = "hello world " * 20_000
    began = time.perf_counter()
    chunk = tokenizers[8].encode([text], [text])
    assert chunk.lengths.tolist() == [8]
    # the library's own truncation of such a pair needs hours and all memory
    assert time.perf_counter() - began < 30


@pytest.mark.parametrize(("max_length", "pair"), [(2, False), (4, True)])
def test_no_room_for_text(max_length: int, pair: bool) -> None:
    tokenizer = Tokenizer.load(model_folder(), max_length)
    with pytest.raises(DataError, match=r"^data\.max_length: \d leaves no room .*: give at least [35]$"):
        tokenizer.encode(["a"], ["b"] if pair else None)


def test_padding_token(tokenizers: dict[int, Tokenizer]) -> None:
    assert tokenizers[8].pad_token_id == REFERENCE.pad_token_id == 0


@pytest.mark.parametrize("source", ["tokenizer.json", "tokenizer_config.json", "nowhere"])
def test_where_the_padding_token_is_found(source: str, tmp_path: Path) -> None:
    stored = json.loads((model_folder() / "tokenizer.json").read_text())
    stored["padding"] |= {"pad_id": 100, "pad_token": "[UNK]"}
    if source != "tokenizer.json":
        stored["padding"] = None
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored))
    if source == "tokenizer_config.json":
        (tmp_path / source).write_text(json.dumps({"pad_token": {"__type": "AddedToken", "content": "[UNK]"}}))
    wanted = {"tokenizer.json": 100, "tokenizer_config.json": 100, "nowhere": 0}[source]
    assert Tokenizer.load(tmp_path, 8).pad_token_id == wanted


def test_fingerprint_tells_rules_and_length_apart(tmp_path: Path) -> None:
    one, same, longer = (Tokenizer.load(model_folder(), length).fingerprint for length in (8, 8, 9))
    stored = json.loads((model_folder() / "tokenizer.json").read_text())
    stored["normalizer"]["lowercase"] = False
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored))
    cased = Tokenizer.load(tmp_path, 8).fingerprint
    assert one == same
    assert len({one, longer, cased}) == 3


@pytest.mark.slow
def test_older_files_are_converted_once(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "config.json"):
        shutil.copy(model_folder() / name, tmp_path / name)
    found = Tokenizer.load(tmp_path, 31)
    assert sequences(found.encode(TEXTS)) == expected(TEXTS, max_length=31)
    assert [path.name.partition("-")[0] for path in cache.iterdir()] == ["tokenizer"]
    (stored,) = cache.glob("*/tokenizer.json")
    stored.write_bytes(stored.read_bytes()[:99])
    assert Tokenizer.load(tmp_path, 31).fingerprint == found.fingerprint
    # the second time no child process is started
    monkeypatch.setattr(auto_tokenizer, "ASK", "raise SystemExit(1)")
    assert Tokenizer.load(tmp_path, 31).fingerprint == found.fingerprint


def test_conversion_needs_transformers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(model_folder() / "vocab.txt", tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    message = r"has no tokenizer\.json, and converting its files needs transformers: pip install"
    with pytest.raises(ModelError, match=message):
        Tokenizer.load(tmp_path, 8)


@pytest.mark.slow
def test_conversion_that_fails_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "unheard-of"}')
    with pytest.raises(ModelError) as caught:
        Tokenizer.load(tmp_path, 8)
    assert "has no tokenizer.json, and transformers cannot convert its files: " in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"model": {"type": "Unheard"}}'])
def test_damaged_tokenizer(content: str, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(ModelError, match="is not a tokenizer of the tokenizers library") as caught:
        Tokenizer.load(tmp_path, 8)
    assert "\n" not in str(caught.value)
