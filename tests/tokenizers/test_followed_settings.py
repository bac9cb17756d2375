"""The tokens of a folder are those of transformers' AutoTokenizer, whatever its other files say."""

import json
from pathlib import Path
from typing import Any

import contradictions
import pytest
import ten_scripts
from transformers import AutoTokenizer

from ftcore.errors import ModelError
from ftcore.text import Tokenizer, check_class, check_tokenizer, copy_tokenizer

Sequences = list[tuple[list[int], list[int]]]
LENGTHS = (12, 400)
WITHOUT_TRANSFORMERS = {
    "capitals kept": "do_lower_case",
    "capitals lowered by the class": "do_lower_case",
    "accents kept": "strip_accents",
    "Chinese not split": "tokenize_chinese_chars",
    "another separator": "cls_token or sep_token",
    "another unknown": "unk_token",
    "added tokens that take spaces": "added_tokens_decoder",
    "special tokens of a model": "entity_token",
    "a role for a new token": "pad_token",
    "a space before the text": "add_prefix_space",
    "GPT-2 with a space": "add_prefix_space",
    "pieces for DeBERTa, lowered": "do_lower_case",
}
"""The field that an error names where transformers is not installed."""
FEW = ("capitals kept", "added tokens that take spaces", "cut at the begin", "merges of GPT-2 with a begin")


def theirs(tokenizer: Any, length: int, *texts: list[str]) -> Sequences:
    found = tokenizer(*texts, truncation="longest_first", max_length=length)
    types = found.get("token_type_ids") or [[0] * len(ids) for ids in found["input_ids"]]
    return list(zip(found["input_ids"], types, strict=True))


def ours(tokenizer: Tokenizer, *texts: list[str]) -> Sequences:
    chunk, begin, found = tokenizer.encode(*texts), 0, []
    for count in chunk.lengths.tolist():
        found.append((chunk.ids[begin : begin + count].tolist(), chunk.type_ids[begin : begin + count].tolist()))
        begin += count
    return found


def check(name: str, folder: Path, count: int) -> None:
    """Compare a case with AutoTokenizer, and the folder of a result made of it."""
    folder.mkdir()
    contradictions.CASES[name](folder)
    texts = ten_scripts.texts(count)
    pair = (texts[:50], texts[50:100])
    reference, result = AutoTokenizer.from_pretrained(folder), AutoTokenizer.from_pretrained(write_result(folder))
    for length in LENGTHS:
        tokenizer = Tokenizer.load(folder, length)
        found, of_pairs = ours(tokenizer, texts), ours(tokenizer, *pair)
        assert found == theirs(reference, length, texts)
        assert [ids for ids, _ in of_pairs] == [ids for ids, _ in theirs(reference, length, *pair)]
        assert found == theirs(result, length, texts)
        # A result says to transformers whether the network is told the second text.
        assert of_pairs == theirs(result, length, *pair)


def write_result(folder: Path) -> Path:
    """Write the tokenizer of a result beside the config.json of a network with token types."""
    result, config = folder / "result", folder / "config.json"
    result.mkdir()
    described = json.loads(config.read_text()) if config.is_file() else {}
    (result / "config.json").write_text(json.dumps({**described, "type_vocab_size": 2}))
    copy_tokenizer(folder, result)
    return result


@pytest.mark.parametrize("name", FEW)
def test_some_settings(name: str, tmp_path: Path) -> None:
    check(name, tmp_path / "folder", 100)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(contradictions.CASES) - set(FEW)))
def test_every_setting(name: str, tmp_path: Path) -> None:
    check(name, tmp_path / "folder", 500)


@pytest.mark.slow
@pytest.mark.parametrize("model_type", ["roberta", "modernbert"])
@pytest.mark.parametrize("name", ["vocab.txt, cased", "capitals lowered by the class"])
def test_a_tokenizer_of_another_architecture(name: str, model_type: str, tmp_path: Path) -> None:
    contradictions.CASES[name](tmp_path)
    wanted = ours(Tokenizer.load(tmp_path, 400), ten_scripts.texts(100))
    result = tmp_path / "result"
    result.mkdir()
    (result / "config.json").write_text(json.dumps({"model_type": model_type}))
    copy_tokenizer(tmp_path, result)
    assert theirs(AutoTokenizer.from_pretrained(result), 400, ten_scripts.texts(100)) == wanted
    assert ours(Tokenizer.load(result, 400), ten_scripts.texts(100)) == wanted


@pytest.mark.parametrize("named", [False, True])
def test_a_token_that_a_class_adds_without_a_row_in_the_network(named: bool, tmp_path: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"]
    (tmp_path / "vocab.txt").write_text("".join(f"{word}\n" for word in words))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert", "vocab_size": len(words)}))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"mask_token": "[MASK]"} if named else {}))
    if named:
        with pytest.raises(ModelError, match=r"the token '\[MASK\]' \(mask_token\) of tokenizer_config\.json"):
            check_tokenizer(tmp_path, len(words))
        return
    check_tokenizer(tmp_path, len(words))
    tokenizer = Tokenizer.load(tmp_path, 16)
    assert ours(tokenizer, ["b a", "c"]) == theirs(AutoTokenizer.from_pretrained(tmp_path), 16, ["b a", "c"])
    assert max(tokenizer.plain(["a [MASK] b"])[0]) < len(words)


@pytest.mark.slow
def test_a_model_type_whose_class_transformers_chooses(tmp_path: Path) -> None:
    contradictions.CASES["GPT-2 with a space"](tmp_path)
    with pytest.raises(ModelError, match="reads the tokenizer of every qwen2 as Qwen2Tokenizer"):
        check_class(tmp_path, "qwen2")
    check_class(tmp_path, "qwen3")


@pytest.mark.parametrize("name", contradictions.REFUSED)
def test_what_cannot_be_followed_is_named(name: str, tmp_path: Path) -> None:
    contradictions.REFUSED[name](tmp_path)
    with pytest.raises(ModelError, match=name) as caught:
        Tokenizer.load(tmp_path, 16)
    assert "\n" not in str(caught.value)
    assert "tokenizer_config.json" in str(caught.value)


@pytest.mark.parametrize("name", WITHOUT_TRANSFORMERS)
def test_a_contradiction_is_an_error_without_transformers(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contradictions.CASES[name](tmp_path)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError) as caught:
        Tokenizer.load(tmp_path, 16)
    assert str(caught.value).startswith(f"{tmp_path / 'tokenizer_config.json'}: {WITHOUT_TRANSFORMERS[name]} ")
    assert "\n" not in str(caught.value)


def test_an_earlier_result_is_read_as_it_was_trained_or_refused(tmp_path: Path) -> None:
    contradictions.CASES["no token types"](tmp_path)
    for said, told in (("{}", True), ('{"tokenizer": "as AutoTokenizer"}', False)):
        (tmp_path / "ftcore.json").write_text(said)
        ((_, types),) = ours(Tokenizer.load(tmp_path, 16), ["a"], ["b"])
        assert (1 in types) == told
    contradictions.CASES["capitals kept"](tmp_path)
    (tmp_path / "ftcore.json").write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer_config\.json: do_lower_case asks for False"):
        Tokenizer.load(tmp_path, 16)
